//! Case Status's routes.

use serde_json::{Map, Value, json};

use super::pages::{feed, page, page_with_total};
use super::reply::{Reply, Request, invalid_field};
use super::state::SandboxState;
use super::validation::{created, patched};
use super::world::{Invitation, SandboxCase, SandboxMessage, now};

pub(super) fn answer(state: &mut SandboxState, request: &Request<'_>) -> Reply {
    let answered = match (request.method, request.path.as_slice()) {
        ("GET", ["firm"]) => {
            let world = state.world();
            Ok(Reply::ok(&json!({ "id": world.case_status_firm_id(), "name": world.case_status_firm_name })))
        }
        ("GET", ["staff"]) => staff(state, request),
        ("GET", ["practice-areas"]) => Ok(Reply::ok(&json!({ "data": state.world().practice_areas }))),
        ("GET", ["cases"]) => cases(state, request),
        ("POST", ["cases"]) => once(state, request, create),
        ("GET", ["cases", id]) => Ok(match state.place(id) {
            Some(place) => Reply::ok(&state.world().existing[place]),
            None => Reply::not_found(),
        }),
        ("PATCH", ["cases", id]) => update(state, request, id),
        ("POST", ["cases", id, "messages"]) => once(state, request, |state, body| send(state, id, body, request.idempotency_key)),
        ("GET", ["messages"]) => Ok(feed(request, &state.world().messages)),
        ("GET", ["documents"]) => Ok(feed(request, &state.world().documents)),
        ("GET", ["documents", id, "content"]) => Ok(match state.world().documents.iter().find(|document| document.id == *id) {
            Some(document) => Reply::file(document.content.clone()),
            None => Reply::not_found(),
        }),
        _ => Ok(Reply::not_found()),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn staff(state: &SandboxState, request: &Request<'_>) -> Result<Reply, Reply> {
    let role = request.one_of("role", &["attorney", "paralegal"])?;
    let staff = state.world().staff.iter().enumerate().filter(|(_, user)| role.is_none_or(|role| user.role == role));
    Ok(page(request, staff.map(|(place, user)| (place as u64, user))))
}

fn cases(state: &mut SandboxState, request: &Request<'_>) -> Result<Reply, Reply> {
    let status = request.one_of("status", &["open", "closed", "on_hold"])?;
    // The one place of an integration ID, no place, or all of them.
    let places = match request.query.get("integration_id") {
        None => 0..state.world().existing.len(),
        Some(id) => state.place_of(id).map_or(0..0, |place| place..place + 1),
    };
    let existing = &state.world().existing;
    let wanted = places.map(|place| (place as u64, &existing[place]));
    Ok(page_with_total(request, wanted.filter(|(_, case)| status.is_none_or(|status| case.status == status))))
}

/// Answers a repeated idempotency key what the first call was answered.
fn once(
    state: &mut SandboxState,
    request: &Request<'_>,
    perform: impl FnOnce(&mut SandboxState, &Map<String, Value>) -> Result<Reply, Reply>,
) -> Result<Reply, Reply> {
    let Some(key) = request.idempotency_key.filter(|key| (1..=128).contains(&key.len())) else {
        return Ok(Reply::error(400, "idempotency_key_required", "send an Idempotency-Key of at most 128 characters"));
    };
    let key = format!("{}/{key}", request.path.join("/"));
    if let Some((status, body)) = state.world().answered.get(&key) {
        return Ok(Reply::json(*status, body.clone(), false));
    }
    let reply = perform(state, &request.object()?).unwrap_or_else(|refusal| refusal);
    state.change_in_place().answered.insert(key, (reply.status, reply.body.clone()));
    Ok(reply)
}

fn create(state: &mut SandboxState, body: &Map<String, Value>) -> Result<Reply, Reply> {
    let case = created(state.world(), body).map_err(|faulty| Reply::invalid(&faulty))?;
    if case.integration_id.as_ref().is_some_and(|id| state.place_of(id).is_some()) {
        return Err(Reply::error(409, "duplicate_integration_id", "a case with this integration ID exists"));
    }
    let place = state.add(SandboxCase { updated_at: now(), ..case });
    let case = &state.world().existing[place];
    let reply = Reply::wrote(201, case);
    if body.get("create_client") == Some(&Value::Bool(true)) {
        let invitation = Invitation { case_id: case.id.clone(), phone: case.client.phone.clone() };
        state.change_in_place().invitations.push(invitation);
    }
    Ok(reply)
}

fn update(state: &mut SandboxState, request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    let Some(place) = state.place(id) else { return Ok(Reply::not_found()) };
    let patch = request.object()?;
    let case = patched(state.world(), &state.world().existing[place], &patch).map_err(|faulty| Reply::invalid(&faulty))?;
    if patch.is_empty() {
        return Ok(Reply::ok(&case));
    }
    let reached = &mut state.change_in_place().existing[place];
    *reached = SandboxCase { updated_at: now(), ..case };
    Ok(Reply::wrote(200, reached))
}

fn send(state: &mut SandboxState, id: &str, body: &Map<String, Value>, key: Option<&str>) -> Result<Reply, Reply> {
    let Some(place) = state.place(id) else { return Ok(Reply::not_found()) };
    let world = state.change_in_place();
    let case = &world.existing[place];
    let Some(text) = body.get("body").and_then(Value::as_str).filter(|text| (1..=5_000).contains(&text.chars().count())) else {
        return Err(invalid_field("body", "invalid"));
    };
    let sender = match body.get("sender_email") {
        None | Some(Value::Null) => case.primary_attorney_email.as_str(),
        Some(email) => email.as_str().ok_or_else(|| invalid_field("sender_email", "invalid"))?,
    };
    let name = world.user(sender).map_or_else(|| sender.to_owned(), |user| format!("{} {}", user.first_name, user.last_name));
    let message = SandboxMessage {
        id: format!("msg_{}", world.messages.len() + 1),
        case_id: case.id.clone(),
        integration_id: case.integration_id.clone(),
        direction: "from_firm",
        sender_name: name,
        sender_email: Some(sender.to_owned()),
        body: text.to_owned(),
        sent_at: now(),
        idempotency_key: key.map(str::to_owned),
    };
    let reply = Reply::wrote(201, &message);
    world.messages.push(message);
    Ok(reply)
}
