//! Case Status's messages: sent once per key, and read in the order of their sending.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Caller, Reply};
use crate::support::vendors::Vendor::CaseStatus;
use crate::support::vendors::{ANN, BOB, CARL, Fault, World, any_message};

fn say(caller: &Caller, id: u64, key: &str, body: &Value) -> Reply {
    let request = caller.request(CaseStatus, Method::POST, &format!("/cases/cs-{id}/messages"));
    caller.send(request.header("idempotency-key", key).json(body))
}

#[test]
fn a_repeated_key_sends_nothing_more() {
    let caller = Caller::new(World::of([1]));

    let first = say(&caller, 1, "a", &json!({ "body": "one" }));
    let again = say(&caller, 1, "a", &json!({ "body": "one" }));
    say(&caller, 1, "b", &json!({ "body": "two", "sender_email": BOB }));

    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    let world = caller.vendors.world();
    let sent: Vec<[&Value; 3]> =
        world.sent(1).iter().map(|held| [&held["body"], &held["sender_email"], &held["idempotency_key"]]).collect();
    assert_eq!(sent, [[&json!("one"), &json!(ANN), &json!("a")], [&json!("two"), &json!(BOB), &json!("b")]]);
    let applied: Vec<bool> = caller.vendors.journal().messages_sent().iter().map(|entry| entry.applied).collect();
    assert_eq!(applied, [true, false, true]);
}

#[test]
fn what_the_contract_does_not_allow_is_refused() {
    let caller = Caller::new(World::of([1]));

    assert_eq!(caller.post(CaseStatus, "/cases/cs-1/messages", &json!({ "body": "one" })).status, 400);
    assert_eq!(say(&caller, 2, "a", &json!({ "body": "one" })).status, 404);
    assert_eq!(say(&caller, 1, "b", &json!({ "body": "" })).status, 422);
    assert_eq!(say(&caller, 1, "c", &json!({ "body": "é".repeat(5_001) })).status, 422);
    assert_eq!(say(&caller, 1, "d", &json!({ "body": "one", "sender_email": CARL })).status, 422);
    assert_eq!(caller.vendors.world().messages.len(), 0);
    assert_eq!(say(&caller, 1, "e", &json!({ "body": "é".repeat(5_000) })).status, 201);
}

#[test]
fn the_feed_goes_on_where_it_was_left() {
    let mut world = World::of([1]);
    world.message(1, "from_client", "one");
    world.message(1, "from_firm", "two");
    let caller = Caller::new(world);
    let feed = |after: &Value| caller.get(CaseStatus, &format!("/messages?limit=1&after={}", after.as_str().unwrap()));

    let first = feed(&json!("")).json();
    let second = feed(&first["next_cursor"]).json();
    let empty = feed(&second["next_cursor"]).json();
    caller.vendors.world().message(1, "from_client", "three");
    let third = feed(&empty["next_cursor"]);

    assert_eq!((&first["has_more"], &second["has_more"]), (&json!(true), &json!(false)));
    assert_eq!((&first["data"][0]["sender_email"], &second["data"][0]["sender_email"]), (&json!(null), &json!(ANN)));
    assert_eq!((&empty["data"], &empty["has_more"], &empty["next_cursor"]), (&json!([]), &json!(false), &second["next_cursor"]));
    assert_eq!(third.ids(), ["msg-3"]);
    // An old cursor still says what it said, and another feed's says nothing.
    assert_eq!(feed(&first["next_cursor"]).json()["data"], second["data"]);
    assert_eq!(caller.get(CaseStatus, "/messages?after=documents-1").status, 422);
    assert_eq!(caller.get(CaseStatus, "/messages?limit=201").status, 422);
}

#[test]
fn a_message_whose_answer_was_cut_off_is_in_the_feed() {
    let caller = Caller::new(World::of([1]));
    caller.vendors.next(1, Fault::CutOff, any_message);

    let reply = say(&caller, 1, "a", &json!({ "body": "one" }));

    assert_eq!(reply.status, 201);
    assert!(serde_json::from_slice::<Value>(&reply.bytes).is_err());
    assert_eq!(caller.get(CaseStatus, "/messages").json()["data"][0]["idempotency_key"], "a");
}
