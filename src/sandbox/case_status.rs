//! Case Status's routes, by `contracts/casestatus.openapi.yaml`.

use serde_json::{Map, Value, json};

use super::pages::{feed, page, page_with_total};
use super::reply::{SandboxReply, invalid_field};
use super::request::SandboxRequest;
use super::state::SandboxState;
use super::validation::{created, length, patched};
use super::world::{full_name, now, text};

pub(super) fn answer(state: &mut SandboxState, request: &SandboxRequest) -> Result<SandboxReply, SandboxReply> {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["firm"]) => {
            let (id, name) = &state.world().case_status_account;
            Ok(SandboxReply::ok(&json!({ "id": id, "name": name })))
        }
        ("GET", ["staff"]) => {
            let role = request.one_of("role", &["attorney", "paralegal"])?;
            page(request, (0..).zip(&state.world().staff).filter(|(_, user)| role.is_none_or(|role| user["role"] == *role)))
        }
        ("GET", ["practice-areas"]) => Ok(SandboxReply::ok(&json!({ "data": state.world().practice_areas }))),
        ("GET", ["cases"]) => cases(state, request),
        ("POST", ["cases"]) => once(state, request, create),
        ("GET", ["cases", id]) => {
            let place = place(state, id)?;
            Ok(SandboxReply::ok(&state.world().existing[place]))
        }
        ("PATCH", ["cases", id]) => update(state, request, id),
        ("POST", ["cases", id, "messages"]) => once(state, request, |state, body| send(state, id, body, request)),
        ("GET", ["messages"]) => feed(request, "messages", state.world().messages.iter()),
        ("GET", ["documents"]) => feed(request, "documents", state.world().documents.iter().map(|document| &document.about)),
        ("GET", ["documents", id, "content"]) => {
            let document = state.world().documents.iter().find(|document| document.about["id"] == **id);
            document.map(|document| SandboxReply::file(document.content.clone())).ok_or_else(SandboxReply::not_found)
        }
        _ => Err(SandboxReply::not_found()),
    }
}

fn place(state: &mut SandboxState, id: &str) -> Result<usize, SandboxReply> {
    state.place(id).ok_or_else(SandboxReply::not_found)
}

fn cases(state: &mut SandboxState, request: &SandboxRequest) -> Result<SandboxReply, SandboxReply> {
    let status = request.one_of("status", &["open", "closed", "on_hold"])?;
    // The one place of an integration ID, no place, or all of them.
    let places = match request.query.get("integration_id") {
        None => 0..state.world().existing.len(),
        Some(id) => state.place_of(id).map_or(0..0, |place| place..place + 1),
    };
    let existing = &state.world().existing;
    let wanted = places.map(|place| (place as u64, &existing[place]));
    page_with_total(request, wanted.filter(|(_, case)| status.is_none_or(|status| case["status"] == *status)))
}

/// Answers a repeated idempotency key what the first call was answered.
fn once(
    state: &mut SandboxState,
    request: &SandboxRequest,
    perform: impl FnOnce(&mut SandboxState, &Map<String, Value>) -> Result<SandboxReply, SandboxReply>,
) -> Result<SandboxReply, SandboxReply> {
    let Some(key) = request.idempotency_key.as_ref().filter(|key| (1..=128).contains(&key.len())) else {
        return Err(SandboxReply::error(400, "idempotency_key_required", "send an Idempotency-Key of at most 128 characters"));
    };
    let key = format!("{}/{key}", request.path);
    if let Some((status, body)) = state.world().answered.get(&key) {
        return Ok(SandboxReply::of(*status, body.clone()));
    }
    let reply = perform(state, request.object()?).unwrap_or_else(|refusal| refusal);
    state.change_in_place().answered.insert(key, (reply.status, reply.body.clone()));
    Ok(reply)
}

fn create(state: &mut SandboxState, body: &Map<String, Value>) -> Result<SandboxReply, SandboxReply> {
    let case = created(state.world(), body).map_err(|faulty| SandboxReply::invalid(&faulty))?;
    if state.place_of(text(&case, "integration_id")).is_some() {
        return Err(SandboxReply::error(409, "duplicate_integration_id", "a case with this integration ID exists"));
    }
    Ok(SandboxReply::wrote(201, state.add(case)))
}

fn update(state: &mut SandboxState, request: &SandboxRequest, id: &str) -> Result<SandboxReply, SandboxReply> {
    let place = place(state, id)?;
    let patch = request.object()?;
    if patch.is_empty() {
        return Err(SandboxReply::error(422, "validation_failed", "the patch changes nothing"));
    }
    let mut case = patched(state.world(), &state.world().existing[place], patch).map_err(|faulty| SandboxReply::invalid(&faulty))?;
    case["updated_at"] = json!(now());
    let reply = SandboxReply::wrote(200, &case);
    state.change_in_place().existing[place] = case;
    Ok(reply)
}

fn send(state: &mut SandboxState, id: &str, body: &Map<String, Value>, request: &SandboxRequest) -> Result<SandboxReply, SandboxReply> {
    let place = place(state, id)?;
    let world = state.change_in_place();
    let case = &world.existing[place];
    let mut faulty = Vec::new();
    length(&request.body, "body", 1, 5_000, &mut faulty);
    if !faulty.is_empty() {
        return Err(SandboxReply::invalid(&faulty));
    }
    let sender = match body.get("sender_email") {
        // The primary attorney is taken as the case has it.
        None => text(case, "primary_attorney_email"),
        Some(email) => {
            let sender = email.as_str().filter(|email| world.user(email).is_some_and(|user| user["active"] == true));
            sender.ok_or_else(|| invalid_field("sender_email", "no_active_user"))?
        }
    };
    let message = json!({
        "id": format!("msg_{}", world.messages.len() + 1), "case_id": case["id"], "integration_id": case["integration_id"],
        "direction": "from_firm", "sender_name": world.user(sender).map_or_else(|| sender.to_owned(), full_name), "sender_email": sender,
        "body": body["body"], "sent_at": now(), "idempotency_key": request.idempotency_key
    });
    let reply = SandboxReply::wrote(201, &message);
    world.messages.push(message);
    Ok(reply)
}
