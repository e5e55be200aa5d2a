//! A firm at a glance: its schedules and their switches, what was missed, and what is wrong.

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::World;
use crate::support::visitor::{SUPPORT, Visitor, add};

fn scene() -> Scene {
    Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

#[test]
fn a_switch_writes_the_firm_s_file_and_keeps_its_comments() {
    let scene = scene();
    let text = scene.host.read("rules/hartwell.yaml") + "# Ask Jo before the night is changed.\n";
    scene.host.write("rules/hartwell.yaml", &text);
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let before = visitor.page("/firms/hartwell");
    before.says("Nightly sync daily at 9:00 PM off").offers("/firms/hartwell/schedules/nightly_sync");
    let after = visitor.submit("/firms/hartwell/schedules/nightly_sync", &[("enabled", "true")]);
    after.says("Nightly sync daily at 9:00 PM").is_silent_about("Nightly sync daily at 9:00 PM off").says("9:00 PM EST");
    let wanted = text.replace("nightly_sync: { enabled: false }", "nightly_sync: { enabled: true }");
    assert_eq!(scene.host.read("rules/hartwell.yaml"), wanted);
    visitor.submit("/firms/hartwell/schedules/nightly_sync", &[("enabled", "false")]).says("Nightly sync daily at 9:00 PM off");
    assert_eq!(scene.host.read("rules/hartwell.yaml"), text);
    visitor.post("/firms/hartwell/schedules/hourly", &[("enabled", "true")]).answers(404);
    visitor.post("/firms/nobody/schedules/nightly_sync", &[("enabled", "true")]).answers(404);
}

#[test]
fn staff_and_viewers_see_no_switch_and_turn_none() {
    let scene = scene();
    let text = scene.host.read("rules/hartwell.yaml");
    let serving = Serving::start(&scene.host);
    for mut visitor in [Visitor::staff(&scene.host, &serving), Visitor::viewer(&scene.host, &serving)] {
        let page = visitor.page("/firms/hartwell");
        page.says("Nightly sync daily at 9:00 PM off");
        assert!(!page.has_form("/firms/hartwell/schedules/nightly_sync"));
        visitor.post("/firms/hartwell/schedules/nightly_sync", &[("enabled", "true")]).answers(403);
        visitor.get("/firms/osprey").answers(404);
    }
    assert_eq!(scene.host.read("rules/hartwell.yaml"), text);
}

#[test]
fn a_night_that_was_missed_is_shown() {
    let mut scene = Scene::new(World::of([101]), &Rules::new().with("schedule", NIGHTLY_ALONE));
    Serving::start_at(&mut scene.host, "2026-06-10 12:00:00").stop();
    let serving = Serving::start_at(&mut scene.host, "2026-06-11 07:00:00");
    // Somebody who signs in has the host's clock; so does whoever adds them.
    add(&scene.host, SUPPORT, &["support"]);
    let page = Visitor::signed_in(&serving, SUPPORT).page("/firms/hartwell");
    page.says("missed nightly sync of Jun 10, 2026 9:00 PM EDT: casebridge was not running");
}

#[test]
fn rejected_rules_are_named_with_where_to_put_them_right() {
    let scene = scene();
    scene.host.write("rules/osprey.yaml", "name: Osprey Law\nstages: [\n");
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    for path in ["/", "/firms", "/firms/osprey"] {
        let page = visitor.page(path);
        page.says("Its rules have faults, and nothing runs for it");
    }
    let page = visitor.page("/firms/osprey");
    page.says("Nothing runs The firm has no rules in use");
    assert!(page.html().contains("href=\"/firms/osprey/rules\""));
    assert!(!page.has_form("/firms/osprey/schedules/nightly_sync"));
    visitor.page("/firms/osprey/rules").says("rules/osprey.yaml").says("Error:");
    visitor.page("/firms/osprey/runs");
    visitor.page("/firms/osprey/sync");
    for (path, fields) in
        [("/firms/osprey/sync", &[][..]), ("/firms/osprey/sync/look", &[]), ("/firms/osprey/sync/case", &[("case", "101")])]
    {
        let refused = visitor.post(path, fields).answers(409);
        assert!(crate::support::visitor::text(&refused.body).contains("the firm's rules cannot be used now"), "{refused:#?}");
    }
    visitor.get("/firms/osprey/connect?case=101").answers(422);
    visitor.post("/firms/osprey/connect", &[("case", "101")]).answers(409);
    visitor.get("/firms/osprey/cases/101").answers(502);
    let switched = visitor.post("/firms/osprey/schedules/nightly_sync", &[("enabled", "true")]).answers(422);
    assert!(crate::support::visitor::text(&switched.body).contains("The schedule was not changed"), "{switched:#?}");
}

#[test]
fn an_edit_with_faults_leaves_the_last_rules_in_use_and_says_so() {
    let scene = scene();
    let mut serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    scene.host.write("rules/hartwell.yaml", "name: [\n");
    let mut again = visitor.again();
    serving.until("the edit is seen", || again.page("/firms/hartwell").text().contains("Its file has faults"));
    visitor.page("/firms/hartwell").says("the last rules that were in order stay in use").says("Nightly sync");
}
