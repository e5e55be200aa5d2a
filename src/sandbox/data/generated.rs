//! Firms of any size, the same for the same seed: for benchmarks and tests of many cases.

use serde_json::json;

use super::{Seed, connect, practice_area, user};
use crate::sandbox::faults::scrambled;
use crate::sandbox::{SandboxFirm, World};

const STAGES: [(&str, i64); 7] =
    [("Intake", 1), ("Signed Up", 1), ("Treating", 3), ("Demand Prep", 4), ("Negotiation", 6), ("Litigation", 7), ("Settlement", 8)];

/// A firm of `cases` cases, `connected` of them connected, of which exactly `different` differ, each in one attribute. Its stages are
/// the ones that the rules of `hartwell` map, and its keys are `<name>-casepeer` and `<name>-case-status`.
pub fn generated(name: &str, seed: u64, cases: usize, connected: usize, different: usize) -> SandboxFirm {
    let domain = format!("{name}.example");
    let attorneys: Vec<_> =
        (b'a'..=b'h').map(|letter| user("attorney", "Attorney", &char::from(letter).to_string(), &domain, true)).collect();
    let paralegals: Vec<_> =
        (b'p'..=b'w').map(|letter| user("paralegal", "Paralegal", &char::from(letter).to_string(), &domain, true)).collect();
    let numbered: Vec<(i64, String)> = (1..=12).map(|number| (number, format!("Stage {number}"))).collect();
    let stages: Vec<(i64, &str)> = numbered.iter().map(|(number, name)| (*number, name.as_str())).collect();
    let mut world = World {
        staff: attorneys.iter().chain(&paralegals).cloned().collect(),
        practice_areas: vec![practice_area("Motor Vehicle", &stages), practice_area("Slip and Fall", &stages)],
        ..World::new(name, name)
    };
    let random = |place: usize, salt: u64| scrambled(seed.wrapping_mul(1_000_003).wrapping_add(place as u64 * 8 + salt));
    let below = |bits: u64, end: usize| usize::try_from(bits % end.max(1) as u64).unwrap_or_default();
    for place in 0..cases {
        let (case_type, practice_area) =
            if random(place, 0).is_multiple_of(3) { ("Slip and Fall", "Slip and Fall") } else { ("Auto Accident", "Motor Vehicle") };
        let seed = Seed {
            id: 10_001 + place as u64,
            case_type,
            practice_area,
            stage: STAGES[below(random(place, 1), STAGES.len())],
            attorney: &attorneys[below(random(place, 2), attorneys.len())],
            paralegal: &paralegals[below(random(place, 3), paralegals.len())],
            opened_on: "2025-03-14",
        };
        if place >= connected {
            world.cases.insert(seed.id, seed.case());
            continue;
        }
        connect(&mut world, &seed);
        // Spread evenly: exactly `different` of the places come here.
        if (place + 1) * different / connected == place * different / connected {
            continue;
        }
        if let Some(existing) = world.existing.last_mut() {
            match place % 3 {
                0 => existing["stage"] = json!(if existing["stage"] == 2 { 3 } else { 2 }),
                1 => existing["description"] = json!("Before the last edit"),
                _ => existing["case_date"] = json!("2025-03-01"),
            }
        }
    }
    SandboxFirm { name: name.to_owned(), casepeer_key: format!("{name}-casepeer"), case_status_key: format!("{name}-case-status"), world }
}
