//! Faults of what a vendor says and keeps: answers about something else, creations that are none, values that it does not keep, listings that
//! shift while they are read, and cursors that lead back.

use serde_json::{Map, Value, json};

use super::reply::{Reply, Request};
use super::state::SandboxState;
use super::world::Content;
use super::{Fault, SandboxVendor, case_status, casepeer};

/// So many characters of a description are kept by a vendor that does not keep what it is sent.
const KEPT: usize = 10;

/// The answer to a request, by a vendor with this fault, if the fault is one of these and concerns the request.
pub(super) fn answer(vendor: SandboxVendor, state: &mut SandboxState, request: &Request<'_>, fault: Option<Fault>) -> Reply {
    let route = match vendor {
        SandboxVendor::Casepeer => casepeer::answer,
        SandboxVendor::CaseStatus => case_status::answer,
    };
    match (fault, request.method, request.path.as_slice()) {
        (Some(Fault::WrongIdentity), "GET", ["cases"]) if request.query.contains_key("integration_id") => {
            let mut other = request.clone();
            let neighbour = request.query.get("integration_id").and_then(|id| neighbour(vendor, state, id));
            other.query.extend(neighbour.map(|id| ("integration_id".to_owned(), id)));
            route(state, &other)
        }
        (Some(Fault::WrongIdentity), "GET", ["cases", id]) => {
            let neighbour = neighbour(vendor, state, id).unwrap_or_else(|| (*id).to_owned());
            route(state, &Request { path: vec!["cases", &neighbour], ..request.clone() })
        }
        (Some(Fault::WrongIdentity), "POST" | "PUT" | "PATCH", _) => renamed(route(state, request)),
        (Some(Fault::ReplayedCreate), "POST", ["cases"]) if vendor == SandboxVendor::CaseStatus => match request.object() {
            Ok(mut body) => {
                body.insert("id".to_owned(), json!("cs_deleted"));
                Reply { wrote: false, ..Reply::wrote(201, &body) }
            }
            Err(refusal) => refusal,
        },
        (Some(Fault::NotKept), "PATCH", ["cases", _]) => match request.object() {
            Ok(body) => route(state, &Request { body: &kept(body), ..request.clone() }),
            Err(refusal) => refusal,
        },
        (Some(Fault::Shifting), "GET", ["cases"]) => {
            let reply = route(state, request);
            shifted(vendor, state, request, reply)
        }
        (Some(Fault::CursorRound), "GET", _) => led_back(route(state, request)),
        _ => route(state, request),
    }
}

/// The same page, whose cursor leads back to the beginning.
fn led_back(reply: Reply) -> Reply {
    let Some(mut body) = object(&reply).filter(|body| body.contains_key("next_cursor")) else { return reply };
    body.insert("next_cursor".to_owned(), json!("0"));
    if let Some(has_more) = body.get_mut("has_more") {
        *has_more = json!(true);
    }
    Reply { body: stored(&body), ..reply }
}

/// What a vendor keeps of an update: no stage, and the beginning of a description.
fn kept(mut body: Map<String, Value>) -> Vec<u8> {
    body.remove("stage");
    if let Some(Value::String(text)) = body.get_mut("description") {
        *text = text.chars().take(KEPT).collect();
    }
    serde_json::to_vec(&body).unwrap_or_default()
}

/// Another case than this one, by the same kind of id.
fn neighbour(vendor: SandboxVendor, state: &SandboxState, id: &str) -> Option<String> {
    let world = state.world();
    match vendor {
        SandboxVendor::Casepeer => world.cases.keys().map(ToString::to_string).find(|other| other != id),
        SandboxVendor::CaseStatus => {
            let is_own = world.existing.iter().any(|case| case.id == id);
            let ids = world.existing.iter().filter_map(|case| if is_own { Some(case.id.clone()) } else { case.integration_id.clone() });
            ids.into_iter().find(|other| other != id)
        }
    }
}

/// The same answer under another name.
fn renamed(reply: Reply) -> Reply {
    let Some(mut body) = object(&reply).filter(|_| (200..300).contains(&reply.status)) else { return reply };
    for field in ["id", "integration_id", "case_id", "external_id"] {
        match body.get_mut(field) {
            Some(Value::String(id)) => id.push('1'),
            Some(Value::Number(id)) => *id = (id.as_u64().unwrap_or_default() + 1).into(),
            _ => {}
        }
    }
    Reply { body: stored(&body), ..reply }
}

