//! CASEpeer's routes.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pages::{page, page_with_total};
use super::reply::{Reply, Request, invalid_field};
use super::state::SandboxState;
use super::validation::moment;
use super::world::{ReceivedDocument, SandboxNote, SandboxReceipt, World, now};

/// The largest file that a document may be.
const LARGEST_FILE: u64 = 250_000_000;

pub(super) fn answer(state: &mut SandboxState, request: &Request<'_>) -> Reply {
    // Nothing that CASEpeer does moves a case in Case Status.
    let world = state.change_in_place();
    let answered = match (request.method, request.path.as_slice()) {
        ("GET", ["account"]) => Ok(Reply::ok(&json!({ "account_id": world.casepeer_account_id(), "firm_name": world.casepeer_firm_name }))),
        ("GET", ["cases"]) => cases(world, request),
        ("GET", ["cases", id]) => Ok(match case_id(world, id).and_then(|id| world.cases.get(&id)) {
            Some(case) => Reply::ok(case),
            None => Reply::not_found(),
        }),
        ("PUT", ["cases", id, "connection"]) => connect(world, request, id),
        ("GET", ["cases", id, "notes"]) => Ok(match case_id(world, id) {
            Some(id) => page(request, world.notes.iter().filter(|(case, _)| *case == id).map(|(_, note)| (note.id, note))),
            None => Reply::not_found(),
        }),
        ("POST", ["cases", id, "notes"]) => add_note(world, request, id),
        ("POST", ["cases", id, "documents"]) => add_document(world, request, id),
        ("GET", ["outbox"]) => {
            // A message keeps its position when an earlier one leaves, so that a page read after a receipt skips none.
            let waiting = world.outbox.iter().enumerate().filter(|(_, message)| !world.receipts.contains_key(&message.id));
            Ok(page(request, waiting.map(|(place, message)| (place as u64, message))))
        }
        ("PUT", ["outbox", id, "receipt"]) => receive(world, request, id),
        _ => Ok(Reply::not_found()),
    };
    answered.unwrap_or_else(|refusal| refusal)
}

fn case_id(world: &World, id: &str) -> Option<u64> {
    id.parse().ok().filter(|id| world.cases.contains_key(id))
}

fn cases(world: &World, request: &Request<'_>) -> Result<Reply, Reply> {
    let connected = request.one_of("connected", &["true", "false"])?.map(|connected| connected == "true");
    let status = request.one_of("status", &["open", "closed"])?;
    let since = match request.query.get("updated_since") {
        None => None,
        Some(since) => Some(since.parse::<Timestamp>().map_err(|_| Reply::error(400, "invalid_filter", "updated_since is a date-time"))?),
    };
    let wanted = world.cases.iter().filter(|(_, case)| {
        connected.is_none_or(|connected| case.connected == connected)
            && status.is_none_or(|status| case.status == status)
            && since.is_none_or(|since| case.updated_at.parse::<Timestamp>().is_ok_and(|updated| updated >= since))
    });
    Ok(page_with_total(request, wanted.map(|(id, case)| (*id, case))))
}

fn connect(world: &mut World, request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    let Some(id) = case_id(world, id) else { return Ok(Reply::not_found()) };
    let body = request.object()?;
    let Some(case_status_id) = body.get("case_status_case_id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
        return Ok(invalid_field("case_status_case_id", "required"));
    };
    let before = world.connections.insert(id, case_status_id.to_owned());
    let Some(case) = world.cases.get_mut(&id) else { return Ok(Reply::not_found()) };
    if case.connected && before.is_none_or(|before| before == case_status_id) {
        return Ok(Reply::ok(case));
    }
    case.connected = true;
    case.updated_at = now();
    Ok(Reply::wrote(200, case))
}

