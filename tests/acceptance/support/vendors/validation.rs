//! What is refused with 422, foremost by Case Status. Where the contract leaves room, this vendor is the strict kind.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::world::World;

/// The faults of a request: the field, and what is wrong with it.
pub type Faults = Vec<(String, &'static str)>;

const PATCHABLE: [&str; 10] = [
    "readable_id",
    "practice_area",
    "stage",
    "status",
    "primary_attorney_email",
    "additional_attorney_emails",
    "paralegal_emails",
    "description",
    "case_date",
    "closed_date",
];

/// The faults of a `NewCase`.
pub fn new_case(world: &World, body: &Value) -> Faults {
    let mut faults = Faults::new();
    for field in ["integration_id", "readable_id", "practice_area", "primary_attorney_email"] {
        if body[field].as_str().is_none_or(str::is_empty) {
            faults.push((field.to_owned(), "is required"));
        }
    }
    for field in ["first_name", "last_name"] {
        if body["client"][field].as_str().is_none_or(str::is_empty) {
            faults.push((format!("client.{field}"), "is required"));
        }
    }
    if !body["client"]["phone"].as_str().is_some_and(is_e164) {
        faults.push(("client.phone".to_owned(), "must be E.164"));
    }
    if !body["create_client"].is_boolean() {
        faults.push(("create_client".to_owned(), "is required"));
    }
    content(world, &Value::Null, body, &mut faults);
    faults
}

/// The faults of a `CasePatch` of the case `held`.
pub fn patch(world: &World, held: &Value, body: &Value) -> Faults {
    let mut faults = Faults::new();
    let Some(properties) = body.as_object().filter(|properties| !properties.is_empty()) else {
        return vec![("body".to_owned(), "must be an object that changes something")];
    };
    for name in properties.keys().filter(|name| !PATCHABLE.contains(&name.as_str())) {
        faults.push((name.clone(), "is not a property of a case"));
    }
    content(world, held, body, &mut faults);
    faults
}

/// What holds for new cases and for changes alike.
fn content(world: &World, held: &Value, body: &Value, faults: &mut Faults) {
    let mut fault = |field: &str, message: &'static str| faults.push((field.to_owned(), message));
    let area = body.get("practice_area").unwrap_or(&held["practice_area"]);
    let area = world.areas.iter().find(|known| known["name"] == *area);
    if body.get("practice_area").is_some() && area.is_none() {
        fault("practice_area", "is not known");
    }
    if let Some(stage) = body.get("stage") {
        let stages = area.and_then(|area| area["stages"].as_array());
        if !stages.is_some_and(|stages| stages.iter().any(|known| known["number"] == *stage)) {
            fault("stage", "is not in the practice area");
        }
    }
    if let Some(status) = body.get("status")
        && !["open", "closed", "on_hold"].iter().any(|known| status == known)
    {
        fault("status", "is not known");
    }
    if let Some(email) = body.get("primary_attorney_email")
        && !member(world, email, "attorney")
    {
        fault("primary_attorney_email", "is no active attorney");
    }
    for (field, role) in [("additional_attorney_emails", "attorney"), ("paralegal_emails", "paralegal")] {
        let Some(emails) = body.get(field) else { continue };
        if !emails.as_array().is_some_and(|emails| emails.iter().all(|email| member(world, email, role))) {
            fault(field, "must be a list of active staff");
        }
    }
    for field in ["readable_id"] {
        if body.get(field).is_some_and(|value| !value.is_string()) {
            fault(field, "must be text");
        }
    }
    for field in ["case_date", "closed_date"] {
        let date = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok());
        if body.get(field).is_some_and(|value| !date(value)) {
            fault(field, "must be a date");
        }
    }
    if body.get("description").is_some_and(|value| !value.is_string() && !value.is_null()) {
        fault("description", "must be text");
    }
}

fn member(world: &World, email: &Value, role: &str) -> bool {
    let Some(email) = email.as_str() else { return false };
    let same = |known: &Value| known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(email));
    world.staff.iter().any(|known| same(&known["email"]) && known["role"] == role && known["active"] == true)
}

/// Whether it is text of so many characters.
pub fn is_text(value: &Value, length: RangeInclusive<usize>) -> bool {
    value.as_str().is_some_and(|text| length.contains(&text.chars().count()))
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}
