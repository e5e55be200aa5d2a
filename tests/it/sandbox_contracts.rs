//! The sandbox answers by the contracts: notes, the outbox, messages and cases, asked without a listener.

use casebridge::sandbox::SandboxVendor::{CaseStatus, Casepeer};
use casebridge::sandbox::{SandboxReply, SandboxRequest, SandboxState, SandboxVendor, data};
use serde_json::{Value, json};

/// A case of Hartwell, by its CASEpeer id, that both vendors have.
const CASE: u64 = 48_201;

struct Hartwell(SandboxState);

impl Hartwell {
    fn new() -> Hartwell {
        let mut world = data::hartwell().world;
        world.messages.clear();
        world.outbox = (1..=4).map(|number| json!({ "id": format!("out-{number}"), "case_id": CASE, "body": "Hello" })).collect();
        Hartwell(SandboxState::new(world))
    }

    fn ask(&mut self, vendor: SandboxVendor, method: &str, address: &str, key: Option<&str>, body: &Value) -> SandboxReply {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let request = SandboxRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            idempotency_key: key.map(str::to_owned),
            body: body.clone(),
            ..SandboxRequest::default()
        };
        self.0.answer(vendor, &request)
    }

    fn get(&mut self, vendor: SandboxVendor, address: &str) -> Value {
        let reply = self.ask(vendor, "GET", address, None, &Value::Null);
        assert_eq!((reply.status, reply.wrote), (200, false), "{address}");
        reply.body
    }

    fn note(&mut self, case: u64, body: &Value) -> SandboxReply {
        self.ask(Casepeer, "POST", &format!("/cases/{case}/notes"), None, body)
    }

    fn receipt(&mut self, message: &str, body: &Value) -> SandboxReply {
        self.ask(Casepeer, "PUT", &format!("/outbox/{message}/receipt"), None, body)
    }

    fn say(&mut self, case: &str, key: Option<&str>, body: &Value) -> SandboxReply {
        self.ask(CaseStatus, "POST", &format!("/cases/{case}/messages"), key, body)
    }
}

