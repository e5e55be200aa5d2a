//! A machine that fails: a folder that is not to be written, a clock that is wrong. It is said, and nothing is lost.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::vendors::World;

/// So many cases whose stage is to be written.
pub fn moved(cases: u64) -> Scene {
    let mut world = World::of(1..=cases);
    (1..=cases).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    Scene::new(world, &Rules::new().with("guard", "{ max_stage_changes: 100% }").with("schedule", NIGHTLY_ALONE))
}

/// The cases that something was written to.
pub fn written(scene: &Scene) -> BTreeSet<String> {
    scene.vendors.journal().patches().iter().filter(|entry| entry.applied).map(|entry| entry.case().to_owned()).collect()
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
