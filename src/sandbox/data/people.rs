//! Invented people. Every phone number is one that is never assigned to a person (555-01xx), but for the ones made bad on purpose.

use serde_json::{Value, json};

const FIRST: [&str; 24] = [
    "Maria", "James", "Aisha", "Daniel", "Grace", "Luis", "Hannah", "Omar", "Priya", "Thomas", "Elena", "Marcus", "Ingrid", "Kofi", "Rosa",
    "Walter", "Mei", "Patrick", "Noor", "Felix", "Teresa", "Andre", "Sofia", "Henry",
];
const LAST: [&str; 29] = [
    "Alvarez",
    "Bennett",
    "Chowdhury",
    "Delgado",
    "Eriksen",
    "Fontaine",
    "Greer",
    "Haddad",
    "Ibarra",
    "Jensen",
    "Kowalski",
    "Lam",
    "Moreau",
    "Nakamura",
    "O'Brien",
    "Petrov",
    "Quinn",
    "Ramírez",
    "Sato",
    "Thibault",
    "Ueda",
    "Vasquez",
    "Whitfield",
    "Xiong",
    "Yilmaz",
    "Zielinski",
    "Abernathy",
    "Castellanos",
    "Dubois",
];
const OPPONENTS: [&str; 6] = ["Acme Trucking", "Brightline Stores", "City Transit", "Harbor Hotels", "Metro Foods", "Pacific Insurance"];

pub(super) fn client(id: u64) -> Value {
    let (first, last) = (pick(&FIRST, id), pick(&LAST, id));
    let plain: String = last.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    json!({
        "id": 900_000 + id, "first_name": first, "last_name": last, "email": format!("{}.{plain}@example.net", first.to_lowercase()),
        "phones": [{ "label": "Mobile", "number": typed(id) }]
    })
}

/// The number as people type it, each a little differently.
fn typed(id: u64) -> String {
    let last = 100 + id % 100;
    match id % 4 {
        0 => format!("(213) 555-0{last}"),
        1 => format!("213.555.0{last}"),
        2 => format!("+1 213 555 0{last}"),
        _ => format!("2135550{last}"),
    }
}

pub(super) fn e164(id: u64) -> String {
    format!("+12135550{}", 100 + id % 100)
}

pub(super) fn case_name(id: u64) -> String {
    format!("{} v. {}", pick(&LAST, id), pick(&OPPONENTS, id))
}

pub(super) fn description(case_type: &str, id: u64) -> String {
    let details: [&str; 4] = match case_type {
        "Auto Accident" => ["Rear-ended at a red light", "Side collision on the freeway", "Hit at a crossing", "Pile-up in the rain"],
        "Truck Accident" => ["Struck by a delivery truck", "Jack-knifed trailer", "Truck ran a stop sign", "Lost load on the highway"],
        "Dog Bite" => ["Bitten on a morning walk", "Bitten by a neighbour's dog", "Bitten while delivering mail", "Bitten in a park"],
        "Slip and Fall" => ["Fell on a wet shop floor", "Fell on icy steps", "Broken handrail", "Loose carpet in a hotel"],
        _ => ["Late diagnosis", "Wrong dosage", "Surgical complication", "Missed fracture"],
    };
    pick(&details, id).to_owned()
}

fn pick<'a>(from: &[&'a str], id: u64) -> &'a str {
    let index = usize::try_from(id).unwrap_or_default() % from.len();
    from[index]
}
