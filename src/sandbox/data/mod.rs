//! Firms to play with: two that ship with rules of their own and troubles of their own, and any number of generated ones.

mod conversations;
mod documents;
mod generated;
mod hartwell;
mod okafor;
mod people;

pub use generated::generated;
pub use hartwell::hartwell;
pub use okafor::okafor;

use serde_json::{Value, json};

use super::world::{World, full_name};

/// A case before anything differs between the vendors.
#[derive(Clone, Copy)]
struct Seed<'a> {
    id: u64,
    case_type: &'a str,
    practice_area: &'a str,
    /// CASEpeer's name of the stage, and its number in Case Status.
    stage: (&'a str, i64),
    attorney: &'a Value,
    paralegal: &'a Value,
    opened_on: &'a str,
}

impl Seed<'_> {
    fn case(&self) -> Value {
        json!({
            "id": self.id, "case_number": format!("PI-{}-{:04}", &self.opened_on[..4], self.id % 10_000), "name": people::case_name(self.id),
            "case_type": self.case_type, "stage": self.stage.0, "status": "open",
            "description": people::description(self.case_type, self.id), "opened_on": self.opened_on, "closed_on": null, "connected": false,
            "client": people::client(self.id),
            "staff": [staff("primary_attorney", self.attorney), staff("paralegal", self.paralegal)],
            "updated_at": "2026-11-20T16:00:00Z"
        })
    }
}

/// Adds a case that is connected and the same on both sides.
fn connect(world: &mut World, seed: &Seed<'_>) {
    let mut case = seed.case();
    case["connected"] = json!(true);
    let client = &case["client"];
    world.existing.push(json!({
        "id": format!("cs_{}", world.existing.len() + 1), "integration_id": seed.id.to_string(), "readable_id": case["case_number"],
        "practice_area": seed.practice_area, "stage": seed.stage.1, "status": "open", "primary_attorney_email": seed.attorney["email"],
        "additional_attorney_emails": [], "paralegal_emails": [seed.paralegal["email"]], "description": case["description"],
        "case_date": seed.opened_on, "closed_date": null,
        "client": {
            "first_name": client["first_name"], "last_name": client["last_name"], "phone": people::e164(seed.id), "email": client["email"]
        },
        "updated_at": "2026-11-20T16:00:00Z"
    }));
    world.cases.insert(seed.id, case);
}

fn staff(role: &str, user: &Value) -> Value {
    json!({ "role": role, "name": full_name(user), "email": user["email"] })
}

/// Someone whom Case Status does not know.
fn stranger(role: &str, name: &str, email: &str) -> Value {
    json!({ "role": role, "name": name, "email": email })
}

fn user(role: &str, first_name: &str, last_name: &str, domain: &str, active: bool) -> Value {
    let name = last_name.to_lowercase();
    json!({
        "id": format!("usr_{name}"), "email": format!("{name}@{domain}"), "first_name": first_name, "last_name": last_name, "role": role,
        "active": active
    })
}

fn practice_area(name: &str, stages: &[(i64, &str)]) -> Value {
    let stages: Vec<Value> = stages.iter().map(|(number, name)| json!({ "number": number, "name": name })).collect();
    json!({ "id": format!("pa_{}", name.to_lowercase().replace(' ', "_")), "name": name, "stages": stages })
}
