//! `serve` is asked to stop: what is in flight is finished and recorded, within ten seconds whatever a vendor does, and goes on at the next
//! start.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::http::ask;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::store::owe_a_nightly_sync;
use crate::support::vendors::{Call, Fault, Gate, World};

const MOVED: u64 = 50;

/// All a stop may take.
pub const WITHIN: Duration = Duration::from_secs(10);

/// A host whose nightly sync writes, two at a time.
fn at_work(fault: Fault) -> (Scene, Serving) {
    let mut world = World::of(1..=MOVED);
    (1..=MOVED).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let rules = Rules::new()
        .with("schedule", NIGHTLY_ALONE)
        .with("guard", "{ max_stage_changes: 100% }")
        .with("limits", "{ requests_per_second: 100000, concurrency: 2 }");
    let scene = Scene::new(world, &rules);
    owe_a_nightly_sync(&scene.host, "hartwell");
    scene.vendors.after(4, u32::MAX, fault, Call::is_patch);
    let mut serving = Serving::start(&scene.host);
    serving.until("two writes are in flight", || scene.vendors.journal().patches().len() == 6);
    (scene, serving)
}

fn runs(scene: &Scene) -> Vec<Value> {
    let listed = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    listed.as_array().unwrap().clone()
}

#[test]
fn what_is_in_flight_is_finished_and_recorded() {
    let gate = Gate::closed();
    let (scene, mut serving) = at_work(Fault::Wait(gate.clone()));
    let began = Instant::now();
    serving.running.terminate();

    // As long as it finishes, it is up and not ready.
    let address = serving.address.clone();
    let status = |path: &str| ask(&address, "GET", path, &[]).map(|answer| answer.status);
    serving.until("it is not ready any more", || status("/readyz") == Some(503));
    assert_eq!(status("/healthz"), Some(200));
    gate.open();
    serving.running.wait().exits(0);
    assert!(began.elapsed() < WITHIN, "{:?}", began.elapsed());

    let journal = scene.vendors.journal();
    assert_eq!(journal.patches().len(), 6);
    assert!(journal.patches().iter().all(|entry| entry.status == Some(200)), "nothing was left without its answer");
    let listed = runs(&scene);
    assert_eq!(listed.len(), 1, "{listed:#?}");
    let run = Run(scene.host.run(&["runs", "show", listed[0]["run_id"].as_str().unwrap(), "--json"]).exits(0).json());
    assert_eq!((run.status(), run.count("updated")), ("cancelled", 6));
    assert_eq!(run.reported(&scene.host, "updated").len(), 6);

    // The next start takes it up, and moves no case twice.
    scene.vendors.mend();
    let mut serving = Serving::start(&scene.host);
    serving.until("every case has moved", || scene.vendors.world().existing.iter().all(|held| held["stage"] == 6));
    serving.stop();
    let once = (1..=MOVED).map(|id| (id.to_string(), 1)).collect();
    assert_eq!(scene.vendors.journal().stages_applied(), once);
}

#[test]
fn a_vendor_that_never_answers_does_not_hold_it_up() {
    let (scene, serving) = at_work(Fault::Hang { done: false });
    let began = Instant::now();
    serving.stop();
    assert!(began.elapsed() < WITHIN, "{:?}", began.elapsed());
    // Nobody waited for it to end, so it did not: what it wrote before is on record.
    let listed = runs(&scene);
    assert_eq!(json!([listed[0]["status"], listed[0]["counts"]["updated"]]), json!(["interrupted", 4]), "{listed:#?}");
}

#[test]
fn ctrl_c_stops_it_as_well() {
    let scene = Scene::new(World::of([1]), &Rules::new());
    let serving = Serving::start(&scene.host);
    serving.running.interrupt();
    serving.running.wait().exits(0);
}
