//! Schedules: Temporal's follow the rules, and start what the rules ask for.

use serde_json::{Value, json};

use super::server::until;
use super::{scene, serve, written};

const NIGHTLY: &str = "casebridge/hartwell/nightly_sync";

#[test]
fn a_schedule_follows_the_rules_and_starts_the_nightly_sync() {
    let (scene, temporal, support) = scene(3);
    let mut serving = serve(&scene);
    until("there is a schedule", || temporal.schedule(NIGHTLY).is_some_and(|known| known["schedule"]["policies"].is_object()));
    serving.until("it is complete", || note(&temporal.schedule(NIGHTLY).unwrap_or_default()).contains("in step"));
    let known = temporal.schedule(NIGHTLY).expect("a schedule");
    let schedule = &known["schedule"];
    assert_eq!(schedule["spec"]["timezoneName"], "America/New_York", "{known:#}");
    assert_eq!(schedule["policies"]["catchupWindow"], "21600s", "{known:#}");
    assert!(!is_paused(&known), "{known:#}");

    temporal.trigger(NIGHTLY);
    serving.until("the cases are moved", || written(&scene) == 3);
    serving.until("the run has ended", || {
        let listed = scene.host.run(&["runs", "list", "--json"]).exits(0).stdout;
        !listed.contains("running") && !listed.contains("queued")
    });
    assert_eq!(scene.kinds(), ["sync"]);

    // Switched off, it is paused and not gone; stage syncs were off from the start.
    serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&json!({ "schedule.nightly_sync.enabled": false }))).answers(200);
    serving.until("it is paused", || temporal.schedule(NIGHTLY).is_some_and(|known| is_paused(&known)));
    assert!(is_paused(&temporal.schedule("casebridge/hartwell/stage_sync").expect("a schedule")));

    // A firm that is gone takes its schedules along.
    std::fs::remove_file(scene.host.path("rules/hartwell.yaml")).expect("the firm's file");
    scene.host.run(&["firm", "remove", "hartwell"]).exits(0);
    serving.until("it is gone", || temporal.schedule(NIGHTLY).is_none());
    serving.stop();
}

fn is_paused(known: &Value) -> bool {
    known["schedule"]["state"]["paused"] == true
}

fn note(known: &Value) -> String {
    known["schedule"]["state"]["notes"].as_str().unwrap_or_default().to_owned()
}
