//! Case Status, by `contracts/casestatus.openapi.yaml`.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::pages::{feed, page};
use super::validation::{new_case, patch};
use super::world::World;
use super::{documents, messages};

/// The firm's name on this side, as `firm verify` shows it.
pub const FIRM: &str = "Hartwell in Case Status";

/// Does what is asked.
pub fn answer(world: &mut World, call: &Call) -> Answer {
    let segments: Vec<&str> = call.path.split('/').skip(1).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["firm"]) => Answer::of(200, json!({ "id": world.case_status_account.0, "name": world.case_status_account.1 })),
        ("GET", ["staff"]) => {
            let role = call.query.get("role");
            let kept: Vec<Value> = world.staff.iter().filter(|member| role.is_none_or(|role| member["role"] == **role)).cloned().collect();
            page(&kept, call)
        }
        ("GET", ["practice-areas"]) => Answer::of(200, json!({ "data": world.areas })),
        ("GET", ["cases"]) => {
            let kept: Vec<Value> = world
                .status
                .iter()
                .filter(|held| call.query.get("integration_id").is_none_or(|wanted| held["integration_id"] == **wanted))
                .filter(|held| call.query.get("status").is_none_or(|wanted| held["status"] == **wanted))
                .cloned()
                .collect();
            page(&kept, call)
        }
        ("POST", ["cases"]) => once(world, call, |world| create(world, &call.body)),
        ("GET", ["cases", id]) => find(world, id).map_or_else(not_found, |at| Answer::of(200, world.status[at].clone())),
        ("PATCH", ["cases", id]) => update(world, id, &call.body),
        ("POST", ["cases", id, "messages"]) => once(world, call, |world| match find(world, id).map(|at| world.status[at].clone()) {
            Some(case) => messages::send(world, &case, call),
            None => not_found(),
        }),
        ("GET", ["messages"]) => feed("messages", &world.messages, call),
        ("GET", ["documents"]) => documents::list(world, call),
        ("GET", ["documents", id, "content"]) => documents::content(world, id).unwrap_or_else(not_found),
        _ => not_found(),
    }
}

/// Does something unless its key was there before; then it answers as it did.
fn once(world: &mut World, call: &Call, work: impl FnOnce(&mut World) -> Answer) -> Answer {
    let Some(key) = call.idempotency_key.clone().filter(|key| !key.is_empty() && key.len() <= 128) else {
        return Answer::error(400, "idempotency_key_required", "send Idempotency-Key");
    };
    if let Some((status, body)) = world.answered.get(&key) {
        return Answer::of(*status, body.clone());
    }
    let answer = work(world);
    world.answered.insert(key, (answer.status, answer.body.clone()));
    answer
}

fn create(world: &mut World, body: &Value) -> Answer {
    let faults = new_case(world, body);
    if !faults.is_empty() {
        return Answer::invalid(&faults);
    }
    if world.status.iter().any(|held| held["integration_id"] == body["integration_id"]) {
        return Answer::error(409, "duplicate_integration_id", "a case with this integration_id exists");
    }
    let mut made = json!({
        "stage": 1, "status": "open", "additional_attorney_emails": [], "paralegal_emails": [], "description": null,
        "case_date": null, "closed_date": null,
        "updated_at": "2026-11-02T12:00:00Z"
    });
    merge(&mut made, body);
    made["id"] = json!(format!("cs-{}", body["integration_id"].as_str().unwrap_or_default()));
    made.as_object_mut().expect("an object").remove("create_client");
    world.status.push(made.clone());
    Answer::applied(201, made)
}

fn update(world: &mut World, id: &str, body: &Value) -> Answer {
    let Some(at) = find(world, id) else { return not_found() };
    let faults = patch(world, &world.status[at], body);
    if !faults.is_empty() {
        return Answer::invalid(&faults);
    }
    merge(&mut world.status[at], body);
    Answer::applied(200, world.status[at].clone())
}

fn merge(held: &mut Value, body: &Value) {
    for (name, value) in body.as_object().into_iter().flatten() {
        held[name] = value.clone();
    }
}

fn find(world: &World, id: &str) -> Option<usize> {
    world.status.iter().position(|held| held["id"] == id)
}

fn not_found() -> Answer {
    Answer::error(404, "not_found", "there is no such thing")
}
