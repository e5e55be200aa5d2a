//! CASEpeer, by `contracts/casepeer.openapi.yaml`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::pages::page;
use super::world::World;
use super::{filed, outbox};

/// The firm's name on this side, as `firm verify` shows it.
pub const FIRM: &str = "Hartwell in CASEpeer";

/// Does what is asked.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let segments: Vec<&str> = call.path.split('/').skip(1).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["account"]) => Answer::of(200, json!({ "account_id": world.casepeer_account.0, "firm_name": world.casepeer_account.1 })),
        ("GET", ["cases"]) => list(world, call),
        ("GET", ["cases", id]) => match find(world, id) {
            Some(found) => Answer::of(200, found.clone()),
            None => not_found(),
        },
        ("PUT", ["cases", id, "connection"]) => mark(world, id, call),
        ("GET", ["cases", id, "notes"]) => within(world, id, |world, case| filed::notes(world, case, call)),
        ("POST", ["cases", id, "notes"]) => within(world, id, |world, case| filed::add_note(world, case, &call.body)),
        ("POST", ["cases", id, "documents"]) => within(world, id, |world, case| filed::add_document(world, case, &call.body)),
        ("GET", ["outbox"]) => outbox::list(world, call),
        ("PUT", ["outbox", id, "receipt"]) => outbox::put_receipt(world, id, &call.body).unwrap_or_else(not_found),
        _ => not_found(),
    }
}

fn list(world: &World, call: &Call) -> Answer {
    let connected = call.query.get("connected").map(|text| text == "true");
    let status = call.query.get("status");
    let since: Option<Timestamp> = call.query.get("updated_since").and_then(|text| text.parse().ok());
    let kept: Vec<Value> = world
        .peer
        .values()
        .filter(|held| connected.is_none_or(|wanted| held["connected"] == wanted))
        .filter(|held| status.is_none_or(|wanted| held["status"] == **wanted))
        .filter(|held| since.is_none_or(|since| held["updated_at"].as_str().and_then(|at| at.parse().ok()) >= Some(since)))
        .cloned()
        .collect();
    page(&kept, call)
}

fn mark(world: &mut World, id: &str, call: &Call) -> Answer {
    let Some(held) = find(world, id) else { return not_found() };
    let Some(other) = call.body["case_status_case_id"].as_str() else {
        return Answer::invalid(&[("case_status_case_id".to_owned(), "is required")]);
    };
    held["connected"] = json!(true);
    // No contract shows it again; tests read it to see which case was marked.
    held["marked_as"] = json!(other);
    Answer::applied(200, held.clone())
}

/// Does something within a case that exists.
fn within(world: &mut World, id: &str, work: impl FnOnce(&mut World, u64) -> Answer) -> Answer {
    match id.parse().ok().filter(|case| world.peer.contains_key(case)) {
        Some(case) => work(world, case),
        None => not_found(),
    }
}

fn find<'w>(world: &'w mut World, id: &str) -> Option<&'w mut Value> {
    world.peer.get_mut(&id.parse().ok()?)
}

fn not_found() -> Answer {
    Answer::error(404, "not_found", "there is no such thing")
}
