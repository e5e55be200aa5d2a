//! Temporal goes away in the middle of a run: the run goes on, is carried out once, and the console answers meanwhile.

use crate::support::http::Answer;
use crate::support::serving::Serving;

use super::{begin, scene, serve, slowly, written};

#[test]
fn a_run_outlives_a_restart_of_temporal_and_is_carried_out_once() {
    let (scene, mut temporal, support) = scene(40);
    slowly(&scene);
    let mut serving = serve(&scene);
    let begun = begin(&serving, &support);
    serving.until("some writes are done", || written(&scene) >= 3);
    temporal.kill();
    serving.until_answer("it says so", &support, "/readyz", |answer| answer.body.contains("Temporal is unreachable")).answers(200);
    serving.get_as(&support, "/api/v1/firms/hartwell").answers(200);
    temporal.start_again();
    let run = serving.ended(&support, &begun);
    assert_eq!(run["status"], "succeeded", "{run:#}");
    serving.until_answer("Temporal is back", &support, "/readyz", |answer| answer.body == "ready\n").answers(200);

    scene.vendors.mend();
    let begun = begin(&serving, &support);
    assert_eq!(serving.ended(&support, &begun)["counts"]["unchanged"], 40);
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=40).map(|id: u64| (id.to_string(), 1)).collect());
    serving.stop();
}

/// Waits until a run has come to its end that was cut off in between.
#[track_caller]
fn succeeds(serving: &mut Serving, token: &str, begun: &Answer) {
    let run = begun.json()["run_id"].as_str().expect("a run").to_owned();
    serving.until_answer("the run succeeds", token, &format!("/api/v1/runs/{run}"), |answer| answer.json()["status"] == "succeeded");
}

#[test]
fn a_run_whose_instance_was_killed_goes_on_in_the_next_under_its_id() {
    let (scene, _temporal, support) = scene(60);
    slowly(&scene);
    let mut serving = serve(&scene);
    let begun = begin(&serving, &support);
    serving.until("some writes are done", || written(&scene) >= 3);
    serving.running.kill();
    assert!(written(&scene) < 60);

    scene.vendors.mend();
    let mut serving = serve(&scene);
    succeeds(&mut serving, &support, &begun);
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=60).map(|id: u64| (id.to_string(), 1)).collect());
    assert_eq!(scene.kinds(), ["sync"]);
    serving.stop();
}

#[test]
fn a_host_that_is_stopped_leaves_the_rest_of_a_run_to_the_next() {
    let (scene, _temporal, support) = scene(400);
    slowly(&scene);
    let mut serving = serve(&scene);
    let begun = begin(&serving, &support);
    serving.until("some writes are done", || written(&scene) >= 3);
    serving.stop();
    assert!(written(&scene) < 400);

    scene.vendors.mend();
    let mut serving = serve(&scene);
    succeeds(&mut serving, &support, &begun);
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=400).map(|id: u64| (id.to_string(), 1)).collect());
    serving.stop();
}
