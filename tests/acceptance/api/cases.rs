//! What the API does to cases: all synced, one synced, connected after a look, explained; and who did it is written down.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{ANN, World, surname};

fn scene(world: World) -> (Scene, Serving, String) {
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let staff = token(&scene.host, &["hart", "--role", "staff", "--firm", "hartwell"]);
    let serving = Serving::start(&scene.host);
    (scene, serving, staff)
}

/// The actions of the audit log that a token did, latest first, each with what it was done to.
#[track_caller]
pub fn audited(scene: &Scene, serving: &Serving) -> Vec<(String, Value)> {
    let support = token(&scene.host, &["auditor", "--role", "support"]);
    let log = serving.get_as(&support, "/api/v1/audit?who=hart").answers(200).json();
    let entries = log["entries"].as_array().expect("lines").iter();
    entries.map(|entry| (entry["action"].as_str().expect("a word").to_owned(), entry["subject"].clone())).collect()
}

#[test]
fn all_cases_are_synced_by_a_run_that_goes_on_by_itself() {
    let mut world = World::of(1..=5);
    world.peer(2)["stage"] = json!("Negotiation");
    let (scene, mut serving, staff) = scene(world);

    let path = "/api/v1/firms/hartwell/sync";
    let dry = serving.send(&staff, "POST", path, Some(&json!({ "dry_run": true }))).answers(202);
    let dry = serving.ended(&staff, &dry);
    assert_eq!(json!([dry["dry_run"], dry["counts"]["updated"]]), json!([true, 1]));
    assert_eq!(scene.vendors.journal().writes().len(), 0);

    let begun = serving.send(&staff, "POST", path, Some(&json!({ "mail_to": ["ann@hartwell.example"] }))).answers(202);
    let run = serving.ended(&staff, &begun);
    assert_eq!(json!([run["kind"], run["status"], run["counts"]["updated"]]), json!(["sync", "succeeded", 1]));
    let again = serving.send(&staff, "POST", path, None).answers(202);
    assert_eq!(serving.ended(&staff, &again)["counts"]["unchanged"], 5);
    serving.until("it is mailed", || !scene.subjects().is_empty());

    let begun = |answer: &Value| ("run_begun".to_owned(), answer["run_id"].clone());
    assert_eq!(audited(&scene, &serving), [begun(&again.json()), begun(&run)]);
}

#[test]
fn one_case_is_synced_to_its_end_and_explained() {
    let mut world = World::of(1..=2);
    world.peer(1)["stage"] = json!("Negotiation");
    let (scene, serving, staff) = scene(world);

    let explained = serving.get_as(&staff, "/api/v1/firms/hartwell/cases/1").answers(200).json();
    assert_eq!(explained, scene.host.run(&["explain", "hartwell", "1", "--json"]).exits(0).json());
    let run = serving.send(&staff, "POST", "/api/v1/firms/hartwell/cases/1/sync", None).answers(200).json();
    assert_eq!(json!([run["kind"], run["rows"][0]["changes"]]), json!(["sync_case", "stage: 3 → 6"]));
    assert_eq!(scene.host.run(&["runs", "show", run["run_id"].as_str().unwrap(), "--json"]).exits(0).json(), run);
    for odd in ["x", "1.5", "-1", "99999999999999999999", "..%2f1"] {
        serving.send(&staff, "POST", &format!("/api/v1/firms/hartwell/cases/{odd}/sync"), None).answers(404);
        serving.get_as(&staff, &format!("/api/v1/firms/hartwell/cases/{odd}")).answers(404);
    }
    assert_eq!(audited(&scene, &serving), [("run_begun".to_owned(), run["run_id"].clone())]);
}

