//! Stages: mapped exactly as the rules say, never guessed, and left alone where the practice area has no such stage.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::{Rules, STAGES};
use crate::support::vendors::World;

/// The body of the one write there was.
fn only_write(scene: &Scene) -> Value {
    let journal = scene.vendors.journal();
    let writes = journal.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    writes[0].call.body.clone()
}

#[test]
fn several_stages_become_one_and_a_case_type_has_its_own() {
    let mut world = World::of([1, 2, 3]);
    world.peer(1)["stage"] = json!("Demand Prep");
    world.status(1)["stage"] = json!(4);
    world.peer(2)["stage"] = json!("Negotiation");
    world.peer(3)["stage"] = json!("Negotiation");
    world.peer(3)["case_type"] = json!("Dog Bite");
    world.status(3)["practice_area"] = json!("Dog Bite");
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    assert_eq!([1, 2, 3].map(|id| run.row(id).changes().to_owned()), ["", "stage: 3 → 6", "stage: 3 → 5"]);
    assert_eq!([1, 2, 3].map(|id| scene.vendors.world().status(id)["stage"].as_u64().unwrap()), [4, 6, 5]);
}

#[test]
fn a_stage_nobody_mapped_is_kept_the_rest_synced_and_the_nearest_named() {
    let mut world = World::of([1, 2]);
    world.peer(1)["stage"] = json!("negotiation");
    world.peer(1)["description"] = json!("Offer made");
    world.peer(2)["stage"] = json!("negotiation");
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    assert_eq!(only_write(&scene), json!({ "description": "Offer made" }));
    run.counts(&[("attempted", 2), ("updated", 1), ("unchanged", 1)]);
    for id in [1, 2] {
        run.row(id).blames("negotiation");
        assert!(run.row(id).reason().contains("Negotiation"), "{}", run.row(id).reason());
    }
}

#[test]
fn a_stage_nobody_mapped_fails_the_case_where_the_firm_says_so() {
    let mut world = World::of([1, 2]);
    world.peer(1)["stage"] = json!("negotiation");
    world.peer(1)["description"] = json!("Offer made");
    let scene = Scene::new(world, &Rules::new().with("stages", &format!("  unmapped: fail\n{STAGES}")));

    let run = scene.sync().exits(1).run();

    assert_eq!(scene.vendors.journal().writes().len(), 0);
    run.counts(&[("attempted", 2), ("failed", 1), ("unchanged", 1)]);
    assert_eq!((run.status(), run.row(1).result()), ("partial", "failed"));
    assert!(run.row(1).reason().contains("Negotiation"), "{}", run.row(1).reason());
    run.row(1).blames("negotiation");
}

#[test]
fn letters_count_unless_the_firm_says_otherwise() {
    let mut world = World::of([1]);
    world.peer(1)["stage"] = json!("NEGOTIATION");
    let scene = Scene::new(world, &Rules::new().with("stages", &format!("  match: ignore_case\n{STAGES}")));

    scene.sync().exits(0);
    assert_eq!(only_write(&scene), json!({ "stage": 6 }));
}

#[test]
fn a_stage_that_the_practice_area_lacks_is_left_and_reported() {
    let mut world = World::of([1]);
    // Three stages, and the rules say 6.
    world.peer(1)["case_type"] = json!("Workers Comp");
    world.status(1)["practice_area"] = json!("Workers Comp");
    world.peer(1)["stage"] = json!("Negotiation");
    world.peer(1)["description"] = json!("Fell at work");
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    assert_eq!(only_write(&scene), json!({ "description": "Fell at work" }));
    assert_eq!((run.row(1).result(), run.row(1).changes()), ("updated", "description"));
    run.row(1).blames("Workers Comp");
}

#[test]
fn a_stage_is_judged_by_the_practice_area_that_the_case_moves_to() {
    let mut world = World::of([1, 2]);
    world.peer(1)["case_type"] = json!("Workers Comp");
    world.peer(1)["stage"] = json!("Negotiation");
    world.status(2)["practice_area"] = json!("Workers Comp");
    world.peer(2)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    let world = scene.vendors.world();
    let held: Vec<(&Value, &Value)> = world.existing.iter().map(|held| (&held["practice_area"], &held["stage"])).collect();
    assert_eq!(held, [(&json!("Workers Comp"), &json!(3)), (&json!("Motor Vehicle"), &json!(6))]);
    run.row(1).blames("stage");
}

#[test]
fn a_firms_own_rule_stops_a_case_in_a_sync_only_where_it_says_sync() {
    let rule = "  rules:\n    \
        - { when: 'case_type == \"Auto Accident\" && opened_on == ()', error: An opened date is needed, on: [connect, sync] }\n    \
        - { when: 'stage == \"Negotiation\"', error: Never shown }";
    let mut world = World::of([1, 2]);
    world.peer(1)["opened_on"] = json!(null);
    world.peer(1)["stage"] = json!("Negotiation");
    world.peer(2)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new().with("validation", rule));

    let run = scene.sync().exits(1).run();

    assert_eq!((run.row(1).result(), run.row(2).result()), ("failed", "updated"));
    assert_eq!(only_write(&scene), json!({ "stage": 6 }));
    run.row(1).blames("An opened date is needed");
    let line = crate::support::rules::line_of(&scene.host.read("rules/hartwell.yaml"), "An opened date");
    assert_eq!(run.row(1).rule(), format!("rules/hartwell.yaml:{line}"));
}
