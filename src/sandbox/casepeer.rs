//! CASEpeer's routes.

use serde_json::{Value, json};

use super::reply::{Reply, Request, page};
use super::world::{Note, World};

pub(super) fn answer(world: &mut World, request: &Request<'_>) -> Reply {
    match (request.method, request.path.as_slice()) {
        ("GET", ["account"]) => Reply::ok(&json!({ "account_id": "acct-1", "firm_name": world.casepeer_firm_name })),
        ("GET", ["cases"]) => cases(world, request),
        ("GET", ["cases", id]) => match id.parse().ok().and_then(|id: u64| world.cases.get(&id)) {
            Some(case) => Reply::ok(case),
            None => Reply::not_found(),
        },
        ("PUT", ["cases", id, "connection"]) => connect(world, request, id),
        ("GET", ["cases", id, "notes"]) => {
            let id: Option<u64> = id.parse().ok();
            page(request, world.notes.iter().filter(|(case, _)| Some(*case) == id).map(|(_, note)| (note.id, note)))
        }
        ("POST", ["cases", id, "notes"]) => add_note(world, request, id),
        ("GET", ["outbox"]) => page(request, world.outbox.iter().enumerate().map(|(at, message)| (at as u64, message))),
        ("PUT", ["outbox", id, "receipt"]) => {
            let before = world.outbox.len();
            world.outbox.retain(|message| message.id != *id);
            Reply { wrote: world.outbox.len() < before, ..Reply::ok(&json!({})) }
        }
        _ => Reply::not_found(),
    }
}

fn cases(world: &World, request: &Request<'_>) -> Reply {
    let connected = match request.query.get("connected").map(String::as_str) {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Reply::error(400, "invalid_connected", "true or false"),
    };
    let status = request.query.get("status");
    let since = request.query.get("updated_since");
    let wanted = world.cases.iter().filter(|(_, case)| {
        connected.is_none_or(|connected| case.connected == connected)
            && status.is_none_or(|status| case.status == status)
            && since.is_none_or(|since| case.updated_at.as_str() >= since.as_str())
    });
    page(request, wanted.map(|(id, case)| (*id, case)))
}

fn connect(world: &mut World, request: &Request<'_>, id: &str) -> Reply {
    let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
    if !body["case_status_case_id"].is_string() {
        return Reply::invalid(&[("case_status_case_id", "required")]);
    }
    match id.parse().ok().and_then(|id: u64| world.cases.get_mut(&id)) {
        Some(case) => {
            case.connected = true;
            Reply::wrote(200, case)
        }
        None => Reply::not_found(),
    }
}

fn add_note(world: &mut World, request: &Request<'_>, id: &str) -> Reply {
    let Some(id) = id.parse().ok().filter(|id: &u64| world.cases.contains_key(id)) else { return Reply::not_found() };
    let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
    let (Some(external_id), Some(text)) = (body["external_id"].as_str(), body["body"].as_str()) else {
        return Reply::invalid(&[("external_id", "required"), ("body", "required")]);
    };
    if text.chars().count() > 20_000 || external_id.chars().count() > 128 {
        return Reply::invalid(&[("body", "too_long")]);
    }
    if let Some((_, first)) = world.notes.iter().find(|(case, note)| *case == id && note.external_id == external_id) {
        return Reply::ok(first);
    }
    let note_id = world.notes.len() as u64 + 1;
    let created_at = body["occurred_at"].as_str().unwrap_or_default().to_owned();
    let note = Note { id: note_id, external_id: external_id.to_owned(), body: text.to_owned(), created_at };
    let reply = Reply::wrote(201, &note);
    world.notes.push((id, note));
    reply
}
