//! API tokens: printed once and alone, kept as a hash, listed without themselves, worthless once revoked or expired.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::support::host::{Host, Scene, has};
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;

fn scene() -> Scene {
    Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

#[track_caller]
fn is_a_token(text: &str) {
    let bits = text.strip_prefix("cbt_").unwrap_or_else(|| panic!("{text:?} does not say what it is"));
    assert!(bits.len() == 64 && bits.bytes().all(|letter| letter.is_ascii_hexdigit()), "{text:?}");
}

/// No file of the host's has it.
#[track_caller]
fn is_kept_nowhere(host: &Host, token: &str) {
    for (file, bytes) in host.kept() {
        for part in [token, token.trim_start_matches("cbt_")] {
            assert!(!has(&bytes, part), "the token is in {}", file.display());
        }
    }
}

#[test]
fn a_token_is_printed_alone() {
    let scene = scene();
    let created = scene.host.run(&["token", "create", "ops", "--role", "support"]).exits(0);
    let text = created.stdout.strip_suffix('\n').expect("a line");
    is_a_token(text);
    assert_eq!(created.stderr, "");
    is_kept_nowhere(&scene.host, text);

    let another = token(&scene.host, &["others", "--role", "support"]);
    assert_ne!(another, text);
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn as_json_it_is_one_value() {
    let scene = scene();
    let arguments = ["token", "create", "hart", "--role", "staff", "--firm", "hartwell", "--expires", "90d", "--json"];
    let created = scene.host.run(&arguments).exits(0);
    let value = created.json();
    is_a_token(value["token"].as_str().unwrap());
    let facts = json!([value["name"], value["role"], value["firm"], value["state"], value["revoked_at"]]);
    assert_eq!(facts, json!(["hart", "staff", "hartwell", "active", null]));
    let [made, expires] = ["created_at", "expires_at"].map(|key| value[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap());
    assert_eq!(expires.duration_since(made), jiff::SignedDuration::from_hours(90 * 24));
    assert_eq!(created.stderr, "");
}

#[test]
fn a_token_that_nobody_can_mean_is_refused() {
    let scene = scene();
    for arguments in [
        &["ops"][..],
        &["ops", "--role", "admin"],
        &["ops", "--role", "staff"],
        &["ops", "--role", "support", "--firm", "hartwell"],
        &["ops", "--role", "staff", "--firm", "hartwel"],
        &["ops", "--role", "staff", "--firm", "../hartwell"],
        &["", "--role", "support"],
        &["o ps", "--role", "support"],
        &["ops", "--role", "support", "--expires", "90"],
        &["ops", "--role", "support", "--expires", "0d"],
        &["--role", "support"],
    ] {
        let refused = scene.host.run(&[&["token", "create"], arguments].concat()).exits(2);
        assert_eq!(refused.stdout, "", "{arguments:?}");
    }
    let near = scene.host.run(&["token", "create", "ops", "--role", "staff", "--firm", "hartwel"]).exits(2);
    assert!(near.stderr.contains("`hartwell`"), "{}", near.stderr);
    assert_eq!(scene.host.run(&["token", "list", "--json"]).exits(0).json(), json!([]));
}

#[test]
fn names_are_unique_until_they_are_revoked() {
    let scene = scene();
    let create = ["token", "create", "ops", "--role", "support"];
    let first = token(&scene.host, &create[2..]);
    let refused = scene.host.run(&create).exits(1);
    assert!(refused.stdout.is_empty() && refused.stderr.contains("`ops`"), "{}", refused.said());
    scene.host.run(&["token", "revoke", "ops"]).exits(0);
    let second = token(&scene.host, &create[2..]);

    let listed = scene.host.run(&["token", "list", "--json"]).exits(0);
    let states: Vec<_> = listed.json().as_array().unwrap().iter().map(|token| json!([token["name"], token["state"]])).collect();
    assert_eq!(states, [json!(["ops", "active"]), json!(["ops", "revoked"])]);
    for finished in [listed, scene.host.run(&["token", "list"]).exits(0)] {
        assert!(finished.stdout.contains("ops"));
        assert!(!finished.said().contains(&first) && !finished.said().contains(&second) && !finished.said().contains("cbt_"));
    }
    scene.host.run(&["token", "revoke", "nobody"]).exits(2);
    scene.host.run(&["token", "revoke", "ops", "--json"]).exits(0).json();
    scene.host.run(&["token", "revoke", "ops"]).exits(2);
}

#[test]
fn a_revoked_token_and_an_expired_one_are_worth_what_a_wrong_one_is() {
    let scene = scene();
    let brief = token(&scene.host, &["brief", "--role", "support", "--expires", "1s"]);
    let long = token(&scene.host, &["long", "--role", "support", "--expires", "1d"]);
    let revoked = token(&scene.host, &["revoked", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    for token in [&long, &revoked] {
        serving.get_as(token, "/api/v1/firms").answers(200);
    }

    scene.host.run(&["token", "revoke", "revoked"]).exits(0);
    sleep(Duration::from_secs(1));

    let wrong = serving.get_as(&format!("cbt_{}", "0".repeat(64)), "/api/v1/firms").answers(401).without_its_time_and_id();
    for token in [&brief, &revoked] {
        assert_eq!(serving.get_as(token, "/api/v1/firms").without_its_time_and_id(), wrong);
    }
    let listed = scene.host.run(&["token", "list", "--json"]).exits(0).json();
    assert_eq!(json!([listed[0]["state"], listed[1]["state"], listed[2]["state"]]), json!(["expired", "active", "revoked"]));

    // A token that is made while the host serves works at once, and its name may be one that was given before.
    let new = token(&scene.host, &["revoked", "--role", "support"]);
    serving.get_as(&new, "/api/v1/firms").answers(200);
    serving.stop();
}
