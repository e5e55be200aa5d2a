//! 429: the vendor says when it may be asked again, and it is not asked before.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, World, patch_of};

/// Syncs one case that moved; the first two requests that match answer 429.
fn waits(fault: Fault, at: impl Fn(&Call) -> bool + Send + Copy + 'static) {
    let mut world = World::of(1..=3);
    world.peer(2)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.next(2, fault, at);

    scene.sync().exits(0).run().counts(&[("attempted", 3), ("updated", 1), ("unchanged", 2)]);

    let journal = scene.vendors.journal();
    let asked: Vec<_> = journal.iter().filter(|entry| at(&entry.call)).collect();
    assert_eq!(asked.iter().map(|entry| entry.status).collect::<Vec<_>>(), [Some(429), Some(429), Some(200)]);
    for pair in asked.windows(2) {
        let until = pair[0].retry_at.expect("a 429 says when");
        assert!(pair[1].at >= until, "asked {:?} too early", until.duration_since(pair[1].at));
    }
}

fn second_case(call: &Call) -> bool {
    patch_of(2)(call)
}

#[test]
fn in_seconds() {
    waits(Fault::TooManySeconds(2), second_case);
}

#[test]
fn as_a_date() {
    waits(Fault::TooManyUntil(3), second_case);
}

#[test]
fn of_a_listing() {
    waits(Fault::TooManySeconds(1), |call| call.lists_cases() && call.vendor == crate::support::vendors::Vendor::Casepeer);
}

#[test]
fn a_vendor_that_is_busy_a_while_is_waited_for() {
    let mut world = World::of(1..=40);
    (1..=10).for_each(|id| world.peer(id)["description"] = json!("Offer made"));
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.next(30, Fault::TooManySeconds(1), Call::is_patch);

    // More refusals in a row than any one request is tried, but no request met more than its share.
    scene.sync().exits(0).run().counts(&[("attempted", 40), ("updated", 10), ("unchanged", 30)]);
}
