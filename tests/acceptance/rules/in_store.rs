//! Rules that are kept in the store: brought there, edited there by whoever may, and served from there by every instance.

use std::fs;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Vendor, World};
use crate::support::visitor::Visitor;

const FILE: &str = "rules/hartwell.yaml";
const EDITOR: &str = "/firms/hartwell/rules";

/// A firm whose rules were pushed into the store; no folder has them any more.
fn scene() -> Scene {
    let mut scene = Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let pushed = scene.host.run(&["rules", "push", "--json"]).exits(0).json();
    assert_eq!(pushed["added"], serde_json::json!([FILE]), "{pushed:#}");
    fs::rename(scene.host.path("rules"), scene.host.path("kept")).unwrap();
    scene.host.set("CASEBRIDGE_RULES_SOURCE", "store");
    scene
}

fn keys_of_osprey(scene: &mut Scene) {
    scene.host.set("OSPREY_CASEPEER_KEY", "cpk-of-osprey");
    scene.host.set("OSPREY_CASE_STATUS_KEY", "csk-of-osprey");
}

fn renamed(text: &str) -> String {
    text.replace("Hartwell Injury Law", "Hartwell & Sons")
}

/// What the store has now, as a pull shows it.
fn pulled(scene: &Scene) -> String {
    scene.host.run(&["rules", "pull", "--to", "pulled", "--force"]).exits(0);
    scene.host.read(&format!("pulled/{FILE}"))
}

#[test]
fn commands_go_by_the_rules_of_the_store_and_set_them_there() {
    let scene = scene();
    scene.host.run(&["check"]).exits(0);
    scene.sync().exits(0);
    scene.host.run(&["firm", "set", "hartwell", "name=Hartwell & Sons"]).exits(0);
    assert_eq!(pulled(&scene), renamed(&scene.host.read("kept/hartwell.yaml")));
    let refused = scene.host.run(&["firm", "set", "hartwell", "stagez=1"]).exits(1);
    assert!(refused.stderr.contains("rules/hartwell.yaml"), "{}", refused.stderr);
    assert!(!scene.host.path("rules").exists());
    let enabled = scene.host.run(&["firm", "enable", "hartwell", "--messages", "beginning"]).exits(0).stdout;
    assert!(enabled.contains("hartwell is on"), "{enabled}");
}

#[test]
fn the_console_edits_the_store_and_puts_back_what_was_there() {
    let scene = scene();
    let text = scene.host.read("kept/hartwell.yaml");
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let etag = visitor.page(EDITOR).says(FILE).field("etag");
    let page = visitor.submit(EDITOR, &[("text", &renamed(&text)), ("etag", &etag)]);
    page.says("Hartwell & Sons").says("applied");
    assert_eq!(pulled(&scene), renamed(&text));
    let receipt = scene.receipts().last().expect("a receipt")["receipt"].to_string();
    let path = format!("{EDITOR}/receipts/{receipt}");
    let beside = visitor.page(&path).field("etag");
    visitor.submit(&format!("{path}/put-back"), &[("etag", &beside)]).says("Hartwell Injury Law");
    assert_eq!(pulled(&scene), text);
    let outcomes = scene.outcomes();
    serving.stop();
    // What was served is served again, and is no edit.
    Serving::start(&scene.host).stop();
    assert_eq!(scene.outcomes(), outcomes);
}

#[test]
fn a_firm_that_is_set_up_in_the_console_is_kept_in_the_store() {
    let mut scene = scene();
    keys_of_osprey(&mut scene);
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let (casepeer, case_status) = (scene.vendors.base_url(Vendor::Casepeer), scene.vendors.base_url(Vendor::CaseStatus));
    let fields = [
        ("firm", "osprey"),
        ("name", "Osprey & Daughters"),
        ("time_zone", "America/New_York"),
        ("casepeer_url", casepeer.as_str()),
        ("casepeer_key", ""),
        ("casepeer_reference", "${env:OSPREY_CASEPEER_KEY}"),
        ("case_status_url", case_status.as_str()),
        ("case_status_key", ""),
        ("case_status_reference", "${env:OSPREY_CASE_STATUS_KEY}"),
    ];
    visitor.submit("/firms/new", &fields).says("Osprey & Daughters");
    visitor.post("/firms/new", &fields).answers(422);
    pulled(&scene);
    assert!(scene.host.read("pulled/rules/osprey.yaml").contains("Osprey & Daughters"));
}

#[test]
fn who_was_overtaken_by_a_command_does_not_write_over_it() {
    let scene = scene();
    let mut serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let opened = visitor.page(EDITOR);
    let etag = opened.field("etag");
    scene.host.run(&["firm", "set", "hartwell", "schedule.nightly_sync.enabled=true"]).exits(0);
    let theirs = pulled(&scene);
    visitor.post(EDITOR, &[("text", &renamed(&opened.typed())), ("etag", &etag)]).answers(409);
    assert_eq!(pulled(&scene), theirs);
    let is_on = |firm: &crate::support::http::Answer| firm.json()["schedule"]["nightly_sync"]["enabled"] == true;
    serving.until_answer("the edit is served", &support, "/api/v1/firms/hartwell", is_on);
}

