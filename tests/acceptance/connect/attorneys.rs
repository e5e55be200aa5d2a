//! Attorneys and paralegals: addresses compare without case; people whom Case Status does not have are left out and reported.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::vendors::{ANN, BOB, CARL, PAM, PETE, World};

/// Syncs; answers the bodies written and the run.
fn synced(world: World) -> (Vec<Value>, Run) {
    let scene = Scene::new(world, &Rules::new());
    let run = scene.sync().exits(0).run();
    (scene.vendors.journal().writes().into_iter().map(|entry| entry.call.body.clone()).collect(), run)
}

#[test]
fn addresses_that_differ_in_case_only_are_equal() {
    let mut world = World::of([1]);
    world.attorney(1, "Ann@Hartwell.Example");
    world.peer(1)["staff"][1]["email"] = json!("PAM@hartwell.example");
    world.peer(1)["staff"].as_array_mut().unwrap().push(json!({ "role": "attorney", "name": "Bob", "email": BOB }));
    world.status(1)["additional_attorney_emails"] = json!([BOB.to_uppercase()]);

    let (bodies, run) = synced(world);
    assert_eq!(bodies, [] as [Value; 0]);
    run.counts(&[("attempted", 1), ("unchanged", 1)]);
    assert_eq!(run.row(1).reason(), "");
}

#[test]
fn an_unknown_paralegal_is_left_out_and_reported() {
    let mut world = World::of([1, 2]);
    for id in [1, 2] {
        world.peer(id)["staff"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "role": "paralegal", "name": "Zed", "email": "zed@hartwell.example" }));
    }
    world.peer(2)["staff"].as_array_mut().unwrap().push(json!({ "role": "paralegal", "name": "Pete", "email": PETE }));

    let (bodies, run) = synced(world);
    assert_eq!(bodies, [json!({ "paralegal_emails": [PAM, PETE] })]);
    run.counts(&[("attempted", 2), ("updated", 1), ("unchanged", 1)]);
    run.row(1).blames("paralegal");
    run.row(2).blames("paralegal");
}

#[test]
fn an_unknown_additional_attorney_is_left_out_and_reported() {
    let mut world = World::of([1]);
    for (name, email) in [("Zed", "zed@hartwell.example"), ("Bob", BOB)] {
        world.peer(1)["staff"].as_array_mut().unwrap().push(json!({ "role": "attorney", "name": name, "email": email }));
    }

    let (bodies, run) = synced(world);
    assert_eq!(bodies, [json!({ "additional_attorney_emails": [BOB] })]);
    run.row(1).blames("attorney");
}

#[test]
fn a_primary_attorney_who_is_no_active_attorney_is_left_and_reported_and_the_rest_synced() {
    // Inactive, unknown, not an attorney.
    let mut world = World::of([1, 2, 3]);
    for (id, email) in [(1, CARL), (2, "zed@hartwell.example"), (3, PAM)] {
        world.attorney(id, email);
    }
    world.peer(1)["description"] = json!("Offer made");

    let (bodies, run) = synced(world);
    assert_eq!(bodies, [json!({ "description": "Offer made" })]);
    run.counts(&[("attempted", 3), ("updated", 1), ("unchanged", 2)]);
    (1..=3).for_each(|id| run.row(id).blames("attorney"));
}

#[test]
fn an_attorney_on_staff_replaces_the_one_on_the_case() {
    let mut world = World::of([1]);
    world.attorney(1, BOB);
    assert_eq!(world.status(1)["primary_attorney_email"], ANN);

    let (bodies, run) = synced(world);
    assert_eq!(bodies, [json!({ "primary_attorney_email": BOB })]);
    assert!(run.row(1).changes().starts_with("primary_attorney"), "{}", run.row(1).changes());
}
