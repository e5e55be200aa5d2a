//! A machine that fails: a full disk, a folder that is not to be written, a store that another program holds, a clock that is wrong. It is
//! said, and nothing is lost.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;

use crate::host::Scene;
use crate::rules::Rules;
use crate::serving::{NIGHTLY_ALONE, Serving};
use crate::store;
use crate::vendors::World;

const MOVED: u64 = 600;

fn moved(cases: u64) -> Scene {
    let mut world = World::of(1..=cases);
    (1..=cases).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    Scene::new(world, &Rules::new().with("guard", "{ max_stage_changes: 100% }").with("schedule", NIGHTLY_ALONE))
}

fn written(scene: &Scene) -> BTreeSet<String> {
    scene.vendors.journal().patches().iter().filter(|entry| entry.applied).map(|entry| entry.case().to_owned()).collect()
}

#[test]
fn a_disk_that_is_full_half_way_stops_the_run_and_the_next_does_the_rest() {
    let scene = moved(MOVED);
    let finished = scene.host.start_on_a_small_disk(720, &["sync", "hartwell", "--json"]).wait().exits(1);
    let said = finished.json()["error"].as_str().unwrap().to_owned();
    assert!(said.contains("store") && (said.contains("disk") || said.contains("full")), "{said}");
    let before = written(&scene);
    assert!(!before.is_empty() && (before.len() as u64) < MOVED, "{} were written", before.len());

    // There is room again: each case is moved, and none was moved twice.
    scene.sync().exits(0).run().counts(&[
        ("attempted", MOVED),
        ("updated", MOVED - before.len() as u64),
        ("unchanged", before.len() as u64),
    ]);
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=MOVED).map(|id| (id.to_string(), 1)).collect());
    let sound = store::with(&scene.host, async |store| sqlx::query_scalar::<_, String>("pragma integrity_check").fetch_one(store).await);
    assert_eq!(sound.unwrap(), "ok");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named_before_any_vendor_is_asked() {
    let scene = moved(1);
    // Where the folder would be, there is a file: not even root can write into that.
    scene.host.write("var", "");
    let finished = scene.host.run(&["sync", "hartwell", "--json"]).exits(2);
    assert!(finished.said().contains("var"), "{}", finished.said());
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn a_report_that_cannot_be_written_loses_no_run() {
    let scene = moved(2);
    scene.host.folder("var");
    std::fs::set_permissions(scene.host.path("var"), std::fs::Permissions::from_mode(0o700)).unwrap();
    scene.host.write("var/reports", "");
    let said = scene.sync().exits(1).said();
    assert!(said.contains("var/reports"), "{said}");
    // What was written is on record all the same.
    assert_eq!(written(&scene).len(), 2);
    let runs = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    assert_eq!((&runs[0]["status"], &runs[0]["counts"]["updated"]), (&json!("succeeded"), &json!(2)), "{runs:#}");
}

#[test]
fn a_store_that_another_program_holds_is_waited_for() {
    let scene = moved(2);
    scene.host.run(&["runs", "list"]).exits(0);
    let finished = store::with(&scene.host, async |store| {
        sqlx::query("begin immediate").execute(&mut *store).await.unwrap();
        let mut running = scene.host.start(&["sync", "hartwell", "--json"]);
        // It waits, and nothing is asked for that could not be recorded.
        std::thread::sleep(Duration::from_secs(3));
        assert!(running.is_running());
        assert_eq!(written(&scene).len(), 0);
        sqlx::query("rollback").execute(&mut *store).await.unwrap();
        running.wait()
    });
    finished.exits(0).run().counts(&[("attempted", 2), ("updated", 2)]);
}

#[test]
fn a_clock_that_is_set_back_runs_no_night_twice_and_one_that_was_ahead_misses_none() {
    let mut scene = moved(2);
    let runs = |scene: &Scene| scene.kinds().len();
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:59:57");
    serving.until("the nightly sync", || written(&scene).len() == 2);
    serving.goes_on_for(Duration::from_secs(1));
    serving.stop();
    // An hour back, and on to nine again.
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:00:03");
    serving.goes_on_for(Duration::from_secs(1));
    serving.stop();
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:59:30 x10");
    serving.goes_on_for(Duration::from_secs(6));
    serving.stop();
    assert_eq!(runs(&scene), 1);

    // A year ahead by mistake, and right again.
    let mut serving = Serving::start_at(&mut scene.host, "2027-06-10 21:30:00");
    serving.goes_on_for(Duration::from_secs(1));
    serving.stop();
    let before = runs(&scene);
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-11 20:59:57");
    serving.until("the next nightly sync", || runs(&scene) == before + 1);
    serving.stop();
}
