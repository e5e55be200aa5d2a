//! Answers about something else than was asked for: nobody's case gets what is another's, and people hear of it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, Vendor, World, any_mark, any_message, any_note, any_post, any_upload, patch_of};

/// Cases 1 to 3 on both sides; 2 has another stage and attorney, and 1 is not marked, so that a sync looks it up.
fn scene() -> Scene {
    let mut world = World::of(1..=3);
    world.peer(2)["stage"] = json!("Negotiation");
    world.attorney(2, crate::support::vendors::BOB);
    world.status(2)["stage"] = json!(6);
    world.status(2)["primary_attorney_email"] = json!(crate::support::vendors::BOB);
    world.peer(1)["connected"] = json!(false);
    Scene::new(world, &Rules::new())
}

fn reads(vendor: Vendor, path: &'static str) -> impl Fn(&Call) -> bool + Send + 'static {
    move |call| call.is(vendor, "GET", path)
}

fn by_integration_id(id: &'static str) -> impl Fn(&Call) -> bool + Send + 'static {
    move |call| call.method == "GET" && call.query.get("integration_id").is_some_and(|wanted| wanted == id)
}

/// All is done, and the answer has this in this field.
fn named(field: &'static str, value: Value) -> Fault {
    Fault::Altered(Arc::new(move |answer| answer[field] = value.clone()))
}

#[test]
fn a_case_that_is_answered_with_another_one_is_a_failed_row_and_nothing_is_written() {
    let said = "CASEpeer answered case 2 to the request for case 1";
    for by_hand in [false, true] {
        let scene = scene();
        scene.vendors.always(Fault::Redirected("/cases/2".to_owned()), reads(Vendor::Casepeer, "/cases/1"));
        let run = if by_hand { scene.sync_case("1") } else { scene.sync() }.exits(1).run();
        assert_eq!((run.row(1).result(), run.row(1).reason()), ("failed", said));
        run.row(1).is_for("support");
        assert!(scene.vendors.journal().writes().is_empty());
    }
    // The other side, asked by the integration ID: a filter that answers others says nothing of this one.
    let scene = scene();
    let others = json!({ "data": [scene.vendors.world().status(2).clone()], "next_cursor": null, "total": 1 });
    scene.vendors.always(Fault::Said(200, others), by_integration_id("1"));
    for run in [scene.sync_case("1"), scene.connect(1)] {
        let run = run.exits(1).run();
        assert_eq!(run.row(1).reason(), "Case Status answered case 2 to the request for case 1");
    }
    assert!(scene.vendors.journal().writes().is_empty());
}

#[test]
fn an_update_that_is_answered_with_another_case_is_looked_up_and_not_sent_again() {
    let scene = scene();
    scene.vendors.world().peer(3)["stage"] = json!("Negotiation");
    scene.vendors.next(1, named("integration_id", json!("2")), patch_of(3));
    let run = scene.sync().exits(0).run();
    assert_eq!((run.row(3).result(), run.row(3).changes()), ("updated", "stage: 3 → 6"));
    assert!(run.row(3).reason().contains("answered case 2 to the request for case 3"), "{}", run.row(3).reason());

    // Written to the other case: what that has now is for people to look at.
    scene.vendors.world().peer(3)["stage"] = json!("Litigation");
    scene.vendors.next(9, Fault::Redirected("/cases/cs-2".to_owned()), patch_of(3));
    let run = scene.sync().exits(1).run();
    assert_eq!(run.row(3).result(), "failed");
    assert!(run.row(3).reason().contains("look at both"), "{}", run.row(3).reason());
    assert_eq!(scene.vendors.journal().patches_of(3).len(), 2);
}

#[test]
fn a_creation_and_a_mark_that_are_answered_with_another_case_are_looked_up() {
    let scene = scene();
    scene.vendors.world().unconnected(4);
    scene.vendors.next(1, named("integration_id", json!("2")), any_post);
    scene.vendors.next(1, named("id", json!(2)), any_mark);
    let run = scene.connect(4).exits(0).run();
    assert_eq!(run.row(4).result(), "created");
    assert!(run.row(4).reason().contains("CASEpeer answered case 2 to the request for case 4"), "{}", run.row(4).reason());
    assert_eq!((scene.vendors.world().mark(4), scene.vendors.journal().posts().len()), (Some("cs-4"), 1));

    scene.vendors.world().unconnected(5);
    let another = scene.vendors.world().status(2).clone();
    scene.vendors.next(1, Fault::Said(201, another), any_post);
    let run = scene.connect(5).exits(1).run();
    assert_eq!((run.row(5).result(), scene.vendors.world().mark(5)), ("failed", None));
    run.row(5).is_for("support");
}

#[test]
fn what_is_filed_under_another_name_is_a_letter_and_a_message_is_not_sent_again() {
    let scene = scene();
    {
        let mut world = scene.vendors.world();
        world.message(1, "from_client", "Hello");
        world.document(1, "photo.jpg", "bytes");
        world.outbound(1, "Please call.");
        world.outbound(3, "Good news.");
    }
    scene.vendors.always(named("external_id", json!("case-status-message-99")), any_note);
    scene.vendors.always(named("external_id", json!("case-status-document-99")), any_upload);
    // The first is another case's, and the second only answered so.
    scene.vendors.next(1, Fault::Redirected("/cases/cs-2/messages".to_owned()), any_message);
    scene.vendors.next(1, named("case_id", json!("cs-2")), any_message);

    for pass in ["messages", "documents"] {
        let run = scene.host.run(&[pass, "hartwell", "--json"]).exits(1).run();
        assert!(run.row(1).reason().contains("case-status-"), "{}", run.row(1).reason());
        run.row(1).is_for("support");
    }
    let letters = scene.host.run(&["letters", "list", "--firm", "hartwell", "--json"]).exits(0).json().to_string();
    assert!(letters.contains("answered note case-status-message-99") && letters.contains("answered document"), "{letters}");

    let run = scene.host.run(&["outbox", "hartwell", "--json"]).exits(1).run();
    assert!(run.row(1).reason().contains("cs-2 to the request for case cs-1"), "{}", run.row(1).reason());
    assert_eq!(run.row(3).result(), "updated");
    scene.host.run(&["outbox", "hartwell", "--json"]).exits(0);
    assert_eq!(scene.vendors.journal().messages_sent().len(), 2);
}
