//! CASEpeer's notes: one per `external_id` and case.

use serde_json::json;

use super::Caller;
use crate::support::vendors::Vendor::Casepeer;
use crate::support::vendors::{Fault, World, any_note};

#[test]
fn the_first_with_an_external_id_stands() {
    let caller = Caller::new(World::of([1, 2]));

    let first =
        caller.post(Casepeer, "/cases/1/notes", &json!({ "external_id": "a", "body": "one", "occurred_at": "2026-11-02T12:00:00Z" }));
    let again = caller.post(Casepeer, "/cases/1/notes", &json!({ "external_id": "a", "body": "two" }));
    let elsewhere = caller.post(Casepeer, "/cases/2/notes", &json!({ "external_id": "a", "body": "three" }));

    assert_eq!((first.status, again.status, elsewhere.status), (201, 200, 201));
    assert_eq!(first.json(), again.json());
    let world = caller.vendors.world();
    assert_eq!((world.note_bodies(1), world.note_bodies(2)), (vec!["one"], vec!["three"]));
    assert_eq!(world.notes(1)[0]["occurred_at"], "2026-11-02T12:00:00Z");
    let applied: Vec<bool> = caller.vendors.journal().notes().iter().map(|entry| entry.applied).collect();
    assert_eq!(applied, [true, false, true]);
}

#[test]
fn what_the_contract_does_not_allow_is_refused() {
    let caller = Caller::new(World::of([1]));
    let status = |case: u64, body| caller.post(Casepeer, &format!("/cases/{case}/notes"), &body).status;

    assert_eq!(status(2, json!({ "external_id": "a", "body": "one" })), 404);
    assert_eq!(status(1, json!({ "body": "one" })), 422);
    assert_eq!(status(1, json!({ "external_id": "a" })), 422);
    assert_eq!(status(1, json!({ "external_id": "a".repeat(129), "body": "one" })), 422);
    assert_eq!(status(1, json!({ "external_id": "a", "body": "é".repeat(20_001) })), 422);
    assert_eq!(status(1, json!({ "external_id": "a", "body": "one", "occurred_at": "yesterday" })), 422);
    assert_eq!(caller.vendors.world().notes(1).len(), 0);
    assert_eq!(status(1, json!({ "external_id": "a".repeat(128), "body": "é".repeat(20_000) })), 201);
}

#[test]
fn notes_come_in_pages() {
    let caller = Caller::new(World::of([1]));
    for number in 1..=3 {
        caller.post(Casepeer, "/cases/1/notes", &json!({ "external_id": number.to_string(), "body": "one" }));
    }

    let page = caller.get(Casepeer, "/cases/1/notes?limit=2").json();
    let last = caller.get(Casepeer, &format!("/cases/1/notes?limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).json();

    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    assert_eq!((&last["data"][0]["external_id"], &last["next_cursor"]), (&json!("3"), &json!(null)));
    assert_eq!(caller.get(Casepeer, "/cases/2/notes").status, 404);
}

#[test]
fn a_note_that_was_refused_by_mistake_is_there() {
    let caller = Caller::new(World::of([1]));
    caller.vendors.next(1, Fault::DoneThen(500), any_note);

    let note = json!({ "external_id": "a", "body": "one" });
    let statuses = [0; 2].map(|_| caller.post(Casepeer, "/cases/1/notes", &note).status);

    assert_eq!((statuses, caller.vendors.world().notes(1).len()), ([500, 200], 1));
}
