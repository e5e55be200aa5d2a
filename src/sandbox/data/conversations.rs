//! What clients and firms have written to each other, and what staff have typed in CASEpeer since.

use serde_json::{Value, json};

use crate::sandbox::world::{World, full_name, text};

/// A message in Case Status, by integration ID.
pub(super) enum Said<'a> {
    /// By the client.
    Client(u64, &'a str),
    /// By the case's primary attorney.
    Firm(u64, &'a str),
}

/// Adds messages in the order in which they were sent. One to a case that Case Status lacks is left out.
pub(super) fn converse(world: &mut World, said: &[Said<'_>]) {
    for said in said {
        let (id, body, from_client) = match *said {
            Said::Client(id, body) => (id, body, true),
            Said::Firm(id, body) => (id, body, false),
        };
        let Some(case) = world.existing_mut(id).cloned() else { continue };
        let attorney = text(&case, "primary_attorney_email");
        let sender = if from_client { Some(&case["client"]) } else { world.user(attorney) };
        let number = world.messages.len() + 1;
        world.messages.push(json!({
            "id": format!("msg_{number}"), "case_id": case["id"], "integration_id": case["integration_id"],
            "direction": if from_client { "from_client" } else { "from_firm" }, "sender_name": sender.map(full_name),
            "sender_email": if from_client { &case["client"]["email"] } else { &case["primary_attorney_email"] }, "body": body,
            "sent_at": format!("2026-11-20T16:{:02}:00Z", number % 60), "idempotency_key": Value::Null
        }));
    }
}

/// Adds a message that staff typed in CASEpeer and that waits to be sent.
pub(super) fn type_message(world: &mut World, case_id: u64, author_email: &str, body: &str) {
    let number = world.outbox.len() + 1;
    world.outbox.push(json!({
        "id": format!("out_{number}"), "case_id": case_id, "body": body, "author_email": author_email,
        "created_at": format!("2026-11-20T17:{:02}:00Z", number % 60)
    }));
}