fn add_note(world: &mut World, request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    let Some(id) = case_id(world, id) else { return Ok(Reply::not_found()) };
    let body = request.object()?;
    let text = |field: &str| body.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(external_id) = text("external_id") else { return Ok(invalid_field("external_id", "required")) };
    let Some(note) = text("body") else { return Ok(invalid_field("body", "required")) };
    if external_id.chars().count() > 128 {
        return Ok(invalid_field("external_id", "too_long"));
    }
    if note.chars().count() > 20_000 {
        return Ok(invalid_field("body", "too_long"));
    }
    let created_at = match body.get("occurred_at") {
        None | Some(Value::Null) => now(),
        Some(at) => moment(at).ok_or_else(|| invalid_field("occurred_at", "invalid"))?,
    };
    if let Some((_, first)) = world.notes.iter().find(|(case, known)| *case == id && known.external_id == external_id) {
        return Ok(Reply::ok(first));
    }
    let note_id = world.notes.iter().map(|(_, note)| note.id).max().unwrap_or_default() + 1;
    let note = SandboxNote { id: note_id, external_id: external_id.to_owned(), body: note.to_owned(), created_at };
    let reply = Reply::wrote(201, &note);
    world.notes.push((id, note));
    Ok(reply)
}

fn add_document(world: &mut World, request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    let Some(id) = case_id(world, id) else { return Ok(Reply::not_found()) };
    let form = request.form.ok_or_else(|| Reply::error(400, "invalid_body", "send multipart/form-data"))?;
    if form.file.as_ref().is_some_and(|file| file.size > LARGEST_FILE) {
        return Err(Reply::error(413, "too_large", "a file has at most 250 MB"));
    }
    let mut faulty = Vec::new();
    for (field, most) in [("external_id", 128), ("file_name", 255)] {
        match form.text(field).chars().count() {
            0 => faulty.push((Cow::Borrowed(field), "required")),
            length if length > most => faulty.push((Cow::Borrowed(field), "too_long")),
            _ => {}
        }
    }
    let Some(file) = &form.file else {
        faulty.push((Cow::Borrowed("file"), "required"));
        return Err(Reply::invalid(&faulty));
    };
    if !faulty.is_empty() {
        return Err(Reply::invalid(&faulty));
    }
    let external_id = form.text("external_id");
    let known = &mut world.received_documents;
    if let Some((_, first)) = known.iter().find(|(case, known)| *case == id && known.external_id == external_id) {
        return Ok(Reply::ok(first));
    }
    let document = ReceivedDocument {
        id: known.iter().map(|(_, document)| document.id).max().unwrap_or_default() + 1,
        external_id: external_id.to_owned(),
        file_name: form.text("file_name").to_owned(),
        content_type: Some(form.text("content_type")).filter(|kind| !kind.is_empty()).map(str::to_owned),
        size: file.size,
        sha256: file.sha256.clone(),
    };
    let reply = Reply::wrote(201, &document);
    known.push((id, document));
    Ok(reply)
}

fn receive(world: &mut World, request: &Request<'_>, id: &str) -> Result<Reply, Reply> {
    if !world.outbox.iter().any(|message| message.id == id) {
        return Ok(Reply::not_found());
    }
    let body = request.object()?;
    let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    let delivered = match body.get("status").and_then(Value::as_str) {
        Some("delivered") => true,
        Some("failed") => false,
        _ => return Ok(invalid_field("status", "invalid")),
    };
    // The first receipt stands: a repeat records nothing more.
    let recorded = Reply::ok(&json!({}));
    if world.receipts.contains_key(id) {
        return Ok(recorded);
    }
    let receipt = SandboxReceipt { delivered, case_status_message_id: text("case_status_message_id"), error: text("error") };
    world.receipts.insert(id.to_owned(), receipt);
    Ok(Reply { wrote: true, ..recorded })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::sandbox::body::Form;
    use crate::sandbox::data;
    use crate::sandbox::digest::FileDigest;

    #[test]
    fn a_file_has_at_most_250_mb() {
        let mut state = SandboxState::new(data::hartwell().world);
        let mut status = |size| {
            let texts = [("external_id", "doc-1"), ("file_name", "video.mp4")].map(|(name, text)| (name.to_owned(), text.to_owned()));
            let form = Form { texts: HashMap::from(texts), file: Some(FileDigest { size, sha256: String::new() }) };
            let path = vec!["cases", "48201", "documents"];
            let request = Request { method: "POST", path, query: HashMap::new(), idempotency_key: None, body: &[], form: Some(&form) };
            answer(&mut state, &request).status
        };
        assert_eq!(status(250_000_001), 413);
        assert_eq!(status(250_000_000), 201);
    }
}
