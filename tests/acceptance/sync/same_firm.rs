//! Two at once: the same firm is refused while it is at work, another firm is not concerned.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, Gate, Vendors, World};

/// A firm with one moved case.
fn moved() -> World {
    let mut world = World::of(1..=5);
    world.peer(1)["stage"] = json!("Negotiation");
    world
}

#[test]
fn a_firm_at_work_refuses_a_second_sync_and_lets_another_firm_be() {
    let mut scene = Scene::new(moved(), &Rules::new());
    let others = Vendors::boot(moved());
    scene.host.firm("osprey", &others, &Rules::new());
    let gate = Gate::closed();
    scene.vendors.always(Fault::Wait(gate.clone()), Call::is_patch);

    let mut first = scene.host.start(&["sync", "hartwell", "--json"]);
    first.until("the first sync writes", || scene.vendors.journal().patches().len() == 1);

    for arguments in [&["sync", "hartwell", "--json"][..], &["sync", "hartwell", "--case", "1", "--json"]] {
        let second = scene.host.run(arguments).exits(1);
        let said = second.said().to_lowercase();
        assert!(
            ["running", "already", "in progress", "at work", "under way", "worked on"].iter().any(|word| said.contains(word)),
            "{said}"
        );
    }
    assert_eq!(scene.vendors.journal().patches().len(), 1);
    scene.host.run(&["sync", "osprey", "--json"]).exits(0).run().counts(&[("attempted", 5), ("updated", 1), ("unchanged", 4)]);

    assert!(first.is_running());
    gate.open();
    first.wait().exits(0).run().counts(&[("attempted", 5), ("updated", 1), ("unchanged", 4)]);
    assert_eq!(scene.vendors.journal().stages_applied(), [("1".to_owned(), 1)].into());
    scene.sync().exits(0);
}

#[test]
fn two_firms_at_once_both_come_through() {
    let mut scene = Scene::new(moved(), &Rules::new());
    let others = Vendors::boot(moved());
    scene.host.firm("osprey", &others, &Rules::new());

    let both = [scene.host.start(&["sync", "hartwell", "--json"]), scene.host.start(&["sync", "osprey", "--json"])];
    for running in both {
        running.wait().exits(0).run().counts(&[("attempted", 5), ("updated", 1), ("unchanged", 4)]);
    }
}

#[test]
fn a_vendor_that_is_down_for_one_firm_does_not_concern_another() {
    let mut scene = Scene::new(moved(), &Rules::new().resigned());
    let others = Vendors::boot(moved());
    scene.host.firm("osprey", &others, &Rules::new());
    scene.vendors.always(Fault::Refused(503), |_| true);

    scene.sync().exits(1);
    scene.host.run(&["sync", "osprey", "--json"]).exits(0);
}
