//! Firms' files that are gone: one stops its firm, and a folder that is gone stops none until somebody says so.

use std::fs;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::http::ask;
use crate::support::rules::{Rules, key_variable};
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Vendor, World};
use crate::support::visitor::Visitor;

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

fn remove(scene: &Scene, firm: &str) {
    fs::remove_file(scene.host.path(format!("rules/{firm}.yaml"))).unwrap();
}

fn until_state(serving: &mut Serving, support: &str, firm: &str, state: &str) {
    let is_so = |answer: &crate::support::http::Answer| answer.status == 200 && answer.json()["rules"]["state"] == state;
    serving.until_answer(&format!("{firm} is {state}"), support, &format!("/api/v1/firms/{firm}"), is_so);
}

fn until_stopped(serving: &mut Serving, support: &str, firm: &str) {
    serving.until_answer("it is stopped", support, &format!("/api/v1/firms/{firm}"), |answer| answer.status == 404);
}

#[test]
fn firms_of_a_folder_that_is_gone_go_on_until_it_is_back_or_somebody_removes_them() {
    let scene = Scene::new(World::of([1]), &rules());
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let defaults = "limits: { concurrency: 3 }\n";
    scene.host.write("rules/_defaults.yaml", defaults);
    let mut serving = Serving::start(&scene.host);
    serving.until("its rules are known", || scene.outcomes() == ["applied"]);
    let text = scene.host.read("rules/hartwell.yaml");
    scene.host.run(&["firm", "remove", "hartwell"]).exits(2);
    // As a share that is not mounted; then the mount point goes too.
    fs::remove_file(scene.host.path("rules/_defaults.yaml")).unwrap();
    remove(&scene, "hartwell");
    until_state(&mut serving, &support, "hartwell", "gone");
    fs::remove_dir(scene.host.path("rules")).unwrap();
    serving.until("people are told", || scene.subjects().iter().any(|subject| subject.contains("misses the file of 1 firm")));
    let status = scene.host.run(&["status", "--json"]).exits(1).json();
    let listed = scene.host.run(&["firm", "list", "--json"]).exits(0).json();
    for firm in [&status["firms"][0], &listed[0]] {
        assert_eq!((&firm["firm"], &firm["rules"]["state"]), (&json!("hartwell"), &json!("gone")));
    }
    assert!(serving.get("/readyz").body.contains("gone"));
    serving.stop();

    let mut serving = Serving::start_with_new_firms(&scene.host);
    until_state(&mut serving, &support, "hartwell", "gone");
    scene.vendors.world().restage(1, "Negotiation", "2026-06-10T12:00:00Z");
    serving.send(&support, "POST", "/api/v1/firms/hartwell/cases/1/sync", None).answers(200);
    assert_eq!(scene.vendors.journal().patches_of(1).len(), 1);
    scene.host.folder("rules");
    scene.host.write("rules/hartwell.yaml", &text);
    // Without its defaults the firm would run by other rules. Whoever sees the next file has seen the firm's.
    scene.host.write("rules/okafor.yaml", "name: Okafor\n");
    until_state(&mut serving, &support, "okafor", "rejected");
    until_state(&mut serving, &support, "hartwell", "gone");
    let firm = serving.get_as(&support, "/api/v1/firms/hartwell").answers(200).body;
    assert!(firm.contains("the common defaults, rules/_defaults.yaml, are gone"), "{firm}");
    scene.host.write("rules/_defaults.yaml", defaults);
    until_state(&mut serving, &support, "hartwell", "active");
    remove(&scene, "okafor");
    until_stopped(&mut serving, &support, "okafor");
    assert_eq!(ask(&serving.address, "GET", "/readyz", &[]).unwrap().body, "ready\n");

    remove(&scene, "hartwell");
    until_state(&mut serving, &support, "hartwell", "gone");
    scene.host.run(&["firm", "remove", "hartwell"]).exits(0);
    until_stopped(&mut serving, &support, "hartwell");
    scene.host.run(&["status"]).exits(0);
    scene.host.write("rules/hartwell.yaml", &text);
    until_state(&mut serving, &support, "hartwell", "active");
    serving.stop();
}

