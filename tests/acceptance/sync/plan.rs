//! `plan`: what a sync would write, and whether it would be held; nothing is written.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::json::{mentions, values_of};
use crate::support::rules::Rules;
use crate::support::vendors::World;

/// The plan of a firm with 40 cases of which so many moved.
fn planned(moved: u64) -> (Value, Scene) {
    let mut world = World::of(1..=40);
    (1..=moved).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    world.peer(40)["description"] = json!("Offer made");
    let scene = Scene::new(world, &Rules::new());
    let finished = scene.host.run(&["plan", "hartwell", "--json"]);
    // Whether to warn a script by 3 of what would be held is the command's own affair.
    assert!(finished.code == Some(0) || (moved > 10 && finished.code == Some(3)), "{}", finished.said());
    assert_eq!(scene.vendors.journal().writes().len(), 0);
    (finished.json(), scene)
}

#[test]
fn a_plan_counts_what_a_sync_would_do_and_does_none_of_it() {
    let (plan, scene) = planned(3);

    assert_eq!(values_of(&plan, "would_hold"), [&json!(false)]);
    let counts = values_of(&plan, "counts");
    assert_eq!(counts.len(), 1, "{plan:#}");
    assert_eq!((&counts[0]["attempted"], &counts[0]["updated"], &counts[0]["unchanged"]), (&json!(40), &json!(4), &json!(36)));
    assert!(mentions(&plan, "stage: 3 → 6"), "{plan:#}");

    // The plan is no run: a sync after it has all to do.
    scene.sync().exits(0).run().counts(&[("attempted", 40), ("updated", 4), ("unchanged", 36)]);
}

#[test]
fn a_plan_says_that_the_sync_would_be_held() {
    let (plan, scene) = planned(11);
    assert_eq!(values_of(&plan, "would_hold"), [&json!(true)]);
    scene.sync().exits(3);
}

#[test]
fn the_plan_of_a_case_is_about_that_case() {
    let mut world = World::of([1, 2]);
    (1..=2).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &Rules::new());

    let plan = scene.host.run(&["plan", "hartwell", "--case", "2", "--json"]).exits(0).json();
    assert!(mentions(&plan, "PI-2") && !mentions(&plan, "PI-1"), "{plan:#}");
    let journal = scene.vendors.journal();
    assert!(journal.writes().is_empty() && !journal.iter().any(|entry| entry.call.lists_cases()), "{journal:?}");
}
