//! What the API does about runs: approves, cancels and takes them back, narrows their lists, and lets them be watched.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;

/// 40 cases of which 11 are to move, which is one too many; and the run that is held.
fn held() -> (Scene, Serving, String, String) {
    let mut world = World::of(1..=40);
    (1..=11).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let run = scene.sync().exits(3).run().id().to_owned();
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    (scene, serving, support, run)
}

#[test]
fn a_held_run_is_approved_and_then_taken_back() {
    let (scene, mut serving, support, run) = held();
    let post = |serving: &Serving, what: &str, body: Option<&serde_json::Value>| {
        serving.send(&support, "POST", &format!("/api/v1/runs/{run}/{what}"), body)
    };

    let approved = post(&serving, "approve", None).answers(202);
    assert_eq!(approved.json(), json!({ "run_id": run }));
    assert_eq!(serving.ended(&support, &approved)["counts"]["updated"], 11);
    assert_eq!(scene.vendors.journal().writes().len(), 11);
    post(&serving, "approve", None).answers(409);
    post(&serving, "cancel", None).answers(409);

    let dry = post(&serving, "undo", Some(&json!({ "dry_run": true }))).answers(202);
    assert_eq!(json!(serving.ended(&support, &dry)["dry_run"]), json!(true));
    assert_eq!(scene.vendors.journal().writes().len(), 11);
    let undone = post(&serving, "undo", None).answers(202);
    let held = serving.ended(&support, &undone);
    assert_eq!(json!([held["undoes"], held["status"]]), json!([run, "held"]), "{held:#}");
    // What takes back too much at once waits in its turn.
    let id = held["run_id"].as_str().unwrap();
    let restored = serving.send(&support, "POST", &format!("/api/v1/runs/{id}/approve"), None).answers(202);
    assert_eq!(serving.ended(&support, &restored)["status"], "succeeded");
    assert_eq!(scene.vendors.journal().writes().len(), 22);

    let log = serving.get_as(&support, "/api/v1/audit?who=ops").answers(200).json();
    let actions: Vec<_> = log["entries"].as_array().unwrap().iter().map(|entry| json!([entry["action"], entry["subject"]])).collect();
    assert_eq!(actions, [json!(["run_approved", id]), json!(["run_undone", run]), json!(["run_approved", run])]);
}

#[test]
fn a_held_run_is_put_away() {
    let (scene, serving, support, run) = held();
    serving.send(&support, "POST", &format!("/api/v1/runs/{run}/cancel"), Some(&json!({}))).answers(202);
    assert_eq!(serving.get_as(&support, &format!("/api/v1/runs/{run}")).answers(200).json()["status"], "cancelled");
    serving.send(&support, "POST", &format!("/api/v1/runs/{run}/approve"), None).answers(409);
    serving.send(&support, "POST", "/api/v1/runs/20000101-000000-aaaa/approve", None).answers(404);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn lists_are_narrowed_by_kind_and_status() {
    let (scene, serving, support, run) = held();
    let one = scene.sync_case("40").exits(0).run();
    let ids = |query: &str| {
        let page = serving.get_as(&support, &format!("/api/v1/runs?{query}")).answers(200).json();
        page["runs"].as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("kind=sync"), [run.as_str()]);
    assert_eq!(ids("kind=sync_case&firm=hartwell"), [one.id()]);
    assert_eq!(ids("status=held"), [run.as_str()]);
    assert_eq!(ids("status=failed"), [""; 0]);
    for odd in ["kind=nightly", "status=good", "kind="] {
        serving.get_as(&support, &format!("/api/v1/runs?{odd}")).answers(400);
    }
}

#[test]
fn a_run_is_watched_until_it_has_ended() {
    let (_scene, serving, support, run) = held();
    let begun = serving.send(&support, "POST", &format!("/api/v1/runs/{run}/approve"), None).answers(202).json();
    let watched = serving.get_as(&support, &format!("/api/v1/runs/{}/events", begun["run_id"].as_str().unwrap())).answers(200);
    assert_eq!(watched.header("content-type"), "text/event-stream");
    let events: Vec<(&str, serde_json::Value)> = watched
        .body
        .split("event: ")
        .skip(1)
        .filter_map(|event| event.split_once('\n'))
        .map(|(name, rest)| {
            let data = rest.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
            (name, serde_json::from_str(data).expect("JSON"))
        })
        .collect();
    let (last, before) = events.split_last().expect("an event");
    assert!(before.iter().all(|(name, data)| *name == "progress" && data["status"] == "running"), "{events:?}");
    assert_eq!((last.0, &last.1["status"], &last.1["counts"]["updated"]), ("ended", &json!("succeeded"), &json!(11)));
}
