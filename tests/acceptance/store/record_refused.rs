//! A 401 or 403 about one record is that record's, as long as the key is good; the key is proved once a run.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, Vendor, World, any_message, any_note, any_upload};

/// How often the keys were proved.
fn proofs(scene: &Scene) -> usize {
    scene.vendors.take_proofs()
}

fn letters(scene: &Scene) -> usize {
    scene.host.run(&["letters", "list", "--json"]).json().as_array().map_or(0, Vec::len)
}

#[test]
fn cases_that_are_refused_are_failed_rows_and_the_others_are_written() {
    let mut world = World::of(1..=40);
    (1..=12).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    // In CASEpeer these are not listed as connected, and are looked up.
    (39..=40).for_each(|id| world.peer(id)["connected"] = json!(false));
    let scene = Scene::new(world, &Rules::new().with("guard", "{ max_stage_changes: 100% }"));
    for status in [401, 403] {
        scene.vendors.mend();
        let is_refused = |path: &str| ["/cases/cs-7", "/cases/cs-8", "/cases/cs-9"].contains(&path);
        scene.vendors.always(Fault::Refused(status), move |call| call.vendor == Vendor::CaseStatus && is_refused(&call.path));

        let run = scene.sync().exits(1).run();

        assert_eq!((run.status(), run.count("failed"), run.row(7).result()), ("partial", 3, "failed"));
        run.row(7).blames(&format!("Case Status refused the request ({status} internal, about "));
        run.row(7).blames("though the key is accepted");
        let mut world = scene.vendors.world();
        assert_eq!((&world.status(12)["stage"].clone(), &world.status(1)["stage"]), (&json!(6), &json!(6)));
        drop(world);
        // Two of them before anything was written, and one for what was refused.
        assert_eq!(proofs(&scene), 3);
    }
}

#[test]
fn a_proof_that_cannot_be_had_says_nothing_and_the_next_run_tries_again() {
    let mut world = World::of([1, 2]);
    world.message(1, "from_client", "one");
    world.message(2, "from_client", "two");
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.always(Fault::Refused(403), |call| call.path == "/cases/1/notes");
    scene.vendors.always(Fault::Refused(503), |call| call.path == "/account");

    let run = scene.host.run(&["messages", "hartwell", "--json"]).exits(1).run();

    let reason = run.row(1).reason().to_owned();
    assert!(reason.contains("could not be asked whether it accepts the key"), "{reason}");
    assert_eq!((run.status(), scene.vendors.world().note_bodies(2).len(), letters(&scene)), ("partial", 1, 0));
    scene.vendors.mend();
    scene.host.run(&["messages", "hartwell"]).exits(0);
    assert_eq!(scene.vendors.world().note_bodies(1).len(), 1);
}

#[test]
fn a_message_a_document_and_a_message_of_staffs_that_are_refused_hold_up_no_other() {
    let mut world = World::of([1, 2]);
    for id in [1, 2] {
        world.message(id, "from_client", "hello");
        world.document(id, "bill.pdf", b"a bill".to_vec());
        world.outbound(id, "good morning");
    }
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.always(Fault::Refused(403), |call| {
        let is_ones = call.path.starts_with("/cases/1/") || call.path.starts_with("/cases/cs-1/");
        is_ones && (any_note(call) || any_upload(call) || any_message(call))
    });

    for (command, letters_then) in [("messages", 1), ("documents", 2), ("outbox", 2)] {
        let run = scene.host.run(&[command, "hartwell", "--json"]).exits(1).run();
        assert_eq!((run.status(), run.row(1).result(), run.row(2).result()), ("partial", "failed", "updated"), "{command}");
        // Two of them before anything was written.
        assert_eq!((proofs(&scene), letters(&scene)), (3, letters_then), "{command}");
    }
    let world = scene.vendors.world();
    assert_eq!((world.note_bodies(2).len(), world.received(2).len(), world.sent(2).len()), (1, 1, 1));
}

#[test]
fn a_listing_that_is_refused_fails_the_run_and_says_what_was_refused() {
    for (vendor, path, what) in [
        (Vendor::Casepeer, "/cases", "its cases"),
        (Vendor::CaseStatus, "/staff", "its staff"),
        (Vendor::CaseStatus, "/practice-areas", "its practice areas"),
    ] {
        let scene = Scene::new(World::of([1]), &Rules::new());
        scene.vendors.always(Fault::Refused(403), move |call| call.vendor == vendor && call.path == path);
        let run = scene.sync().exits(1).run();
        let reason = run.text("reason");
        assert_eq!(run.status(), "failed");
        assert!(reason.contains(&format!("about {what}, though the key is accepted")) && !reason.contains("refuses the key"), "{reason}");
    }
}
