//! CASEpeer's outbox: what staff typed for clients, until a receipt says what became of it.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::pages::page_of_kept;
use super::validation::Faults;
use super::world::{ANN, World, minute};

impl World {
    /// Staff type a message in CASEpeer's case. Answers its id.
    pub fn outbound(&mut self, case: u64, body: &str) -> String {
        let number = self.outbox.len() + 1;
        let id = format!("out-{number}");
        self.outbox.push(json!({ "id": id, "case_id": case, "body": body, "author_email": ANN, "created_at": minute(number) }));
        id
    }

    /// What CASEpeer was told about an outbound message.
    pub fn receipt(&self, message: &str) -> Option<&Value> {
        self.receipts.get(message)
    }
}

/// Lists the messages that wait for a receipt.
pub fn list(world: &World, call: &Call) -> Answer {
    page_of_kept(&world.outbox, call, |message| {
        message["id"].as_str().is_some_and(|id| world.receipt(id).is_none() && !world.unlisted.contains(id))
    })
}

/// Takes a receipt. The first stands.
pub fn put_receipt(world: &mut World, message: &str, sent: &Value) -> Option<Answer> {
    world.outbox.iter().find(|held| held["id"] == message)?;
    let mut faults = Faults::new();
    if !["delivered", "failed"].iter().any(|known| sent["status"] == *known) {
        faults.push(("status".to_owned(), "is not known"));
    }
    for field in ["case_status_message_id", "error"] {
        if sent.get(field).is_some_and(|value| !value.is_string()) {
            faults.push((field.to_owned(), "must be text"));
        }
    }
    if !faults.is_empty() {
        return Some(Answer::invalid(&faults));
    }
    // The contract gives this answer no body.
    if world.receipts.contains_key(message) {
        return Some(Answer::of(200, Value::Null));
    }
    world.receipts.insert(message.to_owned(), sent.clone());
    Some(Answer::applied(200, Value::Null))
}
