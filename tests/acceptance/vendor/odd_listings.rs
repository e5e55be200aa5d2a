//! Listings and feeds that do not end, shift while they are read, or have lost what they had.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, Vendor, World};

/// Five cases on both sides, two a page.
fn scene(rules: &Rules) -> Scene {
    let mut world = World::of(1..=5);
    world.peer(5)["stage"] = json!("Negotiation");
    world.message(1, "from_client", "Hello");
    world.message(2, "from_client", "Hello?");
    let scene = Scene::new(world, rules);
    scene.host.write("rules/_defaults.yaml", "connections: { casepeer: { page_size: 2 }, case_status: { page_size: 2 } }\n");
    scene
}

fn lists(vendor: Vendor) -> impl Fn(&Call) -> bool + Send + 'static {
    move |call| call.vendor == vendor && call.lists_cases()
}

fn messages(call: &Call) -> bool {
    call.is(Vendor::CaseStatus, "GET", "/messages")
}

fn altered(alter: impl Fn(&mut Value) + Send + Sync + 'static) -> Fault {
    Fault::Altered(Arc::new(alter))
}

/// A run that ended as a whole, with this reason.
#[track_caller]
fn fails(finished: Finished, reason: &str) {
    let run = finished.exits(1).run();
    assert_eq!((run.status(), run.text("reason")), ("failed", reason));
}

#[test]
fn a_listing_that_does_not_end_ends_the_run_which_says_so() {
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let name = if vendor == Vendor::Casepeer { "CASEpeer" } else { "Case Status" };
        // The cursors go round, the second or the last page leading back.
        let scene = scene(&Rules::new());
        scene.vendors.always(altered(|page| page["next_cursor"] = json!("2")), lists(vendor));
        fails(scene.sync(), &format!("{name} does not come to an end of its cases: page 2 names a cursor that came before"));
        // Each page has a cursor of its own, and the same cases.
        scene.vendors.mend();
        let number = AtomicU64::new(0);
        let same = altered(move |page| {
            page["data"] = json!([{ "id": 1 }, { "id": 2 }]);
            page["next_cursor"] = json!(format!("{}", number.fetch_add(1, Ordering::SeqCst)));
        });
        scene.vendors.always(same, lists(vendor));
        fails(scene.sync(), &format!("{name} does not come to an end of its cases: page 2 has nothing new and names another page"));
        assert!(scene.vendors.journal().writes().is_empty());
    }
    // Cursors and cases are new for ever.
    let scene = scene(&Rules::new().with("limits", "{ requests_per_second: 100000, max_pages: 7 }"));
    let number = AtomicU64::new(6);
    let more = altered(move |page| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        page["data"] = json!([{ "id": number }]);
        page["next_cursor"] = json!(number.to_string());
    });
    scene.vendors.always(more, lists(Vendor::Casepeer));
    fails(scene.sync(), "CASEpeer does not come to an end of its cases: it has more than 7 pages (limits.max_pages)");
    assert!(scene.vendors.journal().writes().is_empty());
}

#[test]
fn a_feed_that_goes_round_is_given_up_and_what_it_had_is_delivered() {
    let scene = scene(&Rules::new());
    // It has one message a page, and always one page more.
    scene.host.write("rules/_defaults.yaml", "connections: { case_status: { page_size: 1 } }\n");
    let round = altered(|page| {
        page["has_more"] = json!(true);
        page["next_cursor"] = if page["next_cursor"] == "messages-1" { json!("messages-1") } else { json!("messages-0") };
    });
    scene.vendors.always(round, messages);
    let run = scene.host.run(&["messages", "hartwell", "--json"]).exits(1).run();
    assert_eq!(run.text("reason"), "Case Status does not come to an end of its messages: page 3 names a cursor that came before");
    run.counts(&[("attempted", 2), ("updated", 2)]);
    // The next pass begins there, and is no shorter of breath.
    scene.host.run(&["messages", "hartwell", "--json"]).exits(1);
    assert_eq!(scene.vendors.take_journal().notes().len(), 2);
    scene.vendors.mend();
    scene.vendors.world().message(3, "from_client", "Hello!");
    scene.host.run(&["messages", "hartwell", "--json"]).exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
}

#[test]
fn a_case_that_slipped_between_pages_is_looked_up_and_one_that_is_listed_twice_is_one_case() {
    let scene = scene(&Rules::new());
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        scene.vendors.mend();
        // The second page begins with the last case of the first one, and case 3 is in none.
        let twice = match vendor {
            Vendor::Casepeer => scene.vendors.world().peer(2).clone(),
            Vendor::CaseStatus => scene.vendors.world().status(2).clone(),
        };
        let shifted = altered(move |page| {
            let is_third = |case: &Value| case["id"] == 3 || case["integration_id"] == "3";
            let case = page["data"].as_array_mut().expect("cases").iter_mut().find(|case| is_third(case));
            case.into_iter().for_each(|case| *case = twice.clone());
        });
        scene.vendors.always(shifted, lists(vendor));
        let run = scene.host.run(&["plan", "hartwell", "--json"]).exits(0).run();
        run.counts(&[("attempted", 5), ("unchanged", 4), ("updated", 1)]);
    }
}

#[test]
fn a_listing_that_lost_its_cases_fails_the_run_until_somebody_accepts_it() {
    let scene = scene(&Rules::new());
    scene.sync().exits(0);
    let accepted = || scene.host.run(&["sync", "hartwell", "--accept-listing", "--json"]);
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let name = if vendor == Vendor::Casepeer { "CASEpeer" } else { "Case Status" };
        scene.vendors.mend();
        scene.vendors.always(altered(|page| page["total"] = json!(6)), lists(vendor));
        let cure = "run it again, or with --accept-listing if the listing is right";
        fails(scene.sync(), &format!("{name} says that there are 6 of its cases, and lists 5; {cure}"));
        accepted().exits(0).run().counts(&[("attempted", 5), ("unchanged", 5)]);

        scene.vendors.mend();
        let empty = json!({ "data": [], "next_cursor": null, "total": 0 });
        scene.vendors.always(Fault::Said(200, empty), lists(vendor));
        let cure = "run it with --accept-listing if that is right";
        fails(scene.sync(), &format!("{name} lists none of its cases, and listed 5 the last time; {cure}"));
        // What is accepted is looked up case by case, and is what the next one is held against.
        accepted().exits(0).run().counts(&[("attempted", 5), ("unchanged", 5)]);
        scene.sync().exits(0);
        scene.vendors.mend();
        scene.sync().exits(0);
    }
    assert!(scene.vendors.take_journal().patches().len() == 1);
}
