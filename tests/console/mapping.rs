//! The mapping table of a firm that is in use: what each row writes, what it would move, and the firm's own tests beside it.

use serde_json::json;

use crate::console::{Console, Role, named, rules};
use crate::support::vendors::World;

const DOG_BITE: &str = "      - { casepeer: Negotiation, to: 5 }";

const TESTS: &str = "# Agreed with Ms Hartwell
- name: a dog bite in negotiation
  case: { case_type: Dog Bite, stage: Negotiation }
  existing: { stage: 4 }
  expect: { changes: { stage: 5 } }
";

/// Seven auto accidents and two dog bites in negotiation, all in step.
fn negotiating() -> World {
    let mut world = World::of(48_210..=48_218);
    named(&mut world);
    for id in 48_210..=48_218 {
        world.restage(id, "Negotiation", "2026-11-02T12:00:00Z");
        let is_dog_bite = id >= 48_217;
        world.cases.get_mut(&id).expect("a case")["case_type"] = if is_dog_bite { "Dog Bite" } else { "Auto Accident" }.into();
        let integration_id = json!(id.to_string());
        let held = world.existing.iter_mut().find(|held| held["integration_id"] == integration_id).expect("a case");
        held["practice_area"] = if is_dog_bite { "Dog Bite" } else { "Motor Vehicle" }.into();
        held["stage"] = if is_dog_bite { 5 } else { 6 }.into();
    }
    world
}

#[test]
fn a_row_writes_what_it_says_after_showing_what_it_would_move() {
    let console = Console::of(negotiating(), &rules());
    let page = console.signed_in_as(Role::Support);
    let before = console.host.read("rules/hartwell.yaml");
    let mapping = "/firms/hartwell/set-up/mapping";
    page.goto(mapping);
    page.fill("Stage of Negotiation in Dog Bite", "4 · Stage 4");
    page.click("See what it moves");
    page.wait_for_text("2 of 9 cases would move with the next sync");
    page.wait_for_text("Negotiation becomes 4 in cases of the type Dog Bite alone");
    page.wait_for_text("stage 5 → 4");
    assert!(!page.all_text().contains("Auto Accident"));
    page.inspect("mapping-preview");
    assert_eq!(console.host.read("rules/hartwell.yaml"), before, "nothing is saved before");
    page.click("Save mapping");
    page.wait_for_path(mapping);
    let saved = console.host.read("rules/hartwell.yaml");
    assert_eq!(saved, before.replace(DOG_BITE, &DOG_BITE.replace('5', "4")));

    // The general line: what else it moves is said. What somebody else saved meanwhile is not overwritten.
    page.wait_for_text("has its own line");
    page.fill("Stage of Negotiation in Auto Accident", "7 · Stage 7");
    page.click("See what it moves");
    page.wait_for_text("7 of 9 cases would move");
    page.wait_for_text("in all case types without a line of their own");
    let theirs = format!("{saved}# theirs\n");
    console.host.write("rules/hartwell.yaml", &theirs);
    page.click("Save mapping");
    page.wait_for_text("somebody else changed the firm's file");
    page.no_console_errors();
    assert_eq!(page.value("Stage of Negotiation in Auto Accident"), "7", "what was chosen is still there");
    assert_eq!(console.host.read("rules/hartwell.yaml"), theirs);

    // Two rows of one line that disagree.
    console.hartwell.world().cases.get_mut(&48_218).expect("a case")["case_type"] = "Truck Accident".into();
    page.goto(mapping);
    page.fill("Stage of Negotiation in Auto Accident", "7 · Stage 7");
    page.fill("Stage of Negotiation in Truck Accident", "3 · Stage 3");
    page.click("See what it moves");
    page.wait_for_text("stage \"Negotiation\" gets two targets");
    page.inspect("mapping-contradiction");
    page.tick("Map Negotiation for Truck Accident alone");
    page.click("See what it moves");
    page.wait_for_text("8 of 9 cases would move");
    page.wait_for_text("Negotiation becomes 3 in cases of the type Truck Accident alone");
    assert!(console.hartwell.journal().writes().is_empty());
}

#[test]
fn a_test_that_an_edit_fails_is_shown_edited_there_and_saved_along() {
    let console = Console::of(negotiating(), &rules());
    console.host.write("rules/hartwell.test.yaml", TESTS);
    let page = console.signed_in_as(Role::Support);
    let before = console.host.read("rules/hartwell.yaml");
    let tests = "Tests, as YAML (rules/hartwell.test.yaml)";
    page.goto("/firms/hartwell/set-up/mapping");
    page.fill("Stage of Negotiation in Dog Bite", "4 · Stage 4");
    page.click("See what it moves");
    page.wait_for_text("1 test of the firm's rules would fail");
    for said in ["a dog bite in negotiation", "rules/hartwell.test.yaml:2", "expected: stage: 5", "got: nothing else"] {
        assert!(page.text("[aria-labelledby=failed-tests]").replace("      ", " ").contains(said), "{said}: {}", page.all_text());
    }
    page.inspect("mapping-test-fails");
    assert_eq!(page.value(tests), TESTS);
    // A test that is no test loses nothing of what was typed.
    page.fill(tests, "- name: broken\n  expct: {}\n");
    page.click("See what it moves");
    page.wait_for_text("expct");
    page.no_console_errors();
    let mended = TESTS.replace("{ stage: 4 }", "{ stage: 3 }").replace("{ stage: 5 }", "{ stage: 4 }");
    page.fill(tests, &mended);
    page.click("See what it moves");
    page.wait_for_text("2 of 9 cases would move");
    assert_eq!(console.host.read("rules/hartwell.test.yaml"), TESTS);
    page.click("Save mapping");
    page.wait_for_path("/firms/hartwell/set-up/mapping");
    let saved = console.host.read("rules/hartwell.yaml");
    assert_eq!(saved, before.replace(DOG_BITE, &DOG_BITE.replace('5', "4")));
    assert_eq!(console.host.read("rules/hartwell.test.yaml"), mended);

    // The same in the editor of the rules, and the test that somebody else changed meanwhile.
    page.goto("/firms/hartwell/rules");
    page.fill("Rules, as YAML", &before);
    page.click("Save");
    page.wait_for_text("the edit and the tests do not go together");
    page.wait_for_text("expected: stage: 4");
    page.inspect("rules-test-fails");
    let theirs = format!("{mended}# theirs\n");
    console.host.write("rules/hartwell.test.yaml", &theirs);
    page.fill(tests, TESTS);
    page.click("Save");
    page.wait_for_text("Somebody else changed the tests");
    assert_eq!(console.host.read("rules/hartwell.test.yaml"), theirs);
    assert_eq!(console.host.read("rules/hartwell.yaml"), saved);
    page.click("Save");
    page.wait_for_no_text("Somebody else changed the tests");
    assert_eq!((console.host.read("rules/hartwell.yaml"), console.host.read("rules/hartwell.test.yaml")), (before, TESTS.to_owned()));
}
