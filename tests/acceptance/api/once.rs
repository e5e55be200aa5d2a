//! A request under an `Idempotency-Key` is carried out once, however often it is sent.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::http::Answer;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;

const SYNC: &str = "/api/v1/firms/hartwell/sync";

fn scene() -> (Scene, Serving, String) {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    (scene, serving, support)
}

fn post(serving: &Serving, token: &str, path: &str, key: &str, body: &str) -> Answer {
    serving.send_with(token, "POST", path, &[("content-type", "application/json"), ("idempotency-key", key)], Some(body))
}

fn runs(serving: &Serving, token: &str) -> usize {
    serving.get_as(token, "/api/v1/runs").answers(200).json()["runs"].as_array().unwrap().len()
}

#[test]
fn the_first_answer_is_given_again() {
    let (scene, mut serving, support) = scene();
    let first = post(&serving, &support, SYNC, "monday", "{}").answers(202);
    assert_eq!(first.header("idempotent-replayed"), "");
    serving.ended(&support, &first);
    let again = post(&serving, &support, SYNC, "monday", "{}").answers(202);
    assert_eq!((again.header("idempotent-replayed"), &again.body), ("true", &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(runs(&serving, &support), 1);

    // Also by another process, and not under another key.
    serving.stop();
    let serving = Serving::start(&scene.host);
    assert_eq!(post(&serving, &support, SYNC, "monday", "{}").answers(202).body, first.body);
    assert_ne!(post(&serving, &support, SYNC, "tuesday", "{}").answers(202).body, first.body);
    assert_eq!(runs(&serving, &support), 2);
}

#[test]
fn a_key_is_for_one_request() {
    let (_scene, mut serving, support) = scene();
    let first = post(&serving, &support, SYNC, "k", "{}").answers(202);
    serving.ended(&support, &first);
    post(&serving, &support, SYNC, "k", "{ \"dry_run\": true }").answers(422);
    post(&serving, &support, "/api/v1/firms/hartwell/cases/1/sync", "k", "{}").answers(422);
    let unheard = ["", "two words", &"x".repeat(129), "é"];
    for key in unheard {
        post(&serving, &support, SYNC, key, "{}").answers(400);
    }
    let twice = [("content-type", "application/json"), ("idempotency-key", "a"), ("idempotency-key", "b")];
    serving.send_with(&support, "POST", SYNC, &twice, Some("{}")).answers(400);
    assert_eq!(runs(&serving, &support), 1);
}

#[test]
fn keys_of_two_callers_do_not_meet() {
    let (scene, mut serving, support) = scene();
    let staff = token(&scene.host, &["hart", "--role", "staff", "--firm", "hartwell"]);
    let first = post(&serving, &support, SYNC, "k", "{}").answers(202);
    serving.ended(&support, &first);
    let other = post(&serving, &staff, SYNC, "k", "{}").answers(202);
    assert_ne!(first.body, other.body);
    // Nor do they let anybody in.
    let viewer = token(&scene.host, &["view", "--role", "viewer"]);
    post(&serving, &viewer, SYNC, "k", "{}").answers(403);
    post(&serving, "cbt_1", SYNC, "k", "{}").answers(401);
}

#[test]
fn of_many_at_once_one_is_carried_out() {
    let (_scene, serving, support) = scene();
    let path = "/api/v1/firms/hartwell/cases/1/sync";
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| post(&serving, &support, path, "k", "{}"))).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let fresh = answers.iter().filter(|answer| answer.status == 200 && answer.header("idempotent-replayed").is_empty()).count();
    let waiting = answers.iter().filter(|answer| answer.status == 409).count();
    let again = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count();
    assert_eq!((fresh, waiting + again), (1, 7), "{answers:#?}");
    assert_eq!(runs(&serving, &support), 1);
}

#[test]
fn what_was_refused_for_now_is_tried_anew() {
    let scene = Scene::new(World::of([1]), &Rules::new().with("stages", "{ map: 3 }"));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    post(&serving, &support, SYNC, "k", "{}").answers(409);
    scene.host.write("rules/hartwell.yaml", &Rules::new().with("schedule", NOTHING_BY_ITSELF).text("hartwell", &scene.vendors));
    serving.until_answer("the rules are in use", &support, "/api/v1/firms/hartwell", |answer| answer.json()["rules"]["state"] == "active");
    let begun = post(&serving, &support, SYNC, "k", "{}").answers(202);
    assert_eq!(json!(begun.header("idempotent-replayed")), json!(""));
}
