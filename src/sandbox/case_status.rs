//! Case Status's routes.

use serde_json::{Map, Value, json};

use super::reply::{Reply, Request, feed, page};
use super::validation::{created, patched};
use super::world::{Message, World};

pub(super) fn answer(world: &mut World, request: &Request<'_>) -> Reply {
    match (request.method, request.path.as_slice()) {
        ("GET", ["firm"]) => Reply::ok(&json!({ "id": "firm-1", "name": world.case_status_firm_name })),
        ("GET", ["staff"]) => {
            let role = request.query.get("role");
            let staff = world.staff.iter().enumerate().filter(|(_, user)| role.is_none_or(|role| user.role == role));
            page(request, staff.map(|(at, user)| (at as u64, user)))
        }
        ("GET", ["practice-areas"]) => Reply::ok(&json!({ "data": world.practice_areas, "next_cursor": null })),
        ("GET", ["cases"]) => {
            let (id, status) = (request.query.get("integration_id"), request.query.get("status"));
            let wanted = world.existing.iter().enumerate().filter(|(_, case)| {
                id.is_none_or(|id| case.integration_id.as_ref() == Some(id)) && status.is_none_or(|status| case.status == *status)
            });
            page(request, wanted.map(|(at, case)| (at as u64, case)))
        }
        ("POST", ["cases"]) => once(world, request, create),
        ("GET", ["cases", id]) => world.existing.iter().find(|case| case.id == *id).map_or_else(Reply::not_found, Reply::ok),
        ("PATCH", ["cases", id]) => update(world, request, id),
        ("POST", ["cases", id, "messages"]) => {
            let id = (*id).to_owned();
            once(world, request, |world, request| send(world, request, &id))
        }
        ("GET", ["messages"]) => feed(request, &world.messages),
        _ => Reply::not_found(),
    }
}

/// Answers a repeated idempotency key what the first call was answered.
fn once(world: &mut World, request: &Request<'_>, perform: impl FnOnce(&mut World, &Request<'_>) -> Reply) -> Reply {
    let Some(key) = request.idempotency_key else {
        return Reply::error(400, "idempotency_key_required", "send an Idempotency-Key");
    };
    let key = format!("{}/{key}", request.path.join("/"));
    if let Some((status, body)) = world.answered.get(&key) {
        return Reply { status: *status, body: body.clone(), wrote: false };
    }
    let reply = perform(world, request);
    world.answered.insert(key, (reply.status, reply.body.clone()));
    reply
}

fn object(request: &Request<'_>) -> Map<String, Value> {
    serde_json::from_slice(request.body).unwrap_or_default()
}

fn create(world: &mut World, request: &Request<'_>) -> Reply {
    let mut case = match created(world, &object(request)) {
        Ok(case) => case,
        Err(faulty) => return Reply::invalid(&faulty),
    };
    if world.existing.iter().any(|known| known.integration_id == case.integration_id) {
        return Reply::error(409, "duplicate_integration_id", "a case with this integration ID exists");
    }
    case.id = format!("cs_{}", world.existing.len() + 1);
    let reply = Reply::wrote(201, &case);
    world.existing.push(case);
    reply
}

fn update(world: &mut World, request: &Request<'_>, id: &str) -> Reply {
    // Ids made here hold the case's place, so that a large firm is not searched through for each update.
    let guess = id.strip_prefix("cs_").and_then(|place| place.parse::<usize>().ok()).and_then(|place| place.checked_sub(1));
    let guess = guess.filter(|place| world.existing.get(*place).is_some_and(|case| case.id == id));
    let Some(place) = guess.or_else(|| world.existing.iter().position(|case| case.id == id)) else { return Reply::not_found() };
    match patched(world, &world.existing[place], &object(request)) {
        Ok(case) => {
            world.existing[place] = case;
            Reply::wrote(200, &world.existing[place])
        }
        Err(faulty) => Reply::invalid(&faulty),
    }
}

fn send(world: &mut World, request: &Request<'_>, id: &str) -> Reply {
    let Some(case) = world.existing.iter().find(|case| case.id == id) else { return Reply::not_found() };
    let body = object(request);
    let text = body.get("body").and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() || text.chars().count() > 5_000 {
        return Reply::invalid(&[("body", "invalid")]);
    }
    let sender = body.get("sender_email").and_then(Value::as_str).unwrap_or(&case.primary_attorney_email).to_owned();
    let message = Message {
        id: format!("msg_{}", world.messages.len() + 1),
        case_id: case.id.clone(),
        integration_id: case.integration_id.clone(),
        direction: "from_firm",
        sender_name: sender.clone(),
        sender_email: Some(sender),
        body: text.to_owned(),
        sent_at: jiff::Timestamp::now().to_string(),
        idempotency_key: request.idempotency_key.map(str::to_owned),
    };
    let reply = Reply::wrote(201, &message);
    world.messages.push(message);
    reply
}
