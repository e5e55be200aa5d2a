//! Faults of what a vendor says and keeps: answers about something else, creations that are none, values that it does not keep, listings that
//! shift while they are read, and cursors that lead back.

use serde_json::{Value, json};

use super::reply::SandboxReply;
use super::request::SandboxRequest;
use super::state::SandboxState;
use super::{Fault, SandboxVendor};

/// So many characters of a description are kept by a vendor that does not keep what it is sent.
const KEPT: usize = 10;

/// The answer to a request, by a vendor with this fault, if the fault is one of these and concerns the request.
pub(super) fn answer(vendor: SandboxVendor, state: &mut SandboxState, request: &SandboxRequest, fault: Option<Fault>) -> SandboxReply {
    match (fault, request.method.as_str(), request.segments().as_slice()) {
        (Some(Fault::WrongIdentity), "GET", ["cases"]) if request.query.contains_key("integration_id") => {
            let mut other = request.clone();
            let neighbour = request.query.get("integration_id").and_then(|id| neighbour(vendor, state, id));
            other.query.extend(neighbour.map(|id| ("integration_id".to_owned(), id)));
            state.answer(vendor, &other)
        }
        (Some(Fault::WrongIdentity), "GET", ["cases", id]) => {
            let path = neighbour(vendor, state, id).map_or_else(|| request.path.clone(), |neighbour| format!("/cases/{neighbour}"));
            state.answer(vendor, &SandboxRequest { path, ..request.clone() })
        }
        (Some(Fault::WrongIdentity), "POST" | "PUT" | "PATCH", _) => renamed(state.answer(vendor, request)),
        (Some(Fault::ReplayedCreate), "POST", ["cases"]) if vendor == SandboxVendor::CaseStatus && request.body.is_object() => {
            let mut body = request.body.clone();
            body["id"] = json!("cs_deleted");
            SandboxReply::of(201, body)
        }
        (Some(Fault::NotKept), "PATCH", ["cases", _]) => {
            let body = kept(&request.body);
            // Nothing is left to write: the case is answered as it is.
            let method = if body == json!({}) { "GET" } else { "PATCH" };
            state.answer(vendor, &SandboxRequest { method: method.to_owned(), body, ..request.clone() })
        }
        (Some(Fault::Shifting), "GET", ["cases"]) => {
            let reply = state.answer(vendor, request);
            shifted(vendor, state, request, reply)
        }
        (Some(Fault::CursorRound), "GET", _) => led_back(state.answer(vendor, request)),
        _ => state.answer(vendor, request),
    }
}

/// The same page, whose cursor leads back to the beginning.
fn led_back(mut reply: SandboxReply) -> SandboxReply {
    if let Some(cursor) = reply.body.get_mut("next_cursor") {
        let feed = cursor.as_str().and_then(|cursor| Some(cursor.rsplit_once('-')?.0));
        *cursor = json!(feed.map_or_else(|| "0".to_owned(), |feed| format!("{feed}-0")));
    }
    if let Some(has_more) = reply.body.get_mut("has_more") {
        *has_more = json!(true);
    }
    reply
}

/// What a vendor keeps of an update: no stage, and the beginning of a description.
fn kept(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("stage");
    }
    if let Some(Value::String(text)) = body.get_mut("description") {
        *text = text.chars().take(KEPT).collect();
    }
    body
}

/// Another case than this one, by the same kind of id.
fn neighbour(vendor: SandboxVendor, state: &SandboxState, id: &str) -> Option<String> {
    let world = state.world();
    match vendor {
        SandboxVendor::Casepeer => world.cases.keys().map(ToString::to_string).find(|other| other != id),
        SandboxVendor::CaseStatus => {
            let kind = if world.existing.iter().any(|case| case["id"] == *id) { "id" } else { "integration_id" };
            world.existing.iter().filter_map(|case| case[kind].as_str()).find(|other| *other != id).map(str::to_owned)
        }
    }
}