/// A later page that begins with the last item of the page before it, in the place of its own first one.
fn shifted(vendor: SandboxVendor, state: &SandboxState, request: &Request<'_>, reply: Reply) -> Reply {
    let Some(cursor) = request.query.get("cursor").and_then(|cursor| cursor.parse::<u64>().ok()) else { return reply };
    let world = state.world();
    let before = match vendor {
        SandboxVendor::Casepeer => world.cases.get(&cursor).and_then(|case| serde_json::to_value(case).ok()),
        SandboxVendor::CaseStatus => {
            usize::try_from(cursor).ok().and_then(|place| world.existing.get(place)).and_then(|case| serde_json::to_value(case).ok())
        }
    };
    let Some(mut body) = object(&reply) else { return reply };
    if let (Some(first), Some(before)) = (body.get_mut("data").and_then(|data| data.get_mut(0)), before) {
        *first = before;
    }
    Reply { body: stored(&body), ..reply }
}

fn object(reply: &Reply) -> Option<Map<String, Value>> {
    match &reply.body {
        Content::Stored(bytes) => serde_json::from_slice(bytes).ok(),
        Content::Generated { .. } => None,
    }
}

fn stored(body: &Map<String, Value>) -> Content {
    Content::Stored(serde_json::to_vec(body).unwrap_or_default().into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::sandbox::data;

    fn asked(vendor: SandboxVendor, fault: Fault, method: &str, path: &[&str], query: &[(&str, &str)], body: &Value) -> Value {
        let mut state = SandboxState::new(data::hartwell().world);
        let query: HashMap<String, String> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let body = body.to_string();
        let request = Request { method, path: path.to_vec(), query, idempotency_key: Some("a key"), body: body.as_bytes(), form: None };
        let reply = answer(vendor, &mut state, &request, Some(fault));
        json!({ "status": reply.status, "body": object(&reply), "cases": state.world().existing.len() })
    }

    #[test]
    fn each_fault_shows_in_what_it_concerns_and_in_nothing_else() {
        let world = data::hartwell().world;
        let (first, count) = (&world.existing[0], world.existing.len());
        let id = first.integration_id.clone().unwrap();
        let case = ["cases", first.id.as_str()];
        let wrong = asked(SandboxVendor::CaseStatus, Fault::WrongIdentity, "GET", &case, &[], &json!({}));
        assert_ne!(wrong["body"]["id"], json!(first.id));
        let wrong = asked(SandboxVendor::Casepeer, Fault::WrongIdentity, "GET", &["cases", &id], &[], &json!({}));
        assert_ne!(wrong["body"]["id"].to_string(), id);
        let wrong = asked(SandboxVendor::CaseStatus, Fault::WrongIdentity, "PATCH", &case, &[], &json!({ "description": "An offer" }));
        assert_eq!((&wrong["body"]["id"], &wrong["body"]["description"]), (&json!(format!("{}1", first.id)), &json!("An offer")));

        let patch = json!({ "stage": first.stage % 4 + 1, "description": "An offer was made" });
        let kept = asked(SandboxVendor::CaseStatus, Fault::NotKept, "PATCH", &case, &[], &patch);
        assert_eq!((&kept["body"]["stage"], &kept["body"]["description"]), (&json!(first.stage), &json!("An offer w")));

        let new = asked(SandboxVendor::CaseStatus, Fault::ReplayedCreate, "POST", &["cases"], &[], &json!({ "integration_id": "1" }));
        assert_eq!((&new["status"], &new["body"]["integration_id"], &new["cases"]), (&json!(201), &json!("1"), &json!(count)));

        let page = [("limit", "2"), ("cursor", "1")];
        let shifted = asked(SandboxVendor::CaseStatus, Fault::Shifting, "GET", &["cases"], &page, &json!({}));
        let ids: Vec<&Value> = shifted["body"]["data"].as_array().unwrap().iter().map(|case| &case["id"]).collect();
        assert_eq!(ids, [&json!(world.existing[1].id), &json!(world.existing[3].id)]);
        assert_eq!(asked(SandboxVendor::CaseStatus, Fault::Shifting, "GET", &case, &[], &json!({}))["body"]["id"], json!(first.id));
    }
}
