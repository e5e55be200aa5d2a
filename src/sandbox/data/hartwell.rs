//! Hartwell Injury Law: its mapping misses a stage that people spell two ways, and one of its attorneys has left.

use serde_json::{Value, json};

use super::conversations::{Said, converse, type_message};
use super::documents::{Shared, share};
use super::{Seed, connect, practice_area, staff, stranger, user};
use crate::sandbox::world::text;
use crate::sandbox::{SandboxFirm, World};

const DOMAIN: &str = "hartwell.example";

const STAGES: [(i64, &str); 8] = [
    (1, "Welcome"),
    (2, "Investigation"),
    (3, "Treatment"),
    (4, "Demand"),
    (5, "Adjuster Review"),
    (6, "Negotiation"),
    (7, "Litigation"),
    (8, "Settlement"),
];

/// Hartwell Injury Law: 39 cases in CASEpeer, 34 of them marked as connected, and 34 in Case Status.
pub fn hartwell() -> SandboxFirm {
    let attorneys = [user("attorney", "Ruth", "Hartwell", DOMAIN, true), user("attorney", "Samuel", "Okoye", DOMAIN, true)];
    let paralegals = [user("paralegal", "Dana", "Reyes", DOMAIN, true), user("paralegal", "Joel", "Fisher", DOMAIN, true)];
    let left = user("attorney", "Derek", "Marsh", DOMAIN, false);
    let mut world = World {
        practice_areas: vec![
            practice_area("Motor Vehicle", &STAGES),
            practice_area(
                "Dog Bite",
                &[(1, "Welcome"), (3, "Treatment"), (4, "Demand"), (5, "Talks"), (7, "Litigation"), (8, "Settlement")],
            ),
            practice_area("Slip and Fall", &STAGES),
            practice_area("Medical Malpractice", &[(1, "Welcome"), (3, "Records"), (4, "Expert Review"), (6, "Talks"), (8, "Settlement")]),
        ],
        ..World::new("Hartwell Injury Law, APC", "Hartwell Injury Law")
    };
    world.staff.extend(attorneys.iter().chain(&paralegals).cloned());
    world.staff.extend([left.clone(), user("admin", "Office", "Desk", DOMAIN, true)]);
    for id in 48_201..=48_240 {
        let seed = seed(id, &attorneys, &paralegals);
        match id {
            48_213 | 48_221 | 48_238..=48_240 => drop(world.cases.insert(id, seed.case())),
            _ => connect(&mut world, &seed),
        }
    }
    differ(&mut world, &left);
    ready_to_connect(&mut world);
    converse(
        &mut world,
        &[
            Said::Client(48_203, "My doctor wants to see me again on Thursday. Should I send you the bill?"),
            Said::Firm(48_203, "Yes please: a photo of it is fine."),
            Said::Client(48_206, "The surgery is on December 4 now."),
        ],
    );
    type_message(&mut world, 48_202, "okoye@hartwell.example", "The insurer has answered. Please call when you have ten minutes.");
    // Nobody can be reached over a case that was never connected.
    type_message(&mut world, 48_221, "hartwell@hartwell.example", "Welcome to the firm.");
    share(
        &mut world,
        &[
            (48_203, "IMG 2041 (1).jpg", Shared::Photo),
            (
                48_206,
                "surgery letter.pdf",
                Shared::Pdf(&[
                    "St. Vincent Orthopedics",
                    "Your surgery has been moved to December 4, 7:30 am.",
                    "Please do not eat after midnight.",
                ]),
            ),
            // CASEpeer no longer has the case.
            (48_235, "insurance-card.jpg", Shared::Photo),
        ],
    );
    SandboxFirm {
        name: "hartwell".to_owned(),
        casepeer_key: "sandbox-hartwell-casepeer".to_owned(),
        case_status_key: "sandbox-hartwell-case-status".to_owned(),
        world,
    }
}

