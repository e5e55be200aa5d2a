//! What CASEpeer files under a case: notes and documents, each once per `external_id`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::pages::page;
use super::validation::{Faults, is_text};
use super::world::{World, minute};

impl World {
    /// The notes of CASEpeer's case, in the order in which they came.
    pub fn notes(&self, id: u64) -> &[Value] {
        self.notes.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The texts of these notes.
    pub fn note_bodies(&self, id: u64) -> Vec<&str> {
        self.notes(id).iter().filter_map(|note| note["body"].as_str()).collect()
    }

    /// The documents that CASEpeer's case was given, in the order in which they came. Their bytes are not kept.
    pub fn received(&self, id: u64) -> &[Value] {
        self.received.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Lists the notes of a case.
pub fn notes(world: &World, case: u64, call: &Call) -> Answer {
    page(world.notes(case), call)
}

/// Adds a note to a case.
pub fn add_note(world: &mut World, case: u64, sent: &Value) -> Answer {
    let mut faults = external_id(sent);
    if !is_text(&sent["body"], 0..=20_000) {
        faults.push(("body".to_owned(), "must be text of at most 20,000 characters"));
    }
    let time = |value: &Value| value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok());
    if sent.get("occurred_at").is_some_and(|value| !time(value)) {
        faults.push(("occurred_at".to_owned(), "must be a time"));
    }
    if !faults.is_empty() {
        return Answer::invalid(&faults);
    }
    let number = 1 + world.notes.values().map(Vec::len).sum::<usize>();
    let mut made = json!({ "id": number, "external_id": sent["external_id"], "body": sent["body"], "created_at": minute(number) });
    if let Some(at) = sent.get("occurred_at") {
        // No contract shows it again; tests read it.
        made["occurred_at"] = at.clone();
    }
    keep(world.notes.entry(case).or_default(), made)
}

/// Adds a document to a case; `sent` is the form.
pub fn add_document(world: &mut World, case: u64, sent: &Value) -> Answer {
    let mut faults = external_id(sent);
    if !is_text(&sent["file_name"], 1..=255) {
        faults.push(("file_name".to_owned(), "must be text of 1 to 255 characters"));
    }
    let Some(size) = sent["file"]["size"].as_u64() else {
        faults.push(("file".to_owned(), "is required"));
        return Answer::invalid(&faults);
    };
    if !faults.is_empty() {
        return Answer::invalid(&faults);
    }
    if size > world.file_limit {
        return Answer::error(413, "too_large", "the file is too large");
    }
    let number = 1 + world.received.values().map(Vec::len).sum::<usize>();
    let made = json!({
        "id": number, "external_id": sent["external_id"], "file_name": sent["file_name"], "content_type": sent["content_type"],
        "size": size, "sha256": sent["file"]["sha256"]
    });
    keep(world.received.entry(case).or_default(), made)
}

fn external_id(sent: &Value) -> Faults {
    if is_text(&sent["external_id"], 1..=128) {
        return Faults::new();
    }
    vec![("external_id".to_owned(), "must be text of 1 to 128 characters")]
}

/// The first with an `external_id` stands, whatever a later one says.
fn keep(held: &mut Vec<Value>, made: Value) -> Answer {
    if let Some(first) = held.iter().find(|known| known["external_id"] == made["external_id"]) {
        return Answer::of(200, first.clone());
    }
    held.push(made.clone());
    Answer::applied(201, made)
}
