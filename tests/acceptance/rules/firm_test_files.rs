//! Files of rule tests with faults, and `check`, which finds those and the faults of scripts beside those of the rules.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::{Rules, line_of};
use crate::support::vendors::{Vendors, World};

const GOOD: &str = "- name: nothing\n  expect: { changes: {} }\n";

/// Hartwell with this test file.
fn scene(tests: &str) -> Scene {
    let scene = Scene::new(World::new(), &Rules::new());
    scene.host.write("rules/hartwell.test.yaml", tests);
    scene
}

/// A test file with faults; each has a line and a word. The columns are those of the faulty value.
const FAULTS: [(&str, &str); 9] = [
    ("- name: one\n  case: { stge: Treating }\n  expect: { changes: {} }\n", "stge"),
    ("- name: one\n  expect: { changes: { stge: 3 } }\n", "stge"),
    ("- name: one\n  expect: { changes: { stage: 13 } }\n", "1 to 12"),
    ("- name: one\n  case: { opened_on: yesterday }\n  expect: { changes: {} }\n", "yesterday"),
    ("- name: one\n  practice_areas: { Dog Bite: [0, 13] }\n  expect: { changes: {} }\n", "no stage"),
    ("- name: one\n  case: { status: ajar }\n  expect: { changes: {} }\n", "ajar"),
    ("- name: one\n  case: { stage: Treating }\n", "`expect` is missing"),
    ("- case: { stage: Treating }\n  expect: { changes: {} }\n", "`name` is missing"),
    ("- name: one\n  expect: [\n", ""),
];

#[test]
fn a_fault_of_a_test_file_has_its_place_and_no_test_of_the_file_counts() {
    for (tests, word) in FAULTS {
        let scene = scene(&format!("{GOOD}{tests}"));
        let told = scene.host.run(&["test", "--json"]).exits(1).json();

        assert_eq!((&told["ok"], &told["firms"]), (&json!(false), &json!([])), "{told:#}");
        let first = &told["diagnostics"][0];
        assert_eq!(first["file"], "rules/hartwell.test.yaml", "{told:#}");
        assert!((3..=6).contains(&first["line"].as_u64().unwrap()) && first["column"].as_u64() >= Some(1), "{told:#}");
        assert!(first.to_string().contains(word), "{word} in {told:#}");
        // `check` says the same.
        let checked = scene.host.run(&["check", "--json"]).exits(1).json();
        assert_eq!(checked["diagnostics"], told["diagnostics"]);
        scene.host.run(&["check", "hartwell"]).exits(1);
        let said = scene.host.run(&["test"]).exits(1).said();
        assert!(said.contains(&format!("rules/hartwell.test.yaml:{}:{}", first["line"], first["column"])), "{said}");
    }
}

#[test]
fn whether_tests_pass_is_not_what_check_asks() {
    let scene = scene("- name: wrong\n  expect: { changes: { stage: 12 } }\n");
    scene.host.run(&["test"]).exits(1);
    scene.host.run(&["check"]).exits(0);
}

#[test]
fn the_firms_that_are_named_are_tested_and_no_other() {
    let mut scene = scene(GOOD);
    let others = Vendors::boot(World::new());
    scene.host.firm("osprey", &others, &Rules::new());
    scene.host.write("rules/osprey.test.yaml", "- name: wrong\n  expect: { changes: { stage: 12 } }\n");
    scene.host.run(&["test"]).exits(1);
    let told = scene.host.run(&["test", "hartwell", "--json"]).exits(0).json();
    assert_eq!(told["firms"].as_array().map(Vec::len), Some(1));
    assert_eq!(scene.host.run(&["test", "osprey", "--json"]).exits(1).json()["firms"][0]["firm"], "osprey");
    assert!(scene.host.run(&["test", "hartwel"]).exits(2).stderr.contains("did you mean `hartwell`"));
}

#[test]
fn rules_with_faults_pass_no_test_and_tests_without_rules_are_a_fault() {
    let mut scene = scene(GOOD);
    scene.host.firm("hartwell", &scene.vendors, &Rules::new().with("guard", "{ max_stage_changes: 250% }"));
    let told = scene.host.run(&["test", "--json"]).exits(1).json();
    let rules = scene.host.read("rules/hartwell.yaml");
    assert_eq!(told["diagnostics"][0]["line"], line_of(&rules, "250%"), "{told:#}");

    scene.host.firm("hartwell", &scene.vendors, &Rules::new());
    scene.host.run(&["test"]).exits(0);
    scene.host.write("rules/osprey.test.yaml", GOOD);
    assert!(scene.host.run(&["test"]).exits(1).said().contains("osprey"));
}

#[test]
fn an_empty_file_has_no_tests_and_no_faults() {
    let scene = scene("# Tests will come.\n");
    assert_eq!(scene.host.run(&["test", "--json"]).exits(0).json()["firms"][0]["passed"], 0);
    std::fs::remove_file(scene.host.path("rules/hartwell.test.yaml")).unwrap();
    scene.host.run(&["test"]).exits(0);
}

#[test]
fn check_finds_the_faults_of_every_script() {
    let mut scene = scene(GOOD);
    scene.host.firm("hartwell", &scene.vendors, &Rules::new().with("hooks", "hartwell.rhai"));
    scene.script("let n = casepeer.list_cases().len();\nn");
    scene.host.write("scripts/hartwell.rhai", "import \"parts/words\" as words;\nfn validate(c) { words::check(c) }\n");
    scene.host.folder("scripts/parts");
    scene.host.write("scripts/parts/words.rhai", "fn check(c) { [] }\n");
    scene.host.write("scripts/parts/notes.d.rhai", "not a script at all");
    let sound = scene.host.run(&["check", "--json"]).exits(0).json();
    assert_eq!(sound["scripts"], json!(["parts/words.rhai", "work.rhai"]));

    scene.host.write("scripts/parts/broken.rhai", "let x = 1;\nlet y = casepeer.list_case();\n");
    scene.host.write("scripts/worse.rhai", "\n\n  let sync = 1;\n");
    let told = scene.host.run(&["check", "--json"]).exits(1).json();
    let place = |fault: &Value| format!("{}:{}", fault["file"].as_str().unwrap_or_default(), fault["line"]);
    let places: Vec<String> = told["diagnostics"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(places, ["scripts/parts/broken.rhai:2", "scripts/worse.rhai:3"]);
    assert_eq!((&told["ok"], &told["scripts"]), (&json!(false), &sound["scripts"]));
    // A firm's own check is about the firm.
    scene.host.run(&["check", "hartwell"]).exits(0);

    // A module's fault is told once, whoever imports it.
    for script in ["parts/broken.rhai", "worse.rhai"] {
        std::fs::remove_file(scene.host.path(format!("scripts/{script}"))).unwrap();
    }
    scene.host.write("scripts/parts/words.rhai", "fn check(c) {\n    let x = ;\n}\n");
    let told = scene.host.run(&["check", "--json"]).exits(1).json();
    assert_eq!(
        told["diagnostics"].as_array().map(|faults| faults.iter().map(place).collect()),
        Some(vec!["scripts/parts/words.rhai:2".to_owned()])
    );
    scene.host.run(&["check", "hartwell"]).exits(1);
}