#[test]
fn a_single_file_stops_its_firm_and_a_third_of_six_stop_none() {
    let mut scene = Scene::new(World::of([1]), &rules());
    let firms = ["adler", "byrne", "castro", "doyle", "eng"];
    for firm in firms {
        scene.host.firm(firm, &scene.vendors, &rules());
        scene.host.set(&key_variable(firm, Vendor::Casepeer), &format!("cpk-{firm}"));
        scene.host.set(&key_variable(firm, Vendor::CaseStatus), &format!("csk-{firm}"));
    }
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    until_state(&mut serving, &support, "eng", "active");
    remove(&scene, "adler");
    until_stopped(&mut serving, &support, "adler");
    // Two more within the minute, and the first of them goes on as well.
    ["byrne", "castro"].into_iter().for_each(|firm| remove(&scene, firm));
    ["byrne", "castro", "adler"].into_iter().for_each(|firm| until_state(&mut serving, &support, firm, "gone"));
    until_state(&mut serving, &support, "doyle", "active");

    let mut visitor = Visitor::support(&scene.host, &serving);
    visitor.page("/").says("The files of 3 firms are not there");
    visitor.submit("/gone", &[("firms", "byrne castro doyle")]);
    ["byrne", "castro"].into_iter().for_each(|firm| until_stopped(&mut serving, &support, firm));
    until_state(&mut serving, &support, "adler", "gone");
    until_state(&mut serving, &support, "doyle", "active");
    visitor.page("/audit?action=firm_removed").says("castro");
    serving.stop();
}

#[test]
fn common_defaults_that_are_gone_let_no_firm_run_by_other_rules() {
    let scene = Scene::new(World::of([1]), &rules());
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let defaults = scene.host.path("rules/_defaults.yaml");
    let text = "limits: { concurrency: 3 }\n";
    scene.host.write("rules/_defaults.yaml", text);
    let mut serving = Serving::start(&scene.host);
    let revision = |serving: &mut Serving| serving.get_as(&support, "/api/v1/firms/hartwell").answers(200).json()["revision"].clone();
    let first = revision(&mut serving);
    fs::remove_file(&defaults).unwrap();
    until_state(&mut serving, &support, "hartwell", "gone");
    assert_eq!(revision(&mut serving), first);
    assert!(serving.get_as(&support, "/api/v1/firms/hartwell").body.contains("an empty file says so"));
    // Nor does a start, or a file that cannot be read.
    serving.stop();
    let mut serving = Serving::start_with_new_firms(&scene.host);
    until_state(&mut serving, &support, "hartwell", "gone");
    std::os::unix::fs::symlink("/nowhere", &defaults).unwrap();
    until_state(&mut serving, &support, "hartwell", "held");
    assert!(scene.host.run(&["check"]).exits(1).stdout.contains("_defaults.yaml"));
    fs::remove_file(&defaults).unwrap();
    until_state(&mut serving, &support, "hartwell", "gone");
    fs::write(&defaults, b"\xff\xfel\0i\0").unwrap();
    until_state(&mut serving, &support, "hartwell", "held");
    assert_eq!(revision(&mut serving), first);
    scene.host.write("rules/_defaults.yaml", text);
    until_state(&mut serving, &support, "hartwell", "active");
    assert_eq!(revision(&mut serving), first);
    // Whoever wants none says so.
    scene.host.write("rules/_defaults.yaml", "");
    serving.until("the defaults are those built in", || {
        let listed = scene.host.run(&["firm", "list", "--json"]).json();
        listed[0]["revision"] != first
    });
    until_state(&mut serving, &support, "hartwell", "active");
    fs::remove_file(&defaults).unwrap();
    serving.goes_on_for(std::time::Duration::from_secs(3));
    until_state(&mut serving, &support, "hartwell", "active");
    serving.stop();
}