/// One field of what a page lists.
fn listed(page: &Value, field: &str) -> Vec<String> {
    page["data"].as_array().expect("a list").iter().map(|item| item[field].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn the_first_note_with_an_external_id_stands() {
    let mut hartwell = Hartwell::new();
    let note = |text: &str| json!({ "external_id": "a", "body": text, "occurred_at": "2026-11-02T12:00:00Z" });
    let (first, again) = (hartwell.note(CASE, &note("one")), hartwell.note(CASE, &note("two")));
    let elsewhere = hartwell.note(48_202, &note("three"));
    assert_eq!((first.status, again.status, elsewhere.status), (201, 200, 201));
    assert_eq!((first.wrote, again.wrote, elsewhere.wrote), (true, false, true));
    assert_eq!(first.body, again.body);
    assert_eq!((&first.body["body"], &first.body["created_at"]), (&json!("one"), &json!("2026-11-02T12:00:00Z")));
    for number in 1..=2 {
        hartwell.note(CASE, &json!({ "external_id": number.to_string(), "body": "" }));
    }
    let page = hartwell.get(Casepeer, &format!("/cases/{CASE}/notes?limit=2"));
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let last = hartwell.get(Casepeer, &format!("/cases/{CASE}/notes?limit=2&cursor={cursor}"));
    assert_eq!((listed(&page, "external_id"), listed(&last, "external_id")), (vec!["a".into(), "1".into()], vec!["2".into()]));
    assert_eq!(last["next_cursor"], Value::Null);
}

#[test]
fn notes_that_the_contract_does_not_allow_are_refused() {
    let mut hartwell = Hartwell::new();
    for (case, status, body) in [
        (1, 404, json!({ "external_id": "a", "body": "one" })),
        (CASE, 400, Value::Null),
        (CASE, 422, json!({ "body": "one" })),
        (CASE, 422, json!({ "external_id": "a" })),
        (CASE, 422, json!({ "external_id": "a".repeat(129), "body": "one" })),
        (CASE, 422, json!({ "external_id": "a", "body": "é".repeat(20_001) })),
        (CASE, 422, json!({ "external_id": "a", "body": "one", "occurred_at": "yesterday" })),
        (CASE, 422, json!({ "external_id": "a", "body": "one", "occurred_at": null })),
    ] {
        assert_eq!(hartwell.note(case, &body).status, status, "{body:.99}");
    }
    assert_eq!(hartwell.get(Casepeer, &format!("/cases/{CASE}/notes"))["data"], json!([]));
    assert_eq!(hartwell.ask(Casepeer, "GET", "/cases/1/notes", None, &Value::Null).status, 404);
    assert_eq!(hartwell.note(CASE, &json!({ "external_id": "a".repeat(128), "body": "é".repeat(20_000) })).status, 201);
}

#[test]
fn a_message_leaves_the_outbox_with_its_receipt_and_the_first_stands() {
    let mut hartwell = Hartwell::new();
    let delivered = json!({ "status": "delivered", "case_status_message_id": "msg_1" });
    let page = hartwell.get(Casepeer, "/outbox?limit=2");
    assert_eq!(listed(&page, "id"), ["out-1", "out-2"]);
    for (message, status, body) in [
        ("out-9", 404, &delivered),
        ("out-1", 422, &json!({ "status": "lost" })),
        ("out-1", 422, &json!({ "status": "failed", "error": null })),
    ] {
        assert_eq!(hartwell.receipt(message, body).status, status, "{body}");
    }
    assert!(hartwell.0.world().receipts.is_empty());

    let first = hartwell.receipt("out-2", &delivered);
    let second = hartwell.receipt("out-2", &json!({ "status": "failed", "error": "too late" }));
    hartwell.receipt("out-1", &delivered);

    assert_eq!((first.status, first.body, first.wrote, second.status, second.wrote), (200, Value::Null, true, 200, false));
    assert_eq!(hartwell.0.world().receipts["out-2"], delivered);
    assert_eq!(listed(&hartwell.get(Casepeer, "/outbox"), "id"), ["out-3", "out-4"]);
    // A receipt between two pages hides no message.
    let last = hartwell.get(Casepeer, &format!("/outbox?limit=2&cursor={}", page["next_cursor"].as_str().expect("a cursor")));
    assert_eq!((listed(&last, "id"), &last["next_cursor"]), (vec!["out-3".to_owned(), "out-4".to_owned()], &Value::Null));
}

#[test]
fn a_repeated_key_sends_nothing_more() {
    let mut hartwell = Hartwell::new();
    let attorney = hartwell.0.world().existing[0]["primary_attorney_email"].clone();
    let first = hartwell.say("cs_1", Some("a"), &json!({ "body": "one" }));
    let again = hartwell.say("cs_1", Some("a"), &json!({ "body": "one" }));
    hartwell.say("cs_1", Some("b"), &json!({ "body": "two", "sender_email": "reyes@hartwell.example" }));
    assert_eq!((first.status, first.wrote, again.status, again.wrote), (201, true, 201, false));
    assert_eq!(first.body, again.body);
    let sent = hartwell.0.world().messages.iter();
    let sent: Vec<_> = sent.map(|message| [&message["body"], &message["sender_email"], &message["idempotency_key"]]).collect();
    assert_eq!(sent, [[&json!("one"), &attorney, &json!("a")], [&json!("two"), &json!("reyes@hartwell.example"), &json!("b")]]);
}

#[test]
fn messages_that_the_contract_does_not_allow_are_refused() {
    let mut hartwell = Hartwell::new();
    for (case, key, status, body) in [
        ("cs_1", None, 400, json!({ "body": "one" })),
        ("cs_99", Some("a"), 404, json!({ "body": "one" })),
        ("cs_1", Some("b"), 422, json!({ "body": "" })),
        ("cs_1", Some("c"), 422, json!({ "body": "é".repeat(5_001) })),
        ("cs_1", Some("d"), 422, json!({ "body": "one", "sender_email": "marsh@hartwell.example" })),
    ] {
        assert_eq!(hartwell.say(case, key, &body).status, status, "{body:.99}");
    }
    assert!(hartwell.0.world().messages.is_empty());
    assert_eq!(hartwell.say("cs_1", Some("e"), &json!({ "body": "é".repeat(5_000) })).status, 201);
}

#[test]
fn a_feed_goes_on_where_it_was_left() {
    let mut hartwell = Hartwell::new();
    let say = |hartwell: &mut Hartwell, text: &str| assert!(hartwell.say("cs_1", Some(text), &json!({ "body": text })).wrote);
    say(&mut hartwell, "one");
    say(&mut hartwell, "two");
    let feed = |hartwell: &mut Hartwell, after: &Value| {
        hartwell.get(CaseStatus, &format!("/messages?limit=1&after={}", after.as_str().expect("a cursor")))
    };
    let first = feed(&mut hartwell, &json!(""));
    let second = feed(&mut hartwell, &first["next_cursor"]);
    let empty = feed(&mut hartwell, &second["next_cursor"]);
    say(&mut hartwell, "three");
    let third = feed(&mut hartwell, &empty["next_cursor"]);
    assert_eq!((&first["has_more"], &second["has_more"]), (&json!(true), &json!(false)));
    assert_eq!((&empty["data"], &empty["has_more"], &empty["next_cursor"]), (&json!([]), &json!(false), &second["next_cursor"]));
    assert_eq!(listed(&third, "body"), ["three"]);
    // An old cursor still says what it said.
    assert_eq!(feed(&mut hartwell, &first["next_cursor"])["data"], second["data"]);
    for address in ["/messages?after=documents-1", "/messages?limit=201", "/cases?limit=0", "/cases?status=ajar"] {
        assert_eq!(hartwell.ask(CaseStatus, "GET", address, None, &Value::Null).status, 400, "{address}");
    }
}

#[test]
fn what_case_status_does_not_take_names_its_fields() {
    let mut hartwell = Hartwell::new();
    let fields = |reply: &SandboxReply| {
        let fields = reply.body["error"]["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().map(|field| format!("{} {}", field["field"], field["code"]).replace('"', "")).collect::<Vec<_>>()
    };
    let patch =
        json!({ "stage": 11, "status": "ajar", "primary_attorney_email": "marsh@hartwell.example", "case_date": "20240203", "x": 1 });
    let refused = hartwell.ask(CaseStatus, "PATCH", "/cases/cs_1", None, &patch);
    assert_eq!((refused.status, refused.wrote), (422, false));
    let expected = [
        "status invalid",
        "primary_attorney_email no_active_attorney",
        "case_date invalid",
        "x unknown_property",
        "stage not_in_practice_area",
    ];
    assert_eq!(fields(&refused), expected);
    let new = hartwell.ask(CaseStatus, "POST", "/cases", Some("a"), &json!({ "client": { "phone": "555" }, "practice_area": "Bees" }));
    let expected = [
        "integration_id required",
        "readable_id required",
        "primary_attorney_email required",
        "create_client required",
        "client.first_name required",
        "client.last_name required",
        "client.phone invalid",
        "practice_area unknown",
    ];
    assert_eq!((new.status, fields(&new)), (422, expected.map(str::to_owned).to_vec()));
    let kept = hartwell.ask(CaseStatus, "PATCH", "/cases/cs_1", None, &json!({}));
    assert_eq!((kept.status, kept.wrote), (422, false));
    let staged = hartwell.ask(CaseStatus, "PATCH", "/cases/cs_1", None, &json!({ "stage": 13 }));
    assert!(fields(&staged).contains(&"stage invalid".to_owned()), "{:?}", fields(&staged));
}
