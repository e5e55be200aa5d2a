//! How the API edits a firm's file: key by key, and as a whole if it still is the file that was read.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;

const FILE: &str = "rules/hartwell.yaml";
const PATH: &str = "/api/v1/firms/hartwell/rules";

fn scene() -> (Scene, Serving, String) {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    scene.host.write(FILE, &format!("# Kept by hand.\n{}", scene.host.read(FILE)));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    (scene, serving, support)
}

fn put(serving: &Serving, support: &str, held: Option<&str>, text: &str) -> crate::support::http::Answer {
    let held = held.map(|etag| ("if-match", etag));
    let headers = [&[("content-type", "application/yaml")], held.as_slice()].concat();
    serving.send_with(support, "PUT", PATH, &headers, Some(text))
}

#[test]
fn keys_are_set_in_the_file_and_in_use_at_once() {
    let (scene, serving, support) = scene();
    let before = scene.host.read(FILE);
    let body = json!({ "schedule.nightly_sync.enabled": true, "schedule.nightly_sync.cron": "0 22 * * *", "name": "Hartwell & Okafor" });

    let firm = serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(200).json();

    let nightly = &firm["schedule"]["nightly_sync"];
    assert_eq!(json!([nightly["enabled"], nightly["cron"], firm["name"]]), json!([true, "0 22 * * *", "Hartwell & Okafor"]));
    assert_eq!(firm, serving.get_as(&support, "/api/v1/firms/hartwell").answers(200).json());
    let text = scene.host.read(FILE);
    assert!(text.starts_with("# Kept by hand.\n") && text.contains("Hartwell & Okafor"), "{text}");
    scene.host.run(&["check"]).exits(0);
    let line = |entry: &Value| json!([entry["action"], entry["firm"], entry["subject"], entry["before"], entry["after"]]);
    let log = serving.get_as(&support, "/api/v1/audit?who=ops&action=firm_set").answers(200).json();
    let lines: Vec<Value> = log["entries"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(lines.len(), 3, "{log:#}");
    assert!(lines.contains(&json!(["firm_set", "hartwell", "schedule.nightly_sync.enabled", "false", "true"])), "{log:#}");
    assert_ne!(before, text);
}

#[test]
fn what_would_not_be_in_order_is_not_set() {
    let (scene, serving, support) = scene();
    let before = scene.host.read(FILE);
    for body in [
        json!({ "schedule.nightly_sync.cron": "at nine" }),
        json!({ "schedul.nightly_sync.enabled": true }),
        json!({ "name": 7, "stages.map": {} }),
    ] {
        let refused = serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(422).json();
        let fault = &refused["diagnostics"][0];
        assert!(fault["severity"] == "error" && fault["message"].is_string() && fault["line"].is_u64(), "{refused:#}");
    }
    for body in [json!({}), json!({ "": 1 }), json!({ "a..b": 1 })] {
        serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(400);
    }
    serving.send(&support, "PATCH", "/api/v1/firms/nobody", Some(&json!({ "name": "N" }))).answers(404);
    assert_eq!(scene.host.read(FILE), before);
}

#[test]
fn a_key_of_a_vendor_is_in_no_answer_and_in_no_line_of_the_log() {
    let (_scene, serving, support) = scene();
    let body = json!({ "connections.casepeer.key": "cpk-told-to-nobody-1" });
    let firm = serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body));
    let log = serving.get_as(&support, "/api/v1/audit").answers(200);
    let receipts = serving.get_as(&support, "/api/v1/firms/hartwell/receipts").answers(200);
    for answer in [firm, log, receipts] {
        assert!(!answer.body.contains("told-to-nobody"), "{answer:#?}");
    }
}

#[test]
fn a_file_is_replaced_only_while_it_is_the_one_that_was_read() {
    let (scene, serving, support) = scene();
    let read = serving.get_as(&support, PATH).answers(200);
    assert_eq!(read.body, scene.host.read(FILE));
    assert_eq!(read.header("content-type"), "application/yaml");
    let etag = read.header("etag").to_owned();
    let new = read.body.replace("Hartwell Injury Law", "Hartwell Law");

    put(&serving, &support, None, &new).answers(428);
    put(&serving, &support, Some("\"another\""), &new).answers(412);
    put(&serving, &support, Some(etag.trim_matches('"')), &new).answers(412);
    assert_eq!(scene.host.read(FILE), read.body);

    let replaced = put(&serving, &support, Some(&etag), &new).answers(200);
    assert_eq!(replaced.json()["name"], "Hartwell Law");
    assert_eq!(scene.host.read(FILE), new);
    assert_eq!(serving.get_as(&support, PATH).answers(200).header("etag"), replaced.header("etag"));
    // The same again is a change of a file that is no longer there.
    put(&serving, &support, Some(&etag), &read.body).answers(412);
    let log = serving.get_as(&support, "/api/v1/audit?action=rules_edited").answers(200).json();
    assert_eq!(json!([log["entries"][0]["subject"], log["entries"][1]]), json!(["hartwell.yaml", null]));
}

#[test]
fn a_file_that_is_not_in_order_is_not_written() {
    let (scene, serving, support) = scene();
    let read = serving.get_as(&support, PATH).answers(200);
    let etag = read.header("etag");
    let faulty = read.body.replace("stages:", "stagse:");
    let refused = put(&serving, &support, Some(etag), &faulty).answers(422).json();
    assert!(refused["diagnostics"][0]["line"].is_u64(), "{refused:#}");
    serving.send_with(&support, "PUT", PATH, &[("if-match", etag), ("content-type", "application/json")], Some(&read.body)).answers(415);
    put(&serving, &support, Some(etag), &format!("{}# {}", read.body, "x".repeat(300 * 1024))).answers(413);
    assert_eq!(scene.host.read(FILE), read.body);
}

#[test]
fn receipts_say_what_came_of_edits_a_page_at_a_time() {
    let (_scene, serving, support) = scene();
    for cron in ["0 1 * * *", "0 2 * * *", "0 3 * * *"] {
        let body = json!({ "schedule.nightly_sync.cron": cron });
        serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(200);
    }
    let path = "/api/v1/firms/hartwell/receipts";
    let all = serving.get_as(&support, path).answers(200).json();
    let all = all["receipts"].as_array().unwrap();
    assert!(all.len() >= 3 && all.iter().all(|receipt| receipt["outcome"] == "applied"), "{all:#?}");
    let first = serving.get_as(&support, &format!("{path}?limit=2")).answers(200).json();
    let second = serving.get_as(&support, &format!("{path}?limit=2&before={}", first["next"].as_str().unwrap())).answers(200).json();
    assert_eq!(json!([first["receipts"][0], first["receipts"][1], second["receipts"][0]]), json!(all[..3]));
    for odd in ["limit=0", "before=x", "before=-1", "page=1"] {
        serving.get_as(&support, &format!("{path}?{odd}")).answers(400);
    }
    serving.get_as(&support, "/api/v1/firms/nobody/receipts").answers(404);
}
