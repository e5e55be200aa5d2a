//! CASEpeer's routes, by `contracts/casepeer.openapi.yaml`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pages::{page, page_with_total};
use super::reply::{Faulty, SandboxReply, invalid_field};
use super::request::SandboxRequest;
use super::validation::{length, moment};
use super::world::{World, now, text};

/// The largest file that a document may be.
const LARGEST_FILE: u64 = 250_000_000;

pub(super) fn answer(world: &mut World, request: &SandboxRequest) -> Result<SandboxReply, SandboxReply> {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("GET", ["account"]) => {
            let (id, name) = &world.casepeer_account;
            Ok(SandboxReply::ok(&json!({ "account_id": id, "firm_name": name })))
        }
        ("GET", ["cases"]) => cases(world, request),
        ("GET", ["cases", id]) => Ok(SandboxReply::ok(&world.cases[&case_id(world, id)?])),
        ("PUT", ["cases", id, "connection"]) => connect(world, request, case_id(world, id)?),
        ("GET", ["cases", id, "notes"]) => {
            let notes = world.notes.get(&case_id(world, id)?).map_or(&[][..], Vec::as_slice);
            page(request, (0..).zip(notes))
        }
        ("POST", ["cases", id, "notes"]) => add_note(world, request, case_id(world, id)?),
        ("POST", ["cases", id, "documents"]) => add_document(world, request, case_id(world, id)?),
        ("GET", ["outbox"]) => {
            // A message keeps its position when an earlier one leaves, so that a page read after a receipt skips none.
            let left = |id: &str| world.receipts.contains_key(id) || world.unlisted.contains(id);
            page(request, (0..).zip(&world.outbox).filter(|(_, message)| !left(text(message, "id"))))
        }
        ("PUT", ["outbox", id, "receipt"]) => receive(world, request, id),
        _ => Err(SandboxReply::not_found()),
    }
}

/// The id of a case that exists.
pub(super) fn case_id(world: &World, id: &str) -> Result<u64, SandboxReply> {
    id.parse().ok().filter(|id| world.cases.contains_key(id)).ok_or_else(SandboxReply::not_found)
}

fn cases(world: &World, request: &SandboxRequest) -> Result<SandboxReply, SandboxReply> {
    let connected = request.one_of("connected", &["true", "false"])?.map(|connected| connected == "true");
    let status = request.one_of("status", &["open", "closed"])?;
    let since = request.query.get("updated_since").map(|since| since.parse::<Timestamp>());
    let since = since.transpose().map_err(|_| SandboxReply::error(400, "invalid_filter", "updated_since is a date-time"))?;
    let wanted = world.cases.iter().filter(|(_, case)| {
        connected.is_none_or(|connected| case["connected"] == connected)
            && status.is_none_or(|status| case["status"] == *status)
            && since.is_none_or(|since| text(case, "updated_at").parse::<Timestamp>().is_ok_and(|updated| updated >= since))
    });
    page_with_total(request, wanted.map(|(id, case)| (*id, case)))
}

fn connect(world: &mut World, request: &SandboxRequest, id: u64) -> Result<SandboxReply, SandboxReply> {
    request.object()?;
    let other = text(&request.body, "case_status_case_id");
    if other.is_empty() {
        return Err(invalid_field("case_status_case_id", "required"));
    }
    let before = world.connections.insert(id, other.to_owned());
    let case = world.cases.get_mut(&id).ok_or_else(SandboxReply::not_found)?;
    if case["connected"] == true && before.is_none_or(|before| before == other) {
        return Ok(SandboxReply::ok(case));
    }
    case["connected"] = json!(true);
    case["updated_at"] = json!(now());
    Ok(SandboxReply::wrote(200, case))
}