fn seed<'a>(id: u64, attorneys: &'a [Value; 2], paralegals: &'a [Value; 2]) -> Seed<'a> {
    let (case_type, practice_area, stage) = match id {
        48_221 => ("Auto Accident", "Motor Vehicle", ("Treating", 3)),
        48_213 => ("Dog Bite", "Dog Bite", ("Negotiation", 5)),
        48_233 => ("Medical Malpractice", "Medical Malpractice", ("Treating", 3)),
        id => match id % 6 {
            0 => ("Auto Accident", "Motor Vehicle", ("Treating", 3)),
            1 => ("Truck Accident", "Motor Vehicle", ("Demand Prep", 4)),
            2 => ("Auto Accident", "Motor Vehicle", ("Negotiation", 6)),
            3 => ("Slip and Fall", "Slip and Fall", ("Treating", 3)),
            4 => ("Auto Accident", "Motor Vehicle", ("Demand Sent", 4)),
            _ => ("Dog Bite", "Dog Bite", ("Treating", 3)),
        },
    };
    let which = usize::from(id.is_multiple_of(2));
    let opened_on = if id < 48_220 { "2024-02-03" } else { "2025-06-17" };
    Seed { id, case_type, practice_area, stage, attorney: &attorneys[which], paralegal: &paralegals[which], opened_on }
}

/// What has changed in CASEpeer since the last sync, and what is not as it should be.
fn differ(world: &mut World, left: &Value) {
    let mut case = |id: u64, change: &dyn Fn(&mut Value)| {
        if let Some(case) = world.cases.get_mut(&id) {
            change(case);
        }
    };
    case(48_202, &|case| case["stage"] = json!("Negotiation"));
    case(48_204, &|case| case["stage"] = json!("Litigation"));
    case(48_206, &|case| case["description"] = json!("Hit at a crossing; second surgery scheduled"));
    case(48_208, &|case| {
        case["status"] = json!("closed");
        case["closed_on"] = json!("2026-11-19");
    });
    case(48_214, &|case| case["stage"] = json!("negotiation"));
    case(48_217, &|case| case["stage"] = json!("Lien Resolution"));
    case(48_228, &|case| case["staff"][0] = staff("primary_attorney", left));
    case(48_231, &|case| {
        if let Some(staff) = case["staff"].as_array_mut() {
            staff.push(stranger("paralegal", "Kim Adler", "k.adler@hartwell.example"));
        }
    });
    case(48_233, &|case| case["stage"] = json!("Litigation"));
    // The same person, typed by someone else.
    case(48_237, &|case| case["staff"][0]["email"] = json!(text(&case["staff"][0], "email").to_uppercase()));
    if let Some(held) = world.existing_mut(48_226) {
        held["status"] = json!("on_hold");
    }
    world.cases.remove(&48_235);
    world.existing.retain(|existing| existing["integration_id"] != "48236");
    for (place, existing) in world.existing.iter_mut().enumerate() {
        existing["id"] = json!(format!("cs_{}", place + 1));
    }
}

/// Cases that were never connected: one that can be, three that cannot, and one that nobody has asked for.
fn ready_to_connect(world: &mut World) {
    let phone = |label: &str, number: &str| json!({ "label": label, "number": number });
    if let Some(case) = world.cases.get_mut(&48_213) {
        case["case_number"] = json!("PI-2024-0113");
        case["client"]["phones"] = json!([phone("home", "(213) 555-7777"), phone("MOBILE", "310.555.8888 ext 2")]);
    }
    if let Some(case) = world.cases.get_mut(&48_238) {
        case["client"]["phones"] = json!([phone("mobile", "555-1212")]);
    }
    if let Some(case) = world.cases.get_mut(&48_239) {
        case["client"]["phones"] = json!([]);
    }
    if let Some(case) = world.cases.get_mut(&48_240) {
        case["staff"][0] = stranger("primary_attorney", "Lena Voss", "l.voss@hartwell.example");
    }
}
