//! Okafor & Lindqvist: a stricter firm, that wants a case with an unknown stage stopped and a closed one opened again.

use serde_json::{Value, json};

use super::conversations::{Said, converse, type_message};
use super::documents::{Shared, share};
use super::{Seed, connect, practice_area, stranger, user};
use crate::sandbox::{SandboxFirm, World};

const DOMAIN: &str = "okafor-lindqvist.example";

const STAGES: [(i64, &str); 6] =
    [(1, "Getting Started"), (2, "Medical Care"), (3, "Building the Case"), (4, "Settlement Talks"), (5, "In Court"), (6, "Wrapping Up")];

/// Okafor & Lindqvist: 30 cases in CASEpeer, 28 of them connected.
pub fn okafor() -> SandboxFirm {
    let attorneys = [user("attorney", "Chidi", "Okafor", DOMAIN, true), user("attorney", "Astrid", "Lindqvist", DOMAIN, true)];
    let paralegals = [user("paralegal", "Bea", "Santos", DOMAIN, true), user("paralegal", "Liam", "Ortiz", DOMAIN, true)];
    let mut world = World {
        practice_areas: vec![
            practice_area("Auto", &STAGES),
            practice_area("Premises", &STAGES),
            practice_area("Medical Malpractice", &STAGES),
        ],
        ..World::new("Okafor and Lindqvist LLP", "Okafor & Lindqvist")
    };
    world.staff.extend(attorneys.iter().chain(&paralegals).cloned());
    for id in 91_001..=91_030 {
        let seed = seed(id, &attorneys, &paralegals);
        if id > 91_028 {
            world.cases.insert(id, seed.case());
        } else {
            connect(&mut world, &seed);
        }
    }
    differ(&mut world, &attorneys);
    converse(
        &mut world,
        &[
            Said::Client(91_007, "¿Cuándo sabremos algo del seguro?"),
            Said::Firm(91_007, "We expect an answer within two weeks."),
            Said::Client(91_018, "Thank you for everything!"),
        ],
    );
    type_message(&mut world, 91_003, "okafor@okafor-lindqvist.example", "The complaint was filed today. The next step is the court's.");
    share(
        &mut world,
        &[
            (91_007, "Póliza de seguro.pdf", Shared::Pdf(&["Pacific Insurance", "Policy 77-204913", "Bodily injury: 100,000 per person"])),
            (
                91_018,
                "what happened.txt",
                Shared::Text("I was at the counter when the surgeon came out and said that it had taken longer.\r\n"),
            ),
        ],
    );
    SandboxFirm {
        name: "okafor".to_owned(),
        casepeer_key: "sandbox-okafor-casepeer".to_owned(),
        case_status_key: "sandbox-okafor-case-status".to_owned(),
        world,
    }
}

fn seed<'a>(id: u64, attorneys: &'a [Value; 2], paralegals: &'a [Value; 2]) -> Seed<'a> {
    let (case_type, practice_area, stage) = match id % 5 {
        0 => ("Auto Accident", "Auto", ("Treatment", 2)),
        // Typed as people type; this firm's rules do not mind.
        1 => ("Auto Accident", "Auto", ("TREATMENT", 2)),
        2 => ("Slip and Fall", "Premises", ("Pre-Litigation", 3)),
        3 => ("Medical Malpractice", "Medical Malpractice", ("Negotiation", 4)),
        _ => ("Auto Accident", "Auto", ("Intake", 1)),
    };
    let which = usize::from(id.is_multiple_of(2));
    Seed { id, case_type, practice_area, stage, attorney: &attorneys[which], paralegal: &paralegals[which], opened_on: "2025-09-08" }
}

fn differ(world: &mut World, attorneys: &[Value; 2]) {
    let mut case = |id: u64, change: &dyn Fn(&mut Value)| {
        if let Some(case) = world.cases.get_mut(&id) {
            change(case);
        }
    };
    case(91_003, &|case| case["stage"] = json!("Litigation"));
    case(91_005, &|case| case["stage"] = json!("Settlement Conference"));
    case(91_008, &|case| case["staff"][0] = super::staff("primary_attorney", &attorneys[0]));
    case(91_010, &|case| case["staff"][0] = stranger("primary_attorney", "Piet Vanderberg", "p.vanderberg@okafor-lindqvist.example"));
    case(91_014, &|case| case["opened_on"] = json!("2025-08-30"));
    case(91_018, &|case| case["status"] = json!("closed"));
    case(91_023, &|case| case["opened_on"] = Value::Null);
    // The firm writes its own descriptions in Case Status; its rules leave them alone.
    case(91_025, &|case| case["description"] = json!("Internal: see memo"));
    for (id, status) in [(91_012, "closed"), (91_016, "on_hold")] {
        if let Some(existing) = world.existing_mut(id) {
            existing["status"] = json!(status);
        }
    }
}