#[test]
fn connect_shows_what_it_would_push_and_then_does_it_once() {
    let mut world = World::new();
    world.unconnected(48_213);
    let (scene, serving, staff) = scene(world);
    let path = "/api/v1/firms/hartwell/cases/48213/connect";

    let preview = serving.get_as(&staff, path).answers(200).json();
    assert_eq!(json!([preview["action"], preview["problems"], preview["reason"]]), json!(["create", [], null]));
    let push = &preview["push"];
    assert_eq!(json!([push["practice_area"], push["stage"], push["primary_attorney_email"]]), json!(["Motor Vehicle", 3, ANN]));
    assert_eq!(json!([push["client"]["last_name"], push["client"]["phone"]]), json!([surname(48_213), "+13105558213"]));
    assert_eq!(scene.vendors.journal().writes().len(), 0);

    let run = serving.send(&staff, "POST", path, None).answers(200).json();
    assert_eq!(json!([run["kind"], run["counts"]["created"]]), json!(["connect", 1]));
    assert_eq!(serving.get_as(&staff, path).answers(200).json()["reason"], "connected already");
    serving.send(&staff, "POST", path, None).answers(200);
    assert_eq!(scene.vendors.journal().posts().len(), 1);
    assert_eq!(audited(&scene, &serving), vec![("case_connected".to_owned(), json!("48213")); 2]);
}

#[test]
fn connect_names_each_problem_with_its_rule_and_who_can_put_it_right() {
    let mut world = World::new();
    world.unconnected(7);
    world.peer(7)["client"]["phones"] = json!([]);
    world.peer(7)["stage"] = json!("Nowhere");
    let (_scene, serving, staff) = scene(world);

    let preview = serving.get_as(&staff, "/api/v1/firms/hartwell/cases/7/connect").answers(200).json();
    assert_eq!(json!([preview["action"], preview["push"], preview["reason"]]), json!(["none", null, null]));
    let problems = preview["problems"].as_array().unwrap();
    let about = |word: &str| problems.iter().find(|problem| problem["text"].as_str().unwrap().contains(word)).expect(word);
    assert_eq!(about("phone")["fix_by"], "firm");
    assert_eq!(about("Nowhere")["fix_by"], "support");
    assert!(about("Nowhere")["rule"].as_str().unwrap().starts_with("built-in defaults:"), "{preview:#}");

    let missing = serving.get_as(&staff, "/api/v1/firms/hartwell/cases/8/connect").answers(200).json();
    assert_eq!(missing["problems"][0]["fix_by"], "firm", "{missing:#}");
}

#[test]
fn what_cannot_be_meant_is_refused_in_plain_words_and_begins_nothing() {
    let (scene, serving, staff) = scene(World::of([1]));
    let path = "/api/v1/firms/hartwell/sync";
    let json_type = [("content-type", "application/json")];
    let too_large = format!("{{\"mail_to\":[\"{}\"]}}", "x".repeat(300 * 1024));
    for (status, headers, body) in [
        (400, &json_type[..], "{"),
        (400, &json_type, "[]"),
        (400, &json_type, "null"),
        (400, &json_type, "\"dry_run\""),
        (400, &json_type, "{ \"dry\": true }"),
        (400, &json_type, "{ \"dry_run\": 1 }"),
        (400, &json_type, "{ \"dry_run\": true, \"dry_run\": false }"),
        (413, &json_type, &too_large),
        (415, &[], "{}"),
        (415, &[("content-type", "text/plain")], "{}"),
        (422, &json_type, "{ \"mail_to\": [\"ann\"] }"),
    ] {
        let refused = serving.send_with(&staff, "POST", path, headers, Some(body)).answers(status);
        assert_eq!(refused.header("content-type"), "application/problem+json");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(!detail.contains("eserialize") && !detail.contains("serde") && !detail.is_empty(), "{detail}");
    }
    assert_eq!(serving.get_as(&staff, "/api/v1/runs").answers(200).json()["runs"], json!([]));
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn a_firm_without_rules_in_use_says_so() {
    let scene = Scene::new(World::of([1]), &Rules::new().with("stages", "{ map: 3 }"));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    for (method, path) in [("POST", "sync"), ("POST", "cases/1/sync"), ("GET", "cases/1/connect"), ("GET", "cases/1")] {
        let refused = serving.send(&support, method, &format!("/api/v1/firms/hartwell/{path}"), None).answers(409);
        assert!(refused.json()["detail"].as_str().unwrap().contains("no rules in use"), "{refused:#?}");
    }
}
