//! A firm that nobody enabled: what people begin works, and nothing runs by itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{FAKETIME, NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;
use crate::webhooks::sent::{SECRET, event, give_secret};

const OFTEN: &str = "{ nightly_sync: { enabled: false }, stage_sync: { enabled: false }, \
    message_sync: { enabled: true, cron: \"* * * * *\" }, document_sync: { enabled: false } }";

fn rules() -> Rules {
    Rules::new().with("schedule", OFTEN).with("messages", "{ note_prefix: \"From Case Status: \" }")
}

fn state(scene: &Scene) -> String {
    let listed = scene.host.run(&["firm", "list", "--json"]).exits(0).json();
    listed[0]["state"].as_str().expect("a state").to_owned()
}

#[test]
fn a_new_firm_is_left_alone_until_it_is_enabled_and_again_once_it_is_disabled() {
    let mut world = World::of(48_210..=48_214);
    world.message(48_210, "from_client", "Of before");
    let mut scene = Scene::new(world, &rules());
    // A minute takes a second.
    for (name, value) in [("LD_PRELOAD", FAKETIME), ("FAKETIME", "+0 x60"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")] {
        scene.host.set(name, value);
    }
    assert_eq!(state(&scene), "new");
    // Looking makes no store.
    assert!(scene.host.postgres().is_some() || !scene.host.path("var").exists());
    let mut serving = Serving::start_with_new_firms(&scene.host);
    let token = token(&scene.host, &["ops", "--role", "support"]);
    let firm = |serving: &Serving| serving.get_as(&token, "/api/v1/firms/hartwell").answers(200).json();
    let shown = firm(&serving);
    assert_eq!((&shown["state"], &shown["disabled"]), (&json!("new"), &Value::Null));
    assert_eq!(shown["schedule"]["message_sync"]["next"], Value::Null);
    assert!(serving.get("/metrics").body.contains("casebridge_firm_states{state=\"new\"} 1"));
    // A schedule that comes every minute has come twice by now, and nobody was asked anything.
    serving.goes_on_for(Duration::from_millis(2_500));
    assert_eq!(scene.vendors.journal().len(), 0);
    // What a person begins works.
    scene.host.run(&["plan", "hartwell"]).exits(0);
    scene.sync().exits(0);
    assert_eq!((state(&scene).as_str(), scene.vendors.journal().notes().len()), ("new", 0));

    // Nobody says what becomes of the messages from before.
    let refused = scene.host.run(&["firm", "enable", "hartwell"]).exits(2);
    assert!(refused.said().contains("--messages"), "{}", refused.said());
    serving.send(&token, "POST", "/api/v1/firms/hartwell/enable", None).answers(422);
    scene.host.run(&["firm", "enable", "hartwell", "--messages", "now"]).exits(0);
    assert!(scene.host.read("rules/hartwell.yaml").contains("start: now"));
    assert_eq!(firm(&serving)["state"], "on");
    serving.until("its schedule runs", || scene.vendors.journal().iter().any(|entry| entry.call.path.contains("message")));
    scene.vendors.world().message(48_210, "from_client", "Of now");
    serving.until("the new message is a note", || scene.vendors.journal().notes().len() == 1);
    assert_eq!(scene.vendors.world().note_bodies(48_210), ["From Case Status: Of now"]);

    scene.host.run(&["firm", "disable", "hartwell"]).exits(2);
    scene.host.run(&["firm", "disable", "hartwell", "--reason", " "]).exits(2);
    scene.host.run(&["firm", "disable", "hartwell", "--reason", "moves elsewhere"]).exits(0);
    let shown = firm(&serving);
    assert_eq!((&shown["state"], &shown["disabled"]["reason"]), (&json!("off"), &json!("moves elsewhere")));
    scene.sync().exits(0);
    // Its file says where its messages begin by now.
    let enabled = serving.send(&token, "POST", "/api/v1/firms/hartwell/enable", None).answers(200).json();
    assert_eq!(enabled["state"], "on");
    serving.send(&token, "POST", "/api/v1/firms/hartwell/disable", Some(&json!({ "reason": " " }))).answers(422);
    let audit = serving.get_as(&token, "/api/v1/audit").answers(200).body;
    assert!(audit.contains("firm_enabled") && audit.contains("firm_disabled") && audit.contains("moves elsewhere"), "{audit}");
    serving.stop();
}

#[test]
fn a_store_that_knows_no_firm_is_said_and_runs_nothing() {
    let mut scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    give_secret(&mut scene.host, "hartwell", SECRET);
    scene.host.run(&["firm", "enable", "typo"]).exits(2);
    scene.host.run(&["firm", "enable", "--all"]).exits(0);
    assert_eq!(scene.host.run(&["status", "--json"]).exits(0).json()["firms"][0]["state"], "on");
    // The next start is by a store of which that is not known.
    crate::support::store::execute(&scene.host, "delete from firm_states", &[]);
    let lost = scene.host.run(&["status", "--json"]).exits(1).json();
    assert_eq!((&lost["store"]["knows_firms"], &lost["firms"][0]["state"]), (&json!(false), &json!("new")));
    let mut serving = Serving::start_with_new_firms(&scene.host);
    assert!(serving.running.stderr().text().contains("database_url"), "{}", serving.running.stderr().text());
    serving.until("people are told", || scene.subjects().iter().any(|subject| subject.contains("none of its firms")));
    let told = |id: u64| event(id, "case.stage_changed", &json!({ "case_id": 1 }));
    serving.told(&told(1)).answers(503);
    let heard = serving.running.stderr();
    serving.until("it is said in the log", || heard.text().contains("not enabled"));
    assert_eq!(scene.vendors.journal().len(), 0);

    scene.host.run(&["firm", "enable", "--all"]).exits(0);
    scene.host.run(&["status"]).exits(0);
    serving.told(&told(1)).answers(202);
    serving.until("the case is synced", || scene.vendors.journal().len() > 1);
    scene.host.run(&["firm", "disable", "hartwell", "--reason", "moves elsewhere"]).exits(0);
    serving.told(&told(2)).answers(503);
    // One that is off stays off.
    scene.host.run(&["firm", "enable", "--all"]).exits(0);
    assert_eq!(state(&scene), "off");
    serving.stop();
}
