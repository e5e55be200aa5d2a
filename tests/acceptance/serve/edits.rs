//! Edits while `serve` runs: what is in order holds at once, what is not changes nothing, and each leaves a receipt.

use std::fs;
use std::time::Duration;

use crate::support::host::Scene;
use crate::support::http::ask;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::World;

const FILE: &str = "rules/hartwell.yaml";

fn served() -> (Scene, Serving) {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let serving = Serving::start(&scene.host);
    (scene, serving)
}

fn with_prefix(scene: &Scene, prefix: &str) -> String {
    let rules = Rules::new().with("schedule", NOTHING_BY_ITSELF).with("messages", &format!("{{ note_prefix: \"{prefix}\" }}"));
    rules.text("hartwell", &scene.vendors)
}

fn revision(scene: &Scene) -> String {
    scene.host.run(&["check", "hartwell", "--json"]).json()["firms"][0]["revision"].as_str().unwrap().to_owned()
}

/// The revision of the latest receipt, and how many there are.
fn latest(scene: &Scene) -> (String, usize) {
    let receipts = scene.receipts();
    (receipts[0]["revision"].as_str().unwrap().to_owned(), receipts.len())
}

#[track_caller]
fn holds(scene: &Scene, serving: &mut Serving) {
    let wanted = revision(scene);
    serving.until("the edit is in use", || latest(scene).0 == wanted);
    assert_eq!(scene.outcomes()[0], "applied");
}

/// The firm goes on with rules that are not those of its file.
#[track_caller]
fn is_held(serving: &mut Serving) {
    let address = serving.address.clone();
    serving.until("the firm counts as held", || {
        ask(&address, "GET", "/metrics", &[]).is_some_and(|answer| answer.body.contains("state=\"held\"} 1"))
    });
}

#[test]
fn an_edit_is_in_use_and_a_broken_one_changes_nothing() {
    let (scene, mut serving) = served();
    scene.host.write(FILE, &with_prefix(&scene, "one "));
    holds(&scene, &mut serving);
    let good = revision(&scene);

    scene.host.write(FILE, &format!("{}guard: {{ from_cases: many }}\n", with_prefix(&scene, "two ")));
    serving.until("the edit is rejected", || scene.outcomes()[0] == "rejected");
    let receipt = &scene.receipts()[0];
    let diagnostics = receipt["diagnostics"].to_string();
    assert!(diagnostics.contains("many") && diagnostics.contains("hartwell.yaml"), "{receipt:#}");
    serving.until("people are told", || scene.subjects().iter().any(|subject| subject.contains("rejected")));
    assert_eq!(scene.subjects().len(), 1);
    is_held(&mut serving);
    serving.stop();

    // Also at the next start: the last good rules come from the store.
    let mut serving = Serving::start(&scene.host);
    is_held(&mut serving);
    // The same fault is no news.
    assert_eq!(scene.subjects().len(), 1);

    // Put right, it is the same revision as before: the same content.
    scene.host.write(FILE, &with_prefix(&scene, "one "));
    serving.until("the mended file is in use", || scene.outcomes()[0] == "applied");
    assert_eq!(latest(&scene).0, good);
    serving.stop();
}

#[test]
fn files_that_are_replaced_linked_or_saved_in_bursts_end_right() {
    let (scene, mut serving) = served();

    // An editor that writes beside it and renames, with a file of its own in between.
    scene.host.write("rules/.hartwell.yaml.swp", "not: [rules");
    scene.host.write("rules/hartwell.yaml~", "not: [rules");
    scene.host.write("rules/4913", "");
    scene.host.write("rules/new", &with_prefix(&scene, "renamed "));
    fs::rename(scene.host.path("rules/new"), scene.host.path(FILE)).unwrap();
    holds(&scene, &mut serving);

    // Fifty saves at once.
    for number in 0..50 {
        scene.host.write(FILE, &with_prefix(&scene, &format!("save {number} ")));
        std::thread::sleep(Duration::from_millis(4));
    }
    holds(&scene, &mut serving);

    // The folder is deleted, and made again.
    fs::remove_dir_all(scene.host.path("rules")).unwrap();
    scene.host.folder("rules");
    scene.host.write(FILE, &with_prefix(&scene, "made again "));
    holds(&scene, &mut serving);
    scene.host.write(FILE, &with_prefix(&scene, "and edited "));
    holds(&scene, &mut serving);
    serving.stop();
}