fn add_note(world: &mut World, request: &SandboxRequest, id: u64) -> Result<SandboxReply, SandboxReply> {
    let body = request.object()?;
    let mut faulty = Vec::new();
    length(&request.body, "external_id", 1, 128, &mut faulty);
    length(&request.body, "body", 0, 20_000, &mut faulty);
    let created_at = body.get("occurred_at").map_or_else(|| Some(now()), moment);
    if created_at.is_none() {
        faulty.push(("occurred_at".to_owned(), "invalid"));
    }
    let note = json!({ "id": next_id(world.notes.values()), "external_id": body.get("external_id"), "body": body.get("body"), "created_at": created_at });
    add(world.notes.entry(id).or_default(), note, &faulty)
}

fn add_document(world: &mut World, request: &SandboxRequest, id: u64) -> Result<SandboxReply, SandboxReply> {
    if !request.is_form {
        return Err(SandboxReply::error(400, "invalid_body", "send multipart/form-data"));
    }
    let form = &request.body;
    let file = &form["file"];
    if file["size"].as_u64().is_some_and(|size| size > LARGEST_FILE) {
        return Err(SandboxReply::error(413, "too_large", "a file has at most 250 MB"));
    }
    let mut faulty = Vec::new();
    length(form, "external_id", 1, 128, &mut faulty);
    length(form, "file_name", 1, 255, &mut faulty);
    if !file.is_object() {
        faulty.push(("file".to_owned(), "required"));
    }
    let mut document = json!({
        "id": next_id(world.received_documents.values()), "external_id": form["external_id"], "file_name": form["file_name"],
        "size": file["size"], "sha256": file["sha256"]
    });
    if !text(form, "content_type").is_empty() {
        document["content_type"] = form["content_type"].clone();
    }
    add(world.received_documents.entry(id).or_default(), document, &faulty)
}

fn next_id<'w>(filed: impl Iterator<Item = &'w Vec<Value>>) -> u64 {
    filed.flatten().filter_map(|known| known["id"].as_u64()).max().unwrap_or_default() + 1
}

/// Adds what is valid to what a case has. The first with an `external_id` stands.
fn add(filed: &mut Vec<Value>, new: Value, faulty: &[Faulty]) -> Result<SandboxReply, SandboxReply> {
    if !faulty.is_empty() {
        return Err(SandboxReply::invalid(faulty));
    }
    if let Some(first) = filed.iter().find(|known| known["external_id"] == new["external_id"]) {
        return Ok(SandboxReply::ok(first));
    }
    let reply = SandboxReply::wrote(201, &new);
    filed.push(new);
    Ok(reply)
}

fn receive(world: &mut World, request: &SandboxRequest, id: &str) -> Result<SandboxReply, SandboxReply> {
    if !world.outbox.iter().any(|message| message["id"] == *id) {
        return Err(SandboxReply::not_found());
    }
    let body = request.object()?;
    if !["delivered", "failed"].contains(&text(&request.body, "status")) {
        return Err(invalid_field("status", "invalid"));
    }
    for field in ["case_status_message_id", "error"] {
        if body.get(field).is_some_and(|value| !value.is_string()) {
            return Err(invalid_field(field, "invalid"));
        }
    }
    // The first receipt stands: a repeat records nothing more.
    let wrote = !world.receipts.contains_key(id);
    world.receipts.entry(id.to_owned()).or_insert_with(|| request.body.clone());
    // The contract gives this answer no body.
    Ok(SandboxReply { wrote, ..SandboxReply::of(200, Value::Null) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::data;

    #[test]
    fn a_file_has_at_most_250_mb() {
        let mut world = data::hartwell().world;
        let mut status = |size: u64| {
            let body = json!({ "external_id": "doc-1", "file_name": "video.mp4", "file": { "size": size, "sha256": "" } });
            let (method, path) = ("POST".to_owned(), "/cases/48201/documents".to_owned());
            let request = SandboxRequest { method, path, body, is_form: true, ..SandboxRequest::default() };
            answer(&mut world, &request).unwrap_or_else(|refusal| refusal).status
        };
        assert_eq!(status(250_000_001), 413);
        assert_eq!(status(250_000_000), 201);
    }
}
