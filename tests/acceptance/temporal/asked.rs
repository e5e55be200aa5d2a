//! What people ask for: carried out by the firm's workflow, seen and cancelled as ever.

use serde_json::json;

use super::server::until;
use super::{begin, scene, serve, slowly, written};

#[test]
fn a_sync_of_all_cases_is_carried_out_by_the_firms_workflow() {
    let (scene, temporal, support) = scene(3);
    let mut serving = serve(&scene);
    let begun = begin(&serving, &support);
    let run = serving.ended(&support, &begun);
    assert_eq!(json!([run["kind"], run["status"], run["counts"]["updated"]]), json!(["sync", "succeeded", 3]), "{run:#}");
    assert_eq!(written(&scene), 3);
    until("the slice has ended", || {
        temporal.events("casebridge/hartwell").iter().any(|event| event == "EVENT_TYPE_ACTIVITY_TASK_COMPLETED")
    });
    serving.stop();
}

#[test]
fn a_run_that_the_workflow_carries_out_is_cancelled_like_any_other() {
    let (scene, _temporal, support) = scene(300);
    slowly(&scene);
    let mut serving = serve(&scene);
    let begun = begin(&serving, &support);
    let run = begun.json()["run_id"].as_str().expect("a run").to_owned();
    serving.until("some writes are done", || written(&scene) >= 3);
    serving.send(&support, "POST", &format!("/api/v1/runs/{run}/cancel"), None).answers(202);
    let ended = serving.ended(&support, &begun);
    assert_eq!(ended["status"], "cancelled", "{ended:#}");
    assert!(written(&scene) < 300);

    // And what is asked for next is carried out.
    scene.vendors.mend();
    let begun = begin(&serving, &support);
    assert_eq!(serving.ended(&support, &begun)["status"], "succeeded");
    assert_eq!(written(&scene), 300);
    serving.stop();
}