#[test]
fn a_symlink_that_is_swapped_is_an_edit_of_all_behind_it() {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    for (version, prefix) in [("v1", "first "), ("v2", "second ")] {
        scene.host.folder(&format!("rules/..{version}"));
        scene.host.write(&format!("rules/..{version}/hartwell.yaml"), &with_prefix(&scene, prefix));
    }
    let link = |target: &str, at: &str| std::os::unix::fs::symlink(target, scene.host.path(at)).unwrap();
    fs::remove_file(scene.host.path(FILE)).unwrap();
    link("..v1", "rules/..data");
    link("..data/hartwell.yaml", FILE);
    let mut serving = Serving::start(&scene.host);
    let before = revision(&scene);

    let link = |target: &str, at: &str| std::os::unix::fs::symlink(target, scene.host.path(at)).unwrap();
    link("..v2", "rules/..new");
    fs::rename(scene.host.path("rules/..new"), scene.host.path("rules/..data")).unwrap();
    fs::remove_dir_all(scene.host.path("rules/..v1")).unwrap();
    holds(&scene, &mut serving);
    assert_ne!(latest(&scene).0, before);
    serving.stop();
}

#[test]
fn a_firm_comes_and_goes_with_its_file_and_others_go_on() {
    let (scene, mut serving) = served();
    scene.host.write("rules/broken.yaml", "name: [\n");
    let receipts = |scene: &Scene, firm: &str| {
        let listed = scene.host.run(&["rules", "receipts", firm, "--json"]).exits(0).json();
        listed.as_array().unwrap().iter().map(|receipt| receipt["outcome"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    serving.until("a firm that was never good is refused", || receipts(&scene, "broken") == ["rejected"]);
    assert_eq!(scene.outcomes(), ["applied"]);

    let text = scene.host.read(FILE);
    fs::remove_file(scene.host.path(FILE)).unwrap();
    serving.until("the firm is stopped", || scene.outcomes()[0] == "removed");
    scene.host.write(FILE, &text);
    serving.until("the firm is back", || scene.outcomes()[0] == "applied");
    serving.stop();
}

#[test]
fn rules_that_fail_their_own_tests_are_rejected_by_serve_and_by_firm_set() {
    let (scene, mut serving) = served();
    scene.host.write(
        "rules/hartwell.test.yaml",
        "- name: negotiation is 6\n  case: { id: 1, case_type: Auto Accident, stage: Negotiation }\n  existing: { stage: 4 }\n  expect: \
         { changes: { stage: 6 } }\n",
    );
    serving.until("the tests are noticed", || scene.receipts().len() == 1 || scene.outcomes()[0] == "applied");
    let text = scene.host.read(FILE);
    scene.host.write(FILE, &text.replace("Negotiation, to: 6", "Negotiation, to: 7"));
    serving.until("the edit is rejected", || scene.outcomes()[0] == "rejected");
    assert!(scene.receipts()[0]["diagnostics"].to_string().contains("negotiation is 6"), "{:#}", scene.receipts()[0]);
    serving.stop();

    scene.host.write(FILE, &text);
    let said = scene.host.run(&["firm", "set", "hartwell", "sync.attributes=[status]"]).exits(1).said();
    assert!(said.contains("negotiation is 6"), "{said}");
    assert_eq!(scene.host.read(FILE), text);
}

#[test]
fn a_file_of_tests_that_belongs_to_nobody_keeps_no_firm_from_its_rules() {
    let (scene, mut serving) = served();
    scene.host.write("rules/Hartwell copy.test.yaml", "- name: x\n");
    scene.host.write(FILE, &with_prefix(&scene, "edited "));
    serving.until("the edit is in use", || scene.receipts().len() == 2);
    assert_eq!(scene.outcomes(), ["applied", "applied"]);
    serving.stop();
}

#[test]
fn an_edited_hook_is_an_edit_of_the_firm() {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF).with("hooks", "h.rhai"));
    scene.host.folder("scripts");
    scene.host.write("scripts/h.rhai", "fn note_text(message, text) { text }\n");
    let mut serving = Serving::start(&scene.host);
    let before = revision(&scene);
    scene.host.write("scripts/h.rhai", "fn note_text(message, text) { text + \"!\" }\n");
    holds(&scene, &mut serving);
    assert_ne!(latest(&scene).0, before);
    scene.host.write("scripts/h.rhai", "fn note_text(message, text) { text + \n");
    serving.until("the edit is rejected", || scene.outcomes()[0] == "rejected");
    serving.stop();
}
