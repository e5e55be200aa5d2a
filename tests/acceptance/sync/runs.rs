//! Runs are kept: listed, shown as they were printed, in a folder and a store that only this host and this version open.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::json::{mentions, values_of};
use crate::support::rules::Rules;
use crate::support::vendors::{Vendors, World};

fn moved() -> World {
    let mut world = World::of(1..=5);
    world.peer(1)["stage"] = json!("Negotiation");
    world.peer(2)["stage"] = json!("negotiation");
    world
}

#[test]
fn show_answers_what_sync_printed() {
    let scene = Scene::new(moved(), &Rules::new());
    let first = scene.sync().exits(0).run();
    let second = scene.sync().exits(0).run();
    assert_ne!(first.id(), second.id());
    assert_eq!(first.text("revision"), second.text("revision"));

    for run in [first, second] {
        let shown = scene.host.run(&["runs", "show", run.id(), "--json"]).exits(0).run();
        assert_eq!(shown, run);
    }
}

#[test]
fn show_answers_what_a_run_of_many_cases_printed() {
    let mut world = World::of(1..=150);
    (1..=20).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &Rules::new());
    let run = scene.sync().exits(0).run();
    assert_eq!(run.rows().len(), 20);
    assert_eq!(scene.host.run(&["runs", "show", run.id(), "--json"]).exits(0).run(), run);
}

#[test]
fn held_and_failed_runs_are_listed_like_others() {
    let mut world = World::of(1..=40);
    (1..=40).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let mut scene = Scene::new(world, &Rules::new());
    let others = Vendors::boot(moved());
    scene.host.firm("osprey", &others, &Rules::new());
    let held = scene.sync().exits(3).run();
    let connected = scene.connect(1).exits(0).run();
    let synced = scene.host.run(&["sync", "osprey", "--json"]).exits(0).run();

    let listed = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    assert_eq!(values_of(&listed, "run_id").len(), 3, "{listed:#}");
    for word in [held.id(), connected.id(), synced.id(), "held", "succeeded", "hartwell", "osprey", "connect", "sync"] {
        assert!(mentions(&listed, word), "{word} in {listed:#}");
    }
}

#[test]
fn a_run_that_is_not_there_cannot_be_shown() {
    let scene = Scene::new(moved(), &Rules::new());
    for id in ["20000101-000000-aaaa", "../../etc/passwd"] {
        let finished = scene.host.run(&["runs", "show", id]);
        assert!(matches!(finished.code, Some(1 | 2)), "{}", finished.said());
    }
}

#[test]
fn the_revision_is_one_of_content() {
    let mut scene = Scene::new(moved(), &Rules::new());
    let first = scene.sync().exits(0).run();
    scene.host.firm("hartwell", &scene.vendors, &Rules::new().with("sync", "{ reopen: true }"));
    let second = scene.sync().exits(0).run();
    scene.host.firm("hartwell", &scene.vendors, &Rules::new());
    let third = scene.sync().exits(0).run();
    assert_ne!(first.text("revision"), second.text("revision"));
    assert_eq!(first.text("revision"), third.text("revision"));
}

#[test]
fn nobody_else_reads_the_data_folder() {
    let scene = Scene::new(moved(), &Rules::new());
    scene.sync().exits(0);
    let mode = std::fs::metadata(scene.host.path("var")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let scene = Scene::new(moved(), &Rules::new());
    scene.sync().exits(0);
    scene.vendors.take_journal();
    scene.vendors.world().peer(3)["stage"] = json!("Negotiation");
    let later = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 select 99999999999999, 'of a later version', success, checksum, 0 from _sqlx_migrations \
                 where version = (select min(version) from _sqlx_migrations)";
    crate::support::store::execute(&scene.host, later, &[]);

    let finished = scene.sync();
    assert!(matches!(finished.code, Some(1 | 2)), "{}", finished.said());
    assert!(finished.stderr.to_lowercase().contains("newer"), "{}", finished.stderr);
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn a_held_run_that_nobody_wants_can_be_put_away() {
    let mut world = World::of(1..=30);
    (1..=30).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &Rules::new());
    let held = scene.sync().exits(3).run();
    let id = held.text("run_id").to_owned();
    scene.host.run(&["runs", "cancel", &id, "--json"]).exits(0);
    assert_eq!(scene.host.run(&["runs", "show", &id, "--json"]).json()["status"], "cancelled");
    scene.host.run(&["runs", "approve", &id]).exits(1);
    assert!(scene.vendors.journal().patches().is_empty());
}

/// The runs that wait for an approval.
fn held(scene: &Scene) -> Vec<String> {
    let listed = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    let held = listed.as_array().unwrap().iter().filter(|run| run["status"] == "held");
    held.map(|run| run["run_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_newer_run_of_the_same_work_takes_the_place_of_a_held_one() {
    let mut world = World::of(1..=30);
    (1..=30).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &Rules::new());
    let moving = "for id in 1..=9 { case_status.update_case(id, #{ stage: 6 }); }";
    scene.script(moving);
    scene.host.write("scripts/other.rhai", moving);
    let other = scene.host.run(&["run", "other.rhai", "--firm", "hartwell", "--apply", "--json"]).exits(3).run();
    let first = scene.run_script(&["--apply"]).exits(3).run();
    let second = scene.run_script(&["--apply", "--new"]).exits(3).run();
    let (one, two) = (scene.sync().exits(3).run(), scene.sync().exits(3).run());

    // A dry run shows something, and takes no place.
    scene.host.run(&["plan", "hartwell", "--json"]).exits(0);
    let mut waiting = held(&scene);
    waiting.sort();
    let mut newest = [other.id(), second.id(), two.id()];
    newest.sort_unstable();
    assert_eq!(waiting, newest);
    for (older, newer) in [(first.id(), second.id()), (one.id(), two.id())] {
        let run = scene.host.run(&["runs", "show", older, "--json"]).exits(0).json();
        assert_eq!(run["status"], "cancelled");
        assert!(run["reason"].as_str().unwrap().ends_with(&format!("run {newer} is newer and takes its place")), "{}", run["reason"]);
    }

    scene.host.run(&["runs", "approve", two.id()]).exits(0);
    scene.host.run(&["runs", "cancel", other.id()]).exits(0);
    scene.host.run(&["runs", "approve", second.id()]).exits(0);
    assert_eq!(held(&scene), [""; 0]);
}
