//! What the API does about dead letters.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Fault, World, any_note};

#[test]
fn letters_are_listed_tried_again_and_dropped() {
    let mut world = World::of([1]);
    ["one", "two", "three"].into_iter().for_each(|text| drop(world.message(1, "from_client", text)));
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    scene.vendors.next(2, Fault::Refused(422), any_note);
    scene.host.run(&["messages", "hartwell", "--json"]).exits(1);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    let get = |path: &str| serving.get_as(&support, path).answers(200).json();

    let all = get("/api/v1/letters");
    let letters = all["letters"].as_array().unwrap();
    assert_eq!(letters.len(), 2, "{all:#}");
    assert_eq!(json!([letters[0]["firm"], letters[0]["kind"], letters[0]["integration_id"]]), json!(["hartwell", "note", "1"]));
    assert!(letters[0]["reason"].as_str().unwrap().contains("422"), "{all:#}");
    let first = get("/api/v1/letters?firm=hartwell&limit=1");
    let second = get(&format!("/api/v1/letters?limit=1&before={}", first["next"].as_str().unwrap()));
    assert_eq!(json!([first["letters"][0], second["letters"][0], second["next"]]), json!([letters[0], letters[1], null]));

    let post = |letter: &serde_json::Value, what: &str| {
        serving.send(&support, "POST", &format!("/api/v1/letters/{}/{what}", letter["letter"]), None)
    };
    assert_eq!(post(&letters[0], "retry").answers(200).json(), letters[0]);
    assert_eq!(post(&letters[1], "drop").answers(200).json(), letters[1]);
    // One that is tried again stays until it came over, also where the retry fails.
    let left = get("/api/v1/letters");
    assert_eq!(json!([left["letters"][0]["letter"], left["letters"][1]]), json!([letters[0]["letter"], null]));
    assert!(left["letters"][0]["retried_at"].is_string(), "{left:#}");
    scene.vendors.next(1, Fault::Refused(422), any_note);
    scene.host.run(&["messages", "hartwell", "--json"]).exits(1);
    assert_eq!(get("/api/v1/letters")["letters"][0]["retried_at"], json!(null));
    post(&letters[0], "retry").answers(200);
    scene.host.run(&["messages", "hartwell", "--json"]).exits(0);
    assert_eq!(get("/api/v1/letters")["letters"], json!([]));
    post(&letters[0], "retry").answers(404);
    serving.send(&support, "POST", "/api/v1/letters/x/drop", None).answers(404);
    assert_eq!(scene.vendors.world().note_bodies(1).len(), 2);
    let log = get("/api/v1/audit?firm=hartwell");
    assert_eq!(json!([log["entries"][1]["action"], log["entries"][2]["action"]]), json!(["letter_dropped", "letter_retried"]));
}

#[test]
fn the_audit_log_comes_in_pages_and_narrowed() {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    for hour in 1..=4 {
        let body = json!({ "schedule.nightly_sync.cron": format!("0 {hour} * * *") });
        serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(200);
    }
    let path = "/api/v1/audit?action=firm_set&firm=hartwell&who=ops&limit=3";
    let first = serving.get_as(&support, path).answers(200).json();
    let second = serving.get_as(&support, &format!("{path}&before={}", first["next"].as_str().unwrap())).answers(200).json();
    let after =
        |page: &serde_json::Value| page["entries"].as_array().unwrap().iter().map(|entry| entry["after"].clone()).collect::<Vec<_>>();
    assert_eq!(after(&first), [4, 3, 2].map(|hour| json!(format!("\"0 {hour} * * *\""))));
    assert_eq!((after(&second), &second["next"]), (vec![json!("\"0 1 * * *\"")], &json!(null)));
    let entry = &first["entries"][0];
    assert_eq!(json!([entry["who_kind"], entry["who"]]), json!(["token", "ops"]));
    assert!(entry["request"].as_str().unwrap().len() >= 16, "{entry:#}");
    for odd in ["action=nothing", "limit=201", "before=x", "what=x"] {
        serving.get_as(&support, &format!("/api/v1/audit?{odd}")).answers(400);
    }
}
