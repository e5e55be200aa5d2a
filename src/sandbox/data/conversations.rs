//! What clients and firms have written to each other, and what staff have typed in CASEpeer since.

use crate::sandbox::world::{SandboxMessage, SandboxOutbound, World};

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
        let (sender_name, sender_email) = if from_client {
            (format!("{} {}", case.client.first_name, case.client.last_name), case.client.email)
        } else {
            let sender = world.user(&case.primary_attorney_email);
            (sender.map(|user| format!("{} {}", user.first_name, user.last_name)).unwrap_or_default(), Some(case.primary_attorney_email))
        };
        let number = world.messages.len() + 1;
        world.messages.push(SandboxMessage {
            id: format!("msg_{number}"),
            case_id: case.id,
            integration_id: case.integration_id,
            direction: if from_client { "from_client" } else { "from_firm" },
            sender_name,
            sender_email,
            body: body.to_owned(),
            sent_at: format!("2026-11-20T16:{:02}:00Z", number % 60),
            idempotency_key: None,
        });
    }
}

/// Adds a message that staff typed in CASEpeer and that waits to be sent.
pub(super) fn type_message(world: &mut World, case_id: u64, author_email: &str, body: &str) {
    let number = world.outbox.len() + 1;
    world.outbox.push(SandboxOutbound {
        id: format!("out_{number}"),
        case_id,
        body: body.to_owned(),
        author_email: author_email.to_owned(),
        created_at: format!("2026-11-20T17:{:02}:00Z", number % 60),
    });
}
