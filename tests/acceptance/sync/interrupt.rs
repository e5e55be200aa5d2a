//! Stopped half way, kindly and unkindly: what was recorded is what was done, and the next sync does the rest.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::json::{mentions, values_of};
use crate::support::process::Running;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, Journal, World};

const MOVED: u64 = 200;

/// A firm with 200 moved cases, two writes at a time, each taking a while; and a sync of it that has written some.
fn half_way() -> (Scene, Running) {
    let mut world = World::of(1..=MOVED);
    (1..=MOVED).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let rules = Rules::new().with("guard", "{ max_stage_changes: 100% }").with("limits", "{ requests_per_second: 100000, concurrency: 2 }");
    let scene = Scene::new(world, &rules);
    scene.vendors.always(Fault::Slow(Duration::from_millis(100)), Call::is_patch);
    let mut running = scene.host.start(&["sync", "hartwell", "--json"]);
    running.until("some writes are done", || written(&scene.vendors.journal()).len() >= 5);
    (scene, running)
}

/// The cases that were written.
fn written(journal: &Journal) -> BTreeSet<String> {
    journal.patches().iter().filter(|entry| entry.applied).map(|entry| entry.case().to_owned()).collect()
}

/// Syncs to the end, and holds both syncs' writes together: every case moved, none twice.
fn the_next_sync_finishes(scene: &Scene) {
    scene.vendors.mend();
    let before = written(&scene.vendors.journal()).len() as u64;
    let run = scene.sync().exits(0).run();
    run.counts(&[("attempted", MOVED), ("updated", MOVED - before), ("unchanged", before)]);
    let once = (1..=MOVED).map(|id| (id.to_string(), 1)).collect();
    assert_eq!(scene.vendors.journal().stages_applied(), once);
    assert!(scene.vendors.world().existing.iter().all(|held| held["stage"] == 6));
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_records_it() {
    let (scene, running) = half_way();
    running.interrupt();
    let run = running.wait().exits(130).run();

    assert_eq!(run.status(), "cancelled");
    let journal = scene.vendors.journal();
    let done = written(&journal);
    assert!((done.len() as u64) < MOVED);
    assert_eq!(run.reported(&scene.host, "updated"), done);
    assert_eq!(run.count("updated"), done.len() as u64);
    // Nothing was left without its answer.
    assert!(journal.patches().iter().all(|entry| entry.status == Some(200)));

    the_next_sync_finishes(&scene);
}

#[test]
fn a_killed_run_reads_as_interrupted_and_holds_nothing_up() {
    let (scene, running) = half_way();
    running.kill();

    let runs = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    let ids = values_of(&runs, "run_id");
    assert_eq!(ids.len(), 1, "{runs:#}");
    assert!(mentions(&runs, "interrupted"), "{runs:#}");
    let shown = scene.host.run(&["runs", "show", ids[0].as_str().unwrap(), "--json"]).exits(0).run();
    assert_eq!(shown.status(), "interrupted");
    // What is recorded was done; the last writes may have been done without a record.
    let done = written(&scene.vendors.journal());
    assert!(shown.count("updated") <= done.len() as u64 && shown.count("updated") < MOVED);

    the_next_sync_finishes(&scene);
}

#[test]
fn ctrl_c_before_any_write_writes_nothing() {
    let mut world = World::of(1..=30);
    world.peer(1)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.always(Fault::Hang { done: false }, Call::lists_cases);
    let mut running = scene.host.start(&["sync", "hartwell", "--json"]);
    running.until("a listing is asked for", || scene.vendors.journal().iter().any(|entry| entry.call.lists_cases()));
    running.interrupt();

    // The vendor would not answer for minutes: a reading is given up, not waited for.
    assert_eq!(running.wait().exits(130).run().status(), "cancelled");
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}
