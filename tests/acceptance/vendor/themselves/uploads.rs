//! CASEpeer's documents: forms with a file, of which the sum and the size are kept.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use super::{Caller, Reply};
use crate::support::vendors::Vendor::Casepeer;
use crate::support::vendors::{Fault, Sum, World, any_upload};

/// Where a file ends in these forms. The file may hold what looks like it.
const BOUNDARY: &str = "----a7c1";

fn form(texts: &[(&str, &str)], file: Option<&[u8]>) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, text) in texts {
        form.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").bytes());
    }
    if let Some(file) = file {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf";
        form.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
        form.extend(file);
        form.extend(b"\r\n");
    }
    form.extend(format!("--{BOUNDARY}--\r\n").bytes());
    form
}

fn post(caller: &Caller, case: u64, form: Vec<u8>) -> Reply {
    let request = caller.request(Casepeer, Method::POST, &format!("/cases/{case}/documents"));
    caller.send(request.header(CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")).body(form))
}

#[test]
fn the_first_with_an_external_id_stands() {
    let caller = Caller::new(World::of([1]));
    let texts = [("external_id", "doc-1"), ("file_name", "letter.pdf"), ("content_type", "application/pdf")];

    let first = post(&caller, 1, form(&texts, Some(b"Dear\r\n----a7\r\nJane")));
    let again = post(&caller, 1, form(&texts, Some(b"Dear John")));

    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json(), again.json());
    let mut sum = Sum::default();
    sum.add(b"Dear\r\n----a7\r\nJane");
    let expected = json!({
        "id": 1, "external_id": "doc-1", "file_name": "letter.pdf", "content_type": "application/pdf", "size": 18, "sha256": sum.sha256()
    });
    assert_eq!(caller.vendors.world().received(1), [expected]);
    let journal = caller.vendors.journal();
    let asked: Vec<_> = journal.documents().iter().map(|entry| (&entry.call.body["file"]["size"], entry.applied)).collect();
    assert_eq!(asked, [(&json!(18), true), (&json!(9), false)]);
}

#[test]
fn what_the_contract_does_not_allow_is_refused() {
    let caller = Caller::new(World::of([1]));
    let texts = [("external_id", "doc-1"), ("file_name", "letter.pdf")];
    let status = |case: u64, form: Vec<u8>| post(&caller, case, form).status;

    assert_eq!(status(2, form(&texts, Some(b"Dear"))), 404);
    assert_eq!(status(1, form(&texts, None)), 422);
    assert_eq!(status(1, form(&texts[1..], Some(b"Dear"))), 422);
    assert_eq!(status(1, form(&[("external_id", "doc-1"), ("file_name", &"a".repeat(256))], Some(b"Dear"))), 422);
    // A form that ends early has no file, and JSON is no form.
    let whole = form(&texts, Some(b"Dear"));
    assert_eq!(status(1, whole[..whole.len() - 15].to_vec()), 422);
    assert_eq!(caller.post(Casepeer, "/cases/1/documents", &json!({ "external_id": "doc-1", "file_name": "letter.pdf" })).status, 422);
    assert_eq!(caller.vendors.world().received(1).len(), 0);
    assert_eq!(status(1, whole), 201);
}

#[test]
fn files_may_be_as_large_as_casepeer_says() {
    let caller = Caller::new(World::of([1]));
    caller.vendors.world().file_limit = 3_000_000;
    let texts = |id| [("external_id", id), ("file_name", "scan.pdf")];

    let most = post(&caller, 1, form(&texts("a"), Some(&vec![7; 3_000_000])));
    let more = post(&caller, 1, form(&texts("b"), Some(&vec![7; 3_000_001])));

    assert_eq!((most.status, more.status), (201, 413));
    assert_eq!(caller.vendors.world().received(1)[0]["size"], 3_000_000);
}

#[test]
fn a_document_that_was_refused_by_mistake_is_there() {
    let caller = Caller::new(World::of([1]));
    caller.vendors.next(1, Fault::DoneThen(500), any_upload);
    let form = form(&[("external_id", "doc-1"), ("file_name", "letter.pdf")], Some(b"Dear"));

    let statuses = [0; 2].map(|_| post(&caller, 1, form.clone()).status);

    assert_eq!((statuses, caller.vendors.world().received(1).len()), ([500, 200], 1));
}
