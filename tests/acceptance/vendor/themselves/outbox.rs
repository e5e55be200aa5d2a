//! CASEpeer's outbox: a message leaves it with its receipt, and the first receipt stands.

use serde_json::{Value, json};

use super::Caller;
use crate::support::vendors::Vendor::Casepeer;
use crate::support::vendors::{Fault, World, any_receipt};

fn caller() -> Caller {
    let mut world = World::of([1]);
    for number in 1..=4 {
        world.outbound(1, &format!("Hello {number}"));
    }
    Caller::new(world)
}

fn delivered() -> Value {
    json!({ "status": "delivered", "case_status_message_id": "msg-1" })
}

#[test]
fn a_message_leaves_with_its_receipt() {
    let caller = caller();
    assert_eq!(caller.get(Casepeer, "/outbox").ids(), ["out-1", "out-2", "out-3", "out-4"]);

    let first = caller.put(Casepeer, "/outbox/out-2/receipt", &delivered());
    let second = caller.put(Casepeer, "/outbox/out-2/receipt", &json!({ "status": "failed", "error": "too late" }));

    assert_eq!((first.status, first.bytes, second.status), (200, vec![], 200));
    assert_eq!(caller.vendors.world().receipt("out-2"), Some(&delivered()));
    assert_eq!(caller.vendors.world().receipt("out-1"), None);
    assert_eq!(caller.get(Casepeer, "/outbox").ids(), ["out-1", "out-3", "out-4"]);
    let journal = caller.vendors.journal();
    assert_eq!((journal.receipts().len(), journal.marks().len()), (2, 0));
}

#[test]
fn a_receipt_between_two_pages_hides_no_message() {
    let caller = caller();

    let page = caller.get(Casepeer, "/outbox?limit=2");
    for id in page.ids() {
        caller.put(Casepeer, &format!("/outbox/{id}/receipt"), &delivered());
    }
    let last = caller.get(Casepeer, &format!("/outbox?limit=2&cursor={}", page.json()["next_cursor"].as_str().unwrap()));

    assert_eq!((page.ids(), last.ids()), (vec!["out-1".to_owned(), "out-2".to_owned()], vec!["out-3".to_owned(), "out-4".to_owned()]));
    assert_eq!(last.json()["next_cursor"], json!(null));
}

#[test]
fn what_is_no_receipt_is_refused() {
    let caller = caller();
    let status = |id: &str, body| caller.put(Casepeer, &format!("/outbox/{id}/receipt"), &body).status;

    assert_eq!(status("out-9", delivered()), 404);
    assert_eq!(status("out-1", json!({ "status": "lost" })), 422);
    assert_eq!(status("out-1", json!({ "status": "failed", "error": null })), 422);
    assert_eq!(caller.vendors.world().receipts.len(), 0);
}

#[test]
fn a_receipt_that_was_refused_leaves_its_message() {
    let caller = caller();
    caller.vendors.next(1, Fault::Refused(503), any_receipt);

    assert_eq!(caller.put(Casepeer, "/outbox/out-1/receipt", &delivered()).status, 503);
    assert_eq!(caller.get(Casepeer, "/outbox").ids().len(), 4);
}
