//! Runs that Temporal carries: by schedules that follow the rules, asked for by people, cancelled, and through its own restarts.

mod asked;
mod restarted;
mod scheduled;
mod server;

use std::time::Duration;

use serde_json::json;

pub use self::server::Temporal;
use crate::support::host::Scene;
use crate::support::http::Answer;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving, token};
use crate::support::vendors::{Call, Fault, World};

/// A firm whose runs Temporal carries, which has so many cases to move, and somebody who may ask for everything.
fn scene(moved: u64) -> (Scene, Temporal, String) {
    let temporal = Temporal::start();
    let mut world = World::of(1..=moved);
    (1..=moved).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let rules = Rules::new().with("schedule", NIGHTLY_ALONE).with("guard", "{ from_cases: 1000 }");
    let mut scene = Scene::new(world, &rules);
    temporal.carries_runs_of(&mut scene.host);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    (scene, temporal, support)
}

/// Has every write take a while.
fn slowly(scene: &Scene) {
    scene.vendors.always(Fault::Slow(Duration::from_millis(300)), Call::is_patch);
}

/// How many writes have been done.
fn written(scene: &Scene) -> usize {
    scene.vendors.journal().patches().iter().filter(|entry| entry.applied).count()
}

/// Starts the host, and waits until it and Temporal answer each other.
#[track_caller]
fn serve(scene: &Scene) -> Serving {
    let mut serving = Serving::start(&scene.host);
    serving.until_answer("Temporal answers", "", "/readyz", |answer| answer.body == "ready\n");
    serving
}

/// Asks for a sync of all cases.
#[track_caller]
fn begin(serving: &Serving, token: &str) -> Answer {
    serving.send(token, "POST", "/api/v1/firms/hartwell/sync", Some(&json!({}))).answers(202)
}
