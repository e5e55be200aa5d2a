//! Case Status's documents: listed like messages, and handed out byte by byte.

use serde_json::json;

use super::{Caller, Reply};
use crate::support::vendors::Vendor::CaseStatus;
use crate::support::vendors::{Fault, Gate, Sum, World, any_download};

fn sum(reply: &Reply) -> (u64, String) {
    let mut sum = Sum::default();
    sum.add(&reply.bytes);
    (sum.size, sum.sha256())
}

#[test]
fn documents_are_listed_and_handed_out() {
    let mut world = World::of([1]);
    world.document(1, "letter.pdf", "Dear Jane");
    world.document(1, "empty.pdf", "");
    let caller = Caller::new(world);

    let page = caller.get(CaseStatus, "/documents?limit=1").json();
    let last = caller.get(CaseStatus, &format!("/documents?after={}", page["next_cursor"].as_str().unwrap()));
    let letter = caller.get(CaseStatus, "/documents/doc-1/content");

    let expected = json!({
        "id": "doc-1", "case_id": "cs-1", "integration_id": "1", "file_name": "letter.pdf", "content_type": "application/pdf", "size": 9,
        "sha256": "088e57e6355e60a2807e01edc8055902a9ef5063a07e8b46e6e173171280f48b", "uploaded_at": "2026-11-02T12:01:00Z"
    });
    assert_eq!((&page["data"][0], &page["has_more"]), (&expected, &json!(true)));
    assert_eq!(last.ids(), ["doc-2"]);
    assert_eq!((letter.content_type.as_str(), letter.bytes.as_slice()), ("application/octet-stream", b"Dear Jane".as_slice()));
    assert_eq!(sum(&caller.get(CaseStatus, "/documents/doc-2/content")).0, 0);
    assert_eq!(caller.get(CaseStatus, "/documents/doc-3/content").status, 404);
    assert_eq!(caller.vendors.journal().downloads().len(), 3);
}

#[test]
fn a_large_document_is_what_it_is_said_to_be() {
    let mut world = World::of([1]);
    world.large_document(1, "scan.pdf", 3_000_000);
    world.large_document(1, "other.pdf", 3_000_000);
    let caller = Caller::new(world);

    let (size, sha256) = sum(&caller.get(CaseStatus, "/documents/doc-1/content"));

    let world = caller.vendors.world();
    assert_eq!((&json!(size), &json!(sha256)), (&world.documents[0].about["size"], &world.documents[0].about["sha256"]));
    assert_ne!(world.documents[0].about["sha256"], world.documents[1].about["sha256"]);
}

#[test]
fn a_file_can_be_cut_off_refused_and_late() {
    let mut world = World::of([1]);
    world.document(1, "letter.pdf", "Dear Jane");
    let caller = Caller::new(world);
    let gate = Gate::closed();
    gate.open();
    for fault in [Fault::CutOff, Fault::Refused(503), Fault::Wait(gate)] {
        caller.vendors.next(1, fault, any_download);
    }

    let replies = [0; 3].map(|_| caller.get(CaseStatus, "/documents/doc-1/content"));

    // The half is well-formed: nothing but size and sum tell.
    assert_eq!((replies[0].status, replies[0].bytes.as_slice()), (200, b"Dear".as_slice()));
    assert_eq!((replies[1].status, replies[2].bytes.as_slice()), (503, b"Dear Jane".as_slice()));
}
