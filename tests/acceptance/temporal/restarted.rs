//! Temporal goes away in the middle of a run: the run goes on, is carried out once, and the console answers meanwhile.

use super::{begin, scene, serve, slowly, written};

#[test]
fn a_run_outlives_a_restart_of_temporal_and_is_carried_out_once() {
    let (scene, mut temporal, support) = scene(40);
    slowly(&scene);
    let mut serving = serve(&scene);
    let begun = begin(&serving, &support);
    serving.until("some writes are done", || written(&scene) >= 3);
    temporal.kill();
    serving.until_answer("it says so", &support, "/readyz", |answer| answer.body.contains("does not answer")).answers(200);
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