/// The same answer under another name.
fn renamed(mut reply: SandboxReply) -> SandboxReply {
    for field in ["id", "integration_id", "case_id", "external_id"] {
        match reply.body.get_mut(field) {
            Some(Value::String(id)) => id.push('1'),
            Some(Value::Number(id)) => *id = (id.as_u64().unwrap_or_default() + 1).into(),
            _ => {}
        }
    }
    reply
}

/// A later page that begins with the last item of the page before it, in the place of its own first one.
fn shifted(vendor: SandboxVendor, state: &SandboxState, request: &SandboxRequest, mut reply: SandboxReply) -> SandboxReply {
    let Some(cursor) = request.query.get("cursor").and_then(|cursor| cursor.parse::<u64>().ok()) else { return reply };
    let world = state.world();
    let before = match vendor {
        SandboxVendor::Casepeer => world.cases.get(&cursor),
        SandboxVendor::CaseStatus => usize::try_from(cursor).ok().and_then(|place| world.existing.get(place)),
    };
    if let (Some(first), Some(before)) = (reply.body.get_mut("data").and_then(|data| data.get_mut(0)), before) {
        *first = before.clone();
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::data;
    use crate::sandbox::world::text;

    fn ask(vendor: SandboxVendor, fault: Fault, method: &str, path: &str, query: &[(&str, &str)], body: &Value) -> Value {
        let mut state = SandboxState::new(data::hartwell().world);
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (method, path, idempotency_key) = (method.to_owned(), path.to_owned(), Some("a key".to_owned()));
        let request = SandboxRequest { method, path, query, idempotency_key, body: body.clone(), ..SandboxRequest::default() };
        let reply = answer(vendor, &mut state, &request, Some(fault));
        json!({ "status": reply.status, "body": reply.body, "cases": state.world().existing.len() })
    }

    #[test]
    fn each_fault_shows_in_what_it_concerns_and_in_nothing_else() {
        let world = data::hartwell().world;
        let (first, count) = (&world.existing[0], world.existing.len());
        let id = text(first, "integration_id");
        let case = format!("/cases/{}", text(first, "id"));
        let case = case.as_str();
        let wrong = ask(SandboxVendor::CaseStatus, Fault::WrongIdentity, "GET", case, &[], &json!({}));
        assert_ne!(wrong["body"]["id"], first["id"]);
        let wrong = ask(SandboxVendor::Casepeer, Fault::WrongIdentity, "GET", &format!("/cases/{id}"), &[], &json!({}));
        assert_ne!(wrong["body"]["id"].to_string(), id);
        let wrong = ask(SandboxVendor::CaseStatus, Fault::WrongIdentity, "PATCH", case, &[], &json!({ "description": "An offer" }));
        assert_eq!((&wrong["body"]["id"], &wrong["body"]["description"]), (&json!(format!("{}1", text(first, "id"))), &json!("An offer")));

        let patch = json!({ "stage": first["stage"].as_i64().unwrap() % 4 + 1, "description": "An offer was made" });
        let kept = ask(SandboxVendor::CaseStatus, Fault::NotKept, "PATCH", case, &[], &patch);
        assert_eq!((&kept["body"]["stage"], &kept["body"]["description"]), (&first["stage"], &json!("An offer w")));

        let new = ask(SandboxVendor::CaseStatus, Fault::ReplayedCreate, "POST", "/cases", &[], &json!({ "integration_id": "1" }));
        assert_eq!((&new["status"], &new["body"]["integration_id"], &new["cases"]), (&json!(201), &json!("1"), &json!(count)));

        let page = [("limit", "2"), ("cursor", "1")];
        let shifted = ask(SandboxVendor::CaseStatus, Fault::Shifting, "GET", "/cases", &page, &json!({}));
        let ids: Vec<&Value> = shifted["body"]["data"].as_array().unwrap().iter().map(|case| &case["id"]).collect();
        assert_eq!(ids, [&world.existing[1]["id"], &world.existing[3]["id"]]);
        assert_eq!(ask(SandboxVendor::CaseStatus, Fault::Shifting, "GET", case, &[], &json!({}))["body"]["id"], first["id"]);
    }
}
