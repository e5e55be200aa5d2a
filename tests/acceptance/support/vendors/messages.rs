//! Case Status's messages between clients and firm.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::validation::{Faults, is_text};
use super::world::{World, minute, surname};

impl World {
    /// Adds a message that nobody sent by the API; `direction` is `from_client` or `from_firm`. Answers its id.
    pub fn message(&mut self, id: u64, direction: &str, body: &str) -> String {
        let case = self.status(id).clone();
        let sender = case["primary_attorney_email"].as_str().filter(|_| direction == "from_firm");
        let mut made = written(self, &case, sender, body);
        if direction == "from_client" {
            made["sender_name"] = json!(format!("Jane {}", surname(id)));
        }
        made["direction"] = json!(direction);
        self.messages.push(made.clone());
        text(&made["id"])
    }

    /// The messages of a case that came in by the API, in the order in which they were sent.
    pub fn sent(&self, id: u64) -> Vec<&Value> {
        let wanted = json!(id.to_string());
        self.messages.iter().filter(|held| held["integration_id"] == wanted && held["idempotency_key"].is_string()).collect()
    }
}

/// Sends the clients of a case a message.
pub fn send(world: &mut World, case: &Value, call: &Call) -> Answer {
    let mut faults = Faults::new();
    if !is_text(&call.body["body"], 1..=5_000) {
        faults.push(("body".to_owned(), "must be text of 1 to 5,000 characters"));
    }
    let sender = call.body.get("sender_email").unwrap_or(&case["primary_attorney_email"]);
    let known = |email: &str| world.staff.iter().any(|member| member["active"] == true && same(&member["email"], email));
    // Who sends as somebody must name a person; the primary attorney is taken as the case has it.
    if call.body.get("sender_email").is_some() && !sender.as_str().is_some_and(known) {
        faults.push(("sender_email".to_owned(), "is no active staff"));
    }
    if !faults.is_empty() {
        return Answer::invalid(&faults);
    }
    let mut made = written(world, case, sender.as_str(), call.body["body"].as_str().unwrap_or_default());
    made["idempotency_key"] = json!(call.idempotency_key);
    world.messages.push(made.clone());
    Answer::applied(201, made)
}

/// A message of the firm, as the API shows it.
fn written(world: &World, case: &Value, sender: Option<&str>, body: &str) -> Value {
    let member = world.staff.iter().find(|member| sender.is_some_and(|email| same(&member["email"], email)));
    let name = member.map(|member| format!("{} {}", text(&member["first_name"]), text(&member["last_name"])));
    let number = world.messages.len() + 1;
    json!({
        "id": format!("msg-{number}"), "case_id": case["id"], "integration_id": case["integration_id"], "direction": "from_firm",
        "sender_name": name.as_deref().or(sender).unwrap_or_default(), "sender_email": sender, "body": body, "sent_at": minute(number),
        "idempotency_key": null
    })
}

fn same(known: &Value, email: &str) -> bool {
    known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(email))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