#[test]
fn nothing_with_faults_is_pushed_and_nothing_is_pulled_over() {
    let scene = scene();
    let text = scene.host.read("kept/hartwell.yaml");
    scene.host.folder("checkout/rules");
    scene.host.folder("checkout/scripts/hooks");
    let faulty = [
        ("rules/hartwell.yaml", format!("{text}stagez: 1\n"), "stagez"),
        ("rules/hartwell.test.yaml", "- name: it fails\n  case: {}\n".to_owned(), "expect"),
        ("scripts/hooks/odd.rhai", "let x = ;".to_owned(), "odd.rhai"),
    ];
    for (file, faults, named) in faulty {
        scene.host.write("checkout/rules/hartwell.yaml", &text);
        scene.host.write(&format!("checkout/{file}"), &faults);
        let refused = scene.host.run(&["rules", "push", "--from", "checkout"]).exits(1);
        assert!(refused.stderr.contains(named), "{}", refused.stderr);
        fs::remove_file(scene.host.path(format!("checkout/{file}"))).unwrap();
    }
    assert_eq!(pulled(&scene), text);
    scene.host.write(&format!("pulled/{FILE}"), "mine");
    let refused = scene.host.run(&["rules", "pull", "--to", "pulled"]).exits(2);
    assert!(refused.stderr.contains(FILE), "{}", refused.stderr);
    assert_eq!(scene.host.read(&format!("pulled/{FILE}")), "mine");
}

#[test]
fn a_push_is_served_without_a_restart_and_removes_only_when_told() {
    let mut scene = Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let text = scene.host.read(FILE);
    scene.host.folder("scripts/shared");
    scene.host.write("scripts/shared/work.rhai", "0");
    scene.host.set("CASEBRIDGE_RULES_SOURCE", "store");
    keys_of_osprey(&mut scene);
    let mut serving = Serving::start(&scene.host);
    assert!(serving.running.stderr().text().contains("casebridge rules push"));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    scene.host.run(&["rules", "push"]).exits(0);
    serving.until_answer("it is served", &support, "/api/v1/firms/hartwell", |answer| answer.status == 200);
    let mut visitor = Visitor::support(&scene.host, &serving);
    visitor.page("/scripts").says("shared/work.rhai");

    scene.host.folder("other/rules");
    scene.host.write("other/rules/osprey.yaml", &text.replace("Hartwell Injury Law", "Osprey").replace("HARTWELL", "OSPREY"));
    let pushed = scene.host.run(&["rules", "push", "--from", "other", "--json"]).exits(0).json();
    assert_eq!(pushed["left"], serde_json::json!([FILE, "scripts/shared/work.rhai"]));
    serving.until_answer("the other is served", &support, "/api/v1/firms/osprey", |answer| answer.status == 200);
    serving.get_as(&support, "/api/v1/firms/hartwell").answers(200);
    scene.host.run(&["rules", "push", "--from", "other", "--remove"]).exits(0);
    serving.until_answer("it is gone", &support, "/api/v1/firms/hartwell", |answer| answer.status == 404);
    visitor.page("/audit?action=rules_pushed").says("2 files");

    // A checkout of before has what the store has removed: the pull says so, and the next push would bring it back.
    scene.host.folder("checkout/rules");
    scene.host.write("checkout/rules/hartwell.yaml", &text);
    let pull = |more: &[&str]| scene.host.run(&[&["rules", "pull", "--to", "checkout", "--json"], more].concat()).exits(0).json();
    assert_eq!(pull(&[])["left"], serde_json::json!([FILE]));
    assert_eq!(pull(&["--remove"])["removed"], serde_json::json!([FILE]));
    assert!(!scene.host.path("checkout/rules/hartwell.yaml").exists());
    assert_eq!(pull(&[])["left"], serde_json::json!([]));
}

#[test]
fn whoever_looks_at_another_store_or_writes_into_a_folder_changes_nothing() {
    let mut scene = scene();
    keys_of_osprey(&mut scene);
    let mut serving = Serving::start(&scene.host);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    scene.host.folder("other/rules");
    scene.host.set("CASEBRIDGE_DATABASE_URL", "sqlite://other.db");
    scene.host.write("other/rules/osprey.yaml", &renamed(&scene.host.read("kept/hartwell.yaml")).replace("HARTWELL", "OSPREY"));
    scene.host.run(&["rules", "push", "--from", "other"]).exits(0);
    let listed = scene.host.run(&["firm", "list"]).exits(0).stdout;
    assert!(listed.contains("osprey") && !listed.contains("hartwell"), "{listed}");
    scene.host.unset("CASEBRIDGE_DATABASE_URL");
    let copies: Vec<_> = scene.host.files().into_iter().filter(|path| path.ends_with(FILE)).collect();
    assert!(copies.is_empty(), "the store alone has the rules: {copies:?}");
    scene.host.folder("rules");
    scene.host.write(FILE, &renamed(&scene.host.read("kept/hartwell.yaml")));
    scene.host.write("rules/stray.yaml", "name: Stray");
    // An edit that comes later is served, so what is in the folder was not.
    scene.host.run(&["firm", "set", "hartwell", "schedule.nightly_sync.enabled=true"]).exits(0);
    let is_on = |firm: &crate::support::http::Answer| firm.json()["schedule"]["nightly_sync"]["enabled"] == true;
    serving.until_answer("the edit is served", &support, "/api/v1/firms/hartwell", is_on);
    assert_eq!(scene.host.run(&["firm", "list", "--json"]).exits(0).json().as_array().map(Vec::len), Some(1));
    serving.until_answer("it is served", &support, "/api/v1/firms/hartwell", |answer| answer.json()["name"] == "Hartwell Injury Law");
}
