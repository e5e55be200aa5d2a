//! The guard: a run that would move or close too many waits for someone, and writes what was approved and no more.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::World;

/// 40 connected cases: by default, ten may move within 24 hours.
fn firm(moved: std::ops::RangeInclusive<u64>) -> Scene {
    let scene = Scene::new(World::of(1..=40), &Rules::new());
    moves(&scene, moved);
    scene
}

fn moves(scene: &Scene, ids: std::ops::RangeInclusive<u64>) {
    let mut world = scene.vendors.world();
    ids.for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
}

fn writes(scene: &Scene) -> usize {
    scene.vendors.journal().writes().len()
}

/// `runs approve` of a run held just before.
fn approve(scene: &Scene, run: &str) -> Finished {
    scene.host.run(&["runs", "approve", run, "--json"])
}

#[test]
fn as_many_as_allowed_are_written() {
    let scene = firm(1..=10);
    scene.sync().exits(0).run().counts(&[("attempted", 40), ("updated", 10), ("unchanged", 30)]);
}

#[test]
fn one_more_is_held_and_nothing_written() {
    let scene = firm(1..=11);

    let run = scene.sync().exits(3).run();

    assert_eq!(run.status(), "held");
    run.counts(&[("attempted", 40), ("held", 11), ("unchanged", 29)]);
    assert_eq!((run.row(11).result(), run.row(11).changes()), ("held", "stage: 3 → 6"));
    assert_eq!(run.reported(&scene.host, "held"), (1..=11).map(|id: u64| id.to_string()).collect());
    assert_eq!(writes(&scene), 0);
}

#[test]
fn a_held_run_holds_every_write_and_not_the_moves_alone() {
    let scene = firm(1..=11);
    scene.vendors.world().peer(40)["description"] = json!("Offer made");

    scene.sync().exits(3).run().counts(&[("attempted", 40), ("held", 12), ("unchanged", 28)]);
    assert_eq!(writes(&scene), 0);
}

#[test]
fn closures_count_like_moves() {
    let scene = firm(1..=6);
    {
        let mut world = scene.vendors.world();
        for id in 7..=11 {
            world.peer(id)["status"] = json!("closed");
            world.peer(id)["closed_on"] = json!("2026-10-30");
        }
    }
    assert_eq!(scene.sync().exits(3).run().status(), "held");
    assert_eq!(writes(&scene), 0);
}

#[test]
fn changes_that_clients_do_not_notice_do_not_count() {
    let scene = firm(1..=10);
    {
        let mut world = scene.vendors.world();
        (11..=40).for_each(|id| world.peer(id)["description"] = json!("Offer made"));
    }
    scene.sync().exits(0).run().counts(&[("attempted", 40), ("updated", 40)]);
}

#[test]
fn what_was_approved_is_written() {
    let scene = firm(1..=12);
    let held = scene.sync().exits(3).run();

    let run = approve(&scene, held.id()).exits(0).run();

    run.counts(&[("attempted", 40), ("updated", 12), ("unchanged", 28)]);
    assert_eq!(run.status(), "succeeded");
    assert_eq!(scene.vendors.journal().stages_applied().len(), 12);
    // Approved and done: nothing is left to hold.
    scene.vendors.take_journal();
    scene.sync().exits(0).run().counts(&[("attempted", 40), ("unchanged", 40)]);
    assert_eq!(writes(&scene), 0);
}

#[test]
fn fewer_moves_than_approved_are_written() {
    let scene = firm(1..=14);
    let held = scene.sync().exits(3).run();
    (1..=3).for_each(|id| scene.vendors.world().peer(id)["stage"] = json!("Treating"));

    approve(&scene, held.id()).exits(0).run().counts(&[("attempted", 40), ("updated", 11), ("unchanged", 29)]);
}

#[test]
fn a_move_that_nobody_approved_is_held_again() {
    let scene = firm(1..=12);
    let held = scene.sync().exits(3).run();
    moves(&scene, 13..=13);

    let again = approve(&scene, held.id()).exits(3).run();
    assert_eq!((again.status(), writes(&scene)), ("held", 0));
    assert_ne!(again.count("held"), 0);
}

#[test]
fn a_move_to_another_stage_than_approved_is_held_again() {
    let scene = firm(1..=12);
    let held = scene.sync().exits(3).run();
    scene.vendors.world().peer(5)["stage"] = json!("Litigation");

    assert_eq!(approve(&scene, held.id()).exits(3).run().status(), "held");
    assert_eq!(writes(&scene), 0);
}

#[test]
fn a_run_that_is_not_held_cannot_be_approved() {
    let scene = firm(1..=2);
    let run = scene.sync().exits(0).run();
    scene.vendors.take_journal();

    approve(&scene, run.id()).exits(1);
    assert_ne!(approve(&scene, "20000101-000000-aaaa").code, Some(0));
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn a_small_firm_is_never_held() {
    let mut world = World::of(1..=19);
    (1..=19).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &Rules::new());
    scene.sync().exits(0).run().counts(&[("attempted", 19), ("updated", 19)]);
}

#[test]
fn cases_that_lack_their_mark_count_as_connected() {
    let unmarked = || {
        let mut world = World::of(1..=40);
        (6..=40).for_each(|id| world.peer(id)["connected"] = json!(false));
        Scene::new(world, &Rules::new())
    };
    let scene = unmarked();
    moves(&scene, 1..=11);
    scene.sync().exits(3).run().counts(&[("attempted", 40), ("held", 11), ("unchanged", 29)]);
    assert_eq!(writes(&scene), 0);

    // One by one, ten may move as well, and the eleventh waits.
    let scene = unmarked();
    moves(&scene, 1..=10);
    scene.sync().exits(0);
    moves(&scene, 11..=11);
    let run = scene.sync_case("11").exits(3).run();
    assert_eq!((run.status(), run.row(11).result()), ("held", "held"));
    assert_eq!(writes(&scene), 10);
}

#[test]
fn the_firms_own_limit_counts() {
    let mut world = World::of(1..=10);
    (1..=2).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let strict = Scene::new(world, &Rules::new().with("guard", "{ max_stage_changes: 10%, from_cases: 5 }"));
    strict.sync().exits(3);

    let scene = firm(1..=40);
    let loose = Rules::new().with("guard", "{ max_stage_changes: 100% }");
    let mut host = scene.host;
    host.firm("hartwell", &scene.vendors, &loose);
    host.run(&["sync", "hartwell", "--json"]).exits(0);
}

#[test]
fn the_last_24_hours_count() {
    let scene = firm(1..=8);
    scene.sync().exits(0);
    scene.vendors.take_journal();

    // Eight and two are ten; three would be eleven.
    moves(&scene, 9..=10);
    scene.sync().exits(0).run().counts(&[("attempted", 40), ("updated", 2), ("unchanged", 38)]);
    scene.vendors.take_journal();
    moves(&scene, 11..=11);
    let run = scene.sync().exits(3).run();
    run.counts(&[("attempted", 40), ("held", 1), ("unchanged", 39)]);
    assert_eq!(writes(&scene), 0);
}
