//! What no patience mends: a key that is refused, a vendor that is down, a case that cannot be written.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, Vendor, World, patch_of};

/// 60 connected cases, 12 of them moved.
fn firm() -> World {
    let mut world = World::of(1..=60);
    (1..=12).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    world
}

#[test]
fn a_key_refused_at_the_start_fails_the_run() {
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let scene = Scene::new(firm(), &Rules::new());
        scene.vendors.always(Fault::Unauthorized, move |call| call.vendor == vendor);

        let run = scene.sync().exits(1).run();
        assert_eq!(run.status(), "failed");
        let journal = scene.vendors.journal();
        assert_eq!(journal.writes().len(), 0);
        // A refused key does not get better by asking again.
        let asked = journal.iter().filter(|entry| entry.call.vendor == vendor && entry.status == Some(401));
        let paths: Vec<String> = asked.map(|entry| entry.call.path.clone()).collect();
        assert_eq!(paths.len(), paths.iter().collect::<BTreeSet<_>>().len(), "{paths:?}");
    }
}

#[test]
fn a_key_refused_at_the_second_page_fails_the_run_before_any_write() {
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let mut world = World::of(1..=450);
        world.peer(1)["stage"] = json!("Negotiation");
        let scene = Scene::new(world, &Rules::new());
        scene.vendors.always(Fault::Unauthorized, move |call| call.vendor == vendor && call.query.contains_key("cursor"));

        assert_eq!(scene.sync().exits(1).run().status(), "failed");
        assert_eq!(scene.vendors.journal().writes().len(), 0);
    }
}

#[test]
fn a_key_refused_in_the_middle_of_the_writes_ends_the_run() {
    let scene = Scene::new(firm(), &Rules::new().with("limits", "{ requests_per_second: 100000, concurrency: 1 }"));
    // From the fifth write on, nothing gets in.
    let writes = AtomicU32::new(0);
    scene.vendors.always(Fault::Unauthorized, move |call| {
        let before = writes.fetch_add(u32::from(call.is_patch()), Ordering::SeqCst);
        call.vendor == Vendor::CaseStatus && before >= 4
    });

    let run = scene.sync().exits(1).run();

    assert_eq!(run.status(), "failed");
    let journal = scene.vendors.journal();
    let written: BTreeSet<String> = journal.patches().iter().filter(|entry| entry.applied).map(|entry| entry.case().to_owned()).collect();
    assert_eq!(written.len(), 4);
    assert_eq!(run.reported(&scene.host, "updated"), written);
    assert!(journal.patches().len() < 12, "went on asking with a refused key");

    // With a key that works, the rest is done and no more.
    scene.vendors.mend();
    scene.sync().exits(0).run().counts(&[("attempted", 60), ("updated", 8), ("unchanged", 52)]);
    assert!(scene.vendors.journal().stages_applied().values().all(|times| *times == 1));
}

#[test]
fn a_vendor_that_answers_nothing_but_503_fails_the_run() {
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let scene = Scene::new(firm(), &Rules::new().resigned());
        scene.vendors.always(Fault::Refused(503), move |call| call.vendor == vendor);

        assert_eq!(scene.sync().exits(1).run().status(), "failed");
        assert_eq!(scene.vendors.journal().writes().len(), 0);
    }
}

#[test]
fn a_vendor_where_nobody_listens_fails_the_run() {
    let mut scene = Scene::new(firm(), &Rules::new().resigned());
    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let casepeer = scene.vendors.base_url(Vendor::Casepeer);
    let connections = format!(
        "  casepeer: {{ base_url: \"{casepeer}\", key: \"${{env:HARTWELL_CASEPEER_KEY}}\" }}\n  \
           case_status: {{ base_url: \"http://{nowhere}/v1\", key: \"${{env:HARTWELL_CASE_STATUS_KEY}}\" }}"
    );
    scene.host.firm("hartwell", &scene.vendors, &Rules::new().resigned().with("connections", &connections));

    assert_eq!(scene.sync().exits(1).run().status(), "failed");
}

#[test]
fn a_vendor_that_hangs_on_everything_fails_the_run() {
    let scene = Scene::new(firm(), &Rules::new().resigned());
    scene.vendors.always(Fault::Hang { done: false }, |call| call.vendor == Vendor::CaseStatus);

    assert_eq!(scene.sync().exits(1).run().status(), "failed");
}

#[test]
fn one_case_that_cannot_be_written_is_failed_and_the_others_come_through() {
    let scene = Scene::new(firm(), &Rules::new().resigned());
    scene.vendors.always(Fault::Refused(500), patch_of(7));

    let run = scene.sync().exits(1).run();

    run.counts(&[("attempted", 60), ("updated", 11), ("unchanged", 48), ("failed", 1)]);
    assert_eq!((run.status(), run.row(7).result()), ("partial", "failed"));
    assert_ne!(run.row(7).reason(), "");
    assert_eq!(scene.vendors.world().status(7)["stage"], 3);
}

#[test]
fn a_case_that_case_status_refuses_is_failed_without_asking_twice() {
    let scene = Scene::new(firm(), &Rules::new());
    scene.vendors.always(Fault::Refused(422), patch_of(7));

    let run = scene.sync().exits(1).run();
    run.counts(&[("attempted", 60), ("updated", 11), ("unchanged", 48), ("failed", 1)]);
    assert_eq!(run.status(), "partial");
    assert_eq!(scene.vendors.journal().patches_of(7).len(), 1);
}

#[test]
fn a_case_that_fails_for_long_is_done_in_the_last_pass() {
    let scene = Scene::new(firm(), &Rules::new().resigned());
    // As often as it is tried, and then it is well again.
    scene.vendors.next(2, Fault::Refused(500), patch_of(7));

    scene.sync().exits(0).run().counts(&[("attempted", 60), ("updated", 12), ("unchanged", 48)]);
}

#[test]
fn a_vendor_that_goes_down_half_way_is_not_asked_about_every_case() {
    let mut world = World::of(1..=300);
    (1..=300).for_each(|id| world.peer(id)["description"] = json!("Offer made"));
    let scene = Scene::new(world, &Rules::new().resigned());
    let writing = AtomicBool::new(false);
    // From the first write on, nothing there works, reads included.
    scene.vendors.always(Fault::Refused(503), move |call| {
        if call.is_patch() {
            writing.store(true, Ordering::SeqCst);
        }
        call.vendor == Vendor::CaseStatus && writing.load(Ordering::SeqCst)
    });

    let run = scene.sync().exits(1).run();
    assert_ne!(run.status(), "succeeded");
    assert_eq!(run.count("updated"), 0);
    // Two tries for each case, and what is read in between, would be more than a thousand.
    let asked = scene.vendors.journal().iter().filter(|entry| entry.status == Some(503)).count();
    assert!(asked < 600, "{asked} requests to a vendor that is down");
}
