//! The listener of these tests does what its faults say, and its journal says what was done. Every other test with a fault relies on both.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::http::{Answer, ask_with};
use crate::support::vendors::Vendor::{self, CaseStatus, Casepeer};
use crate::support::vendors::{Fault, Gate, Vendors, World, any_download, any_message, any_note, any_receipt, any_upload};

const JSON: &str = "application/json";

/// Sends a request with the firm's key, without a host.
fn send(vendors: &Vendors, vendor: Vendor, method: &str, path: &str, (content_type, body): (&str, &str)) -> Answer {
    let url = vendors.base_url(vendor);
    let (address, prefix) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    let world = vendors.world();
    let key = if vendor == Casepeer { &world.casepeer_key } else { &world.case_status_key };
    let authorization = format!("Bearer {key}");
    drop(world);
    let headers = [("authorization", &*authorization), ("content-type", content_type), ("idempotency-key", "a")];
    ask_with(address, method, &format!("/{prefix}{path}"), &headers, Some(body)).expect("an answer")
}

fn get(vendors: &Vendors, vendor: Vendor, path: &str) -> Answer {
    send(vendors, vendor, "GET", path, (JSON, ""))
}

fn add_note(vendors: &Vendors, case: u64) -> Answer {
    let body = json!({ "external_id": "a", "body": "one" }).to_string();
    send(vendors, Casepeer, "POST", &format!("/cases/{case}/notes"), (JSON, &body))
}

fn upload(vendors: &Vendors) -> Answer {
    let part = |name: &str, content: &str| format!("--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{content}\r\n");
    let parts =
        [part("\"external_id\"", "doc-1"), part("\"file_name\"", "letter.pdf"), part("\"file\"; filename=\"a.pdf\"", "Dear")].concat();
    let form = format!("{parts}--b--\r\n");
    send(vendors, Casepeer, "POST", "/cases/1/documents", ("multipart/form-data; boundary=b", &form))
}

fn put_receipt(vendors: &Vendors) -> Answer {
    let body = json!({ "status": "delivered", "case_status_message_id": "msg-1" }).to_string();
    send(vendors, Casepeer, "PUT", "/outbox/out-1/receipt", (JSON, &body))
}

fn download(vendors: &Vendors) -> Answer {
    get(vendors, CaseStatus, "/documents/doc-1/content")
}

/// What the journal says of each write: its status, and whether it changed something.
fn writes(vendors: &Vendors) -> Vec<(u16, bool)> {
    let journal = vendors.journal();
    journal.writes().iter().map(|entry| (entry.status.expect("an answer"), entry.applied)).collect()
}

#[test]
fn the_journal_says_which_write_changed_something() {
    let vendors = Vendors::boot(World::of([1, 2]));
    let statuses = [1, 1, 2].map(|case| add_note(&vendors, case).status);
    assert_eq!(statuses, [201, 200, 201]);
    let journal = vendors.journal();
    let applied: Vec<bool> = journal.notes().iter().map(|entry| entry.applied).collect();
    assert_eq!(applied, [true, false, true]);
    let world = vendors.world();
    assert_eq!((world.note_bodies(1), world.note_bodies(2)), (vec!["one"], vec!["one"]));
}

#[test]
fn what_is_done_and_then_refused_is_done_once() {
    let vendors = Vendors::boot(World::of([1]));
    vendors.next(1, Fault::DoneThen(500), any_note);
    vendors.next(1, Fault::DoneThen(500), any_upload);
    assert_eq!([0; 2].map(|_| add_note(&vendors, 1).status), [500, 200]);
    assert_eq!([0; 2].map(|_| upload(&vendors).status), [500, 200]);
    assert_eq!(writes(&vendors), [(500, true), (200, false), (500, true), (200, false)]);
    let world = vendors.world();
    assert_eq!((world.notes(1).len(), world.received(1).len()), (1, 1));
}

#[test]
fn what_is_refused_is_not_done() {
    let mut world = World::of([1]);
    world.outbound(1, "Hello");
    let vendors = Vendors::boot(world);
    let listed = || get(&vendors, Casepeer, "/outbox").json()["data"].as_array().expect("a list").len();
    vendors.next(1, Fault::Refused(503), any_receipt);
    assert_eq!((put_receipt(&vendors).status, listed()), (503, 1));
    assert_eq!(vendors.world().receipt("out-1"), None);
    assert_eq!((put_receipt(&vendors).status, listed()), (200, 0));
    assert_eq!(writes(&vendors), [(503, false), (200, true)]);
}

#[test]
fn a_message_whose_answer_is_cut_off_is_in_the_feed() {
    let vendors = Vendors::boot(World::of([1]));
    vendors.next(1, Fault::CutOff, any_message);
    let reply = send(&vendors, CaseStatus, "POST", "/cases/cs-1/messages", (JSON, &json!({ "body": "one" }).to_string()));
    assert_eq!(reply.status, 201);
    assert!(serde_json::from_str::<Value>(&reply.body).is_err(), "{reply:?}");
    let feed = get(&vendors, CaseStatus, "/messages").json();
    let [message] = feed["data"].as_array().expect("a list").as_slice() else { panic!("{feed}") };
    assert_eq!((&message["body"], &message["idempotency_key"]), (&json!("one"), &json!("a")));
    let whole = message.to_string();
    assert!(whole.starts_with(&reply.body) && reply.body.len() == whole.len() / 2, "{reply:?}");
    assert_eq!(writes(&vendors), [(201, true)]);
}

#[test]
fn a_file_is_cut_off_or_refused_or_late() {
    let mut world = World::of([1]);
    world.document(1, "letter.pdf", "Dear Jane");
    let vendors = Vendors::boot(world);
    let gate = Gate::closed();
    for fault in [Fault::CutOff, Fault::Refused(503), Fault::Wait(gate.clone())] {
        vendors.next(1, fault, any_download);
    }
    let [half, refused] = [0; 2].map(|_| download(&vendors));
    // The half is well-formed: nothing but size and hash tell.
    assert_eq!((half.status, &*half.body, half.header("content-length")), (200, "Dear", "4"));
    assert_eq!(refused.status, 503);
    let late = thread::scope(|scope| {
        let late = scope.spawn(|| download(&vendors));
        let was_answered = loop {
            thread::sleep(Duration::from_millis(100));
            if let Some(entry) = vendors.journal().downloads().get(2) {
                break entry.status.is_some() || late.is_finished();
            }
        };
        gate.open();
        assert!(!was_answered, "the gate was closed");
        late.join().expect("an answer")
    });
    assert_eq!((late.status, &*late.body), (200, "Dear Jane"));
}

#[test]
fn a_fault_meets_no_request_but_those_that_it_is_aimed_at() {
    let vendors = Vendors::boot(World::of([1]));
    vendors.after(1, 1, Fault::TooManySeconds(7), any_note);
    assert_eq!((add_note(&vendors, 1).status, upload(&vendors).status), (201, 201));
    let too_many = add_note(&vendors, 1);
    assert_eq!((too_many.status, too_many.header("retry-after")), (429, "7"));
    assert_eq!(add_note(&vendors, 1).status, 200);
    assert_eq!(writes(&vendors), [(201, true), (201, true), (429, false), (200, false)]);
}
