//! A write whose answer says nothing sure: it is settled by reading, and no client hears of the same stage twice.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::vendors::{Fault, World, patch_of};

/// Syncs one case that moved and has a new description, while its first write meets this fault.
fn synced(fault: Fault) -> (Vec<Value>, Run) {
    let mut world = World::of(1..=5);
    world.peer(3)["stage"] = json!("Negotiation");
    world.peer(3)["description"] = json!("Offer made");
    let scene = Scene::new(world, &Rules::new().impatient());
    scene.vendors.next(1, fault, patch_of(3));

    let run = scene.sync().exits(0).run();

    run.counts(&[("attempted", 5), ("updated", 1), ("unchanged", 4)]);
    assert_eq!(run.row(3).changes(), "stage: 3 → 6; description");
    let held = scene.vendors.world().status(3).clone();
    assert_eq!((&held["stage"], &held["description"]), (&json!(6), &json!("Offer made")));
    let journal = scene.vendors.journal();
    assert_eq!(journal.patches_of(3).len(), journal.writes().len());
    (journal.patches_of(3).into_iter().map(|entry| entry.call.body.clone()).collect(), run)
}

fn both() -> Value {
    json!({ "stage": 6, "description": "Offer made" })
}

#[test]
fn done_but_answered_with_500() {
    assert_eq!(synced(Fault::DoneThen(500)).0, [both()]);
}

#[test]
fn done_but_answered_by_a_gateway() {
    assert_eq!(synced(Fault::DoneThen(502)).0, [both()]);
    assert_eq!(synced(Fault::DoneThen(504)).0, [both()]);
}

#[test]
fn done_but_the_answer_breaks_off() {
    assert_eq!(synced(Fault::CutOff).0, [both()]);
}

#[test]
fn done_but_no_answer_comes() {
    assert_eq!(synced(Fault::Hang { done: true }).0, [both()]);
}

#[test]
fn not_done_and_answered_with_500() {
    assert_eq!(synced(Fault::Refused(500)).0, [both(), both()]);
}

#[test]
fn not_done_and_no_answer_comes() {
    assert_eq!(synced(Fault::Hang { done: false }).0, [both(), both()]);
}

#[test]
fn half_done_and_answered_with_500() {
    let half = Arc::new(|world: &mut World| world.status(3)["stage"] = json!(6));
    assert_eq!(synced(Fault::Instead(half)).0, [both(), json!({ "description": "Offer made" })]);
}

#[test]
fn a_case_that_someone_moved_meanwhile_is_not_moved_again() {
    // Staff in Case Status do by hand what the sync was about to do, while its write goes wrong.
    let by_hand = Arc::new(|world: &mut World| {
        world.status(3)["stage"] = json!(6);
        world.status(3)["description"] = json!("Offer made");
    });
    assert_eq!(synced(Fault::Instead(by_hand)).0, [both()]);
}

#[test]
fn the_answer_to_a_single_case_is_settled_likewise() {
    let mut world = World::of([3]);
    world.peer(3)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.next(1, Fault::DoneThen(500), patch_of(3));

    scene.sync_case("3").exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
    assert_eq!(scene.vendors.journal().patches_of(3).len(), 1);
}
