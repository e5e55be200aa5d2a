//! What people do in CASEpeer, for whoever plays them: a case gets another stage, is closed, is to be connected, a client is written to.

use serde_json::{Value, json};

use super::casepeer::case_id;
use super::reply::{SandboxReply, invalid_field};
use super::shared::Shared;
use super::webhooks::{event, unique};
use super::world::{World, now};

/// `POST /sandbox/<firm>/cases/<id>/stage|close|connect` and `POST /sandbox/<firm>/outbox`. `None` where the path is none of these.
pub(super) fn perform(shared: &Shared, path: &str, body: &[u8]) -> Option<SandboxReply> {
    let segments: Vec<&str> = path.split('/').collect();
    let (firm, what) = segments.split_first()?;
    let given: Value = if body.is_empty() { json!({}) } else { serde_json::from_slice(body).ok().filter(Value::is_object)? };
    let text = |field: &'static str| {
        let given = given[field].as_str().filter(|text| !text.trim().is_empty());
        given.ok_or_else(|| invalid_field(field, "required"))
    };
    let done = shared.world(firm, |world| match what {
        ["cases", id, "stage"] => {
            let id = case_id(world, id)?;
            let stage = text("stage")?;
            let from = change(world, id, &[("stage", stage)])["stage"].clone();
            Ok(event("case.stage_changed", &json!({ "case_id": id, "from": from, "to": stage })))
        }
        ["cases", id, "close"] => {
            let id = case_id(world, id)?;
            change(world, id, &[("status", "closed"), ("closed_on", &now()[..10])]);
            Ok(event("case.closed", &json!({ "case_id": id })))
        }
        ["cases", id, "connect"] => {
            let data = json!({ "case_id": case_id(world, id)?, "requested_by": text("requested_by")? });
            Ok(event("case.connect_requested", &data))
        }
        ["outbox"] => {
            let id = given["case_id"].as_u64().ok_or_else(|| invalid_field("case_id", "required"))?;
            case_id(world, &id.to_string())?;
            let author = text("author_email")?;
            let message = json!({ "id": unique("out"), "case_id": id, "body": text("body")?, "author_email": author, "created_at": now() });
            world.outbox.push(message.clone());
            Ok(event("message.send_requested", &message))
        }
        _ => Err(SandboxReply::not_found()),
    })?;
    Some(done.map_or_else(
        |refusal| refusal,
        |event| {
            shared.send_webhook(firm, &event);
            SandboxReply::ok(&event)
        },
    ))
}

/// Changes a case now, and answers what it was.
fn change(world: &mut World, id: u64, fields: &[(&str, &str)]) -> Value {
    let Some(case) = world.cases.get_mut(&id) else { return Value::Null };
    let before = case.clone();
    for (field, value) in fields.iter().chain(&[("updated_at", now().as_str())]) {
        case[field] = json!(value);
    }
    before
}
