//! What people do in CASEpeer, for whoever plays them: a case gets another stage, is closed, is to be connected, a client is written to.

use serde_json::{Map, Value, json};

use super::reply::{Reply, invalid_field};
use super::shared::Shared;
use super::webhooks::{event, unique};
use super::world::{SandboxOutbound, World, now};

/// `POST /sandbox/<firm>/cases/<id>/stage|close|connect` and `POST /sandbox/<firm>/outbox`. `None` where the path is none of these.
pub(super) fn perform(shared: &Shared, path: &str, body: &[u8]) -> Option<Reply> {
    let segments: Vec<&str> = path.split('/').collect();
    let (firm, what) = segments.split_first()?;
    let given: Map<String, Value> = if body.is_empty() { Map::new() } else { serde_json::from_slice(body).ok()? };
    let text = |field: &'static str| {
        let given = given.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        given.map(str::to_owned).ok_or_else(|| invalid_field(field, "required"))
    };
    let done = shared.world(firm, |world| match what {
        ["cases", id, "stage"] => text("stage").and_then(|stage| restage(world, id, stage)),
        ["cases", id, "close"] => close(world, id),
        ["cases", id, "connect"] => {
            let case = case_id(world, id)?;
            let requested_by = text("requested_by")?;
            Ok(event("case.connect_requested", &json!({ "case_id": case, "requested_by": requested_by })))
        }
        ["outbox"] => {
            let id = given.get("case_id").and_then(Value::as_u64).ok_or_else(|| invalid_field("case_id", "required"))?;
            case_id(world, &id.to_string())?;
            let author_email = text("author_email")?;
            let message = SandboxOutbound { id: unique("out"), case_id: id, body: text("body")?, author_email, created_at: now() };
            world.outbox.push(message.clone());
            Ok(event("message.send_requested", &json!(message)))
        }
        _ => Err(Reply::not_found()),
    })?;
    Some(match done {
        Ok(event) => {
            shared.send_webhook(firm, &event);
            Reply::ok(&event)
        }
        Err(refusal) => refusal,
    })
}

fn case_id(world: &World, id: &str) -> Result<u64, Reply> {
    id.parse().ok().filter(|id| world.cases.contains_key(id)).ok_or_else(Reply::not_found)
}

fn restage(world: &mut World, id: &str, stage: String) -> Result<Value, Reply> {
    let id = case_id(world, id)?;
    let case = world.cases.get_mut(&id).ok_or_else(Reply::not_found)?;
    let from = std::mem::replace(&mut case.stage, stage);
    case.updated_at = now();
    Ok(event("case.stage_changed", &json!({ "case_id": id, "from": from, "to": case.stage })))
}

fn close(world: &mut World, id: &str) -> Result<Value, Reply> {
    let id = case_id(world, id)?;
    let case = world.cases.get_mut(&id).ok_or_else(Reply::not_found)?;
    case.status = "closed";
    case.updated_at = now();
    case.closed_on = case.updated_at.get(..10).map(str::to_owned);
    Ok(event("case.closed", &json!({ "case_id": id })))
}
