//! `casebridge test`: a case in, what a sync, a connect or a message makes of it out; no network, no keys, a diff where they differ.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::{BOB, CARL, World};

/// Hartwell, whose keys are nowhere, with these tests.
fn scene(rules: &Rules, tests: &str) -> Scene {
    let mut scene = Scene::new(World::new(), rules);
    for key in ["HARTWELL_CASEPEER_KEY", "HARTWELL_CASE_STATUS_KEY"] {
        scene.host.unset(key);
    }
    scene.host.write("rules/hartwell.test.yaml", tests);
    scene
}

/// `test --json`; no vendor hears of it.
fn tested(scene: &Scene, code: i32) -> Value {
    let finished: Finished = scene.host.run(&["test", "--json"]).exits(code);
    assert_eq!(scene.vendors.journal().len(), 0);
    finished.json()
}

/// All of these tests pass.
fn pass(rules: &Rules, tests: &str) {
    let told = tested(&scene(rules, tests), 0);
    let all = tests.matches("- name:").count();
    assert_eq!((&told["ok"], &told["firms"][0]["passed"], &told["firms"][0]["failed"]), (&json!(true), &json!(all), &json!(0)), "{told:#}");
}

/// Where the only test differs.
fn differences(rules: &Rules, test: &str) -> Value {
    let told = tested(&scene(rules, &format!("- name: it\n{test}")), 1);
    assert_eq!(told["ok"], false);
    told["firms"][0]["tests"][0]["differences"].clone()
}

#[test]
fn what_a_sync_makes_of_a_case() {
    let tests = format!(
        "
- name: a dog bite in negotiation goes to stage 5
  case: {{ id: 48213, case_number: PI-2024-0113, case_type: Dog Bite, stage: Negotiation, opened_on: 2024-02-03 }}
  existing: {{ stage: 4 }}
  expect: {{ changes: {{ stage: 5 }} }}
- name: a stage nobody mapped is kept and reported
  case: {{ stage: negotiation }}
  existing: {{ stage: 4 }}
  expect: {{ changes: {{}}, notes: [unmapped_stage] }}
- name: what a test leaves out is valid and equal on both sides
  expect: {{ changes: {{}}, notes: [] }}
- name: nothing in particular is in its place
  case: {{ description: null, opened_on: null, stage: Treating }}
  existing: {{ description: Old, case_date: 2024-01-02, stage: 1 }}
  expect: {{ changes: {{ description: null, case_date: null, stage: 3 }} }}
- name: a closing takes its day along
  case: {{ status: closed, closed_on: 2026-10-30 }}
  existing: {{ status: open }}
  expect: {{ changes: {{ status: closed, closed_date: 2026-10-30 }} }}
- name: people compare without letter case and order
  case: {{ staff: [{{ role: primary_attorney, email: {BOB} }}, {{ role: attorney, email: a@x.example }}, {{ role: attorney, email: b@x.example }}] }}
  existing: {{ primary_attorney: ann@x.example, additional_attorneys: [] }}
  expect: {{ changes: {{ primary_attorney: {}, additional_attorneys: [B@x.example, A@x.example] }} }}
- name: staff are known and active unless the test says otherwise
  case: {{ staff: [{{ role: primary_attorney, email: {CARL} }}] }}
  existing: {{ primary_attorney: ann@x.example }}
  staff: [{{ email: {CARL}, active: false }}]
  expect: {{ changes: {{}}, notes: [unknown_attorney] }}
- name: so are practice areas and their stages
  case: {{ case_type: Workers Comp, stage: Litigation }}
  existing: {{ stage: 1 }}
  practice_areas: {{ Workers Comp: [1, 2, 3] }}
  expect: {{ changes: {{}}, notes: [stage_not_in_practice_area] }}
",
        BOB.to_uppercase()
    );
    pass(&Rules::new(), &tests);
}

#[test]
fn what_refuses_a_case_and_what_connect_creates() {
    let rules = "{ rules: [{ when: 'opened_on == ()', error: A case needs an opened date, on: [connect, sync] }] }";
    let tests = "
- name: refused, whatever the reason
  case: { opened_on: null }
  expect: { refused: true, changes: {} }
- name: refused for this reason
  case: { opened_on: null }
  expect: { refused: [validation_rule, needs an opened date] }
- name: connect asks for more, all at once
  connect: true
  case: { opened_on: null, client: { phones: [{ label: mobile, number: 555-1212 }], last_name: '' } }
  expect: { refused: [invalid_phone, missing_field, needs an opened date] }
- name: a new case
  connect: true
  case: { case_type: Truck Accident, stage: Demand Prep, client: { phones: [{ number: (213) 555-7777 }] } }
  expect: { creates: { stage: 4, practice_area: Motor Vehicle, case_date: 2024-01-02 }, phone: '+12135557777', notes: [] }
";
    pass(&Rules::new().with("validation", rules), tests);
}

#[test]
fn messages_and_the_firms_script() {
    let rules = Rules::new().with("hooks", "hartwell.rhai").with("messages", "{ note_prefix: '[CS] ' }");
    let tests = "
- name: the script has the last word on a sync
  case: { stage: Litigation, description: trial set for May }
  existing: { stage: 3 }
  expect: { changes: { stage: 8 } }
- name: it may refuse
  case: { case_number: TEST-1 }
  expect: { refused: stay in CASEpeer }
- name: it may fail, which refuses too
  case: { id: 13 }
  expect: { refused: [broken_hook, thirteen] }
- name: it writes notes
  message: { body: Hello, sender_name: Jane Roe }
  expect: { note_text: '[CS] Hello (Jane Roe)' }
- name: it leaves messages out
  message: { body: '' }
  expect: { note_text: null }
- name: it changes what is created
  connect: true
  expect: { creates: { description: Doe v. Roe } }
";
    let scene = scene(&rules, tests);
    scene.script("let x = 1;");
    scene.host.write(
        "scripts/hartwell.rhai",
        r#"
fn map_case(c, wanted) {
    if c.id == 13 { throw "thirteen"; }
    if c.description == "trial set for May" { wanted.stage = 8; }
    wanted
}
fn validate(c) { if c.case_number.starts_with("TEST") { ["test cases stay in CASEpeer"] } else { [] } }
fn note_text(message, text) { if message.body == "" { () } else { `${text} (${message.sender_name})` } }
fn connect_case(c, draft) { draft.description = c.name; draft }
"#,
    );
    let told = tested(&scene, 0);
    assert_eq!(told["firms"], json!([{ "firm": "hartwell", "passed": 6, "failed": 0, "tests": told["firms"][0]["tests"] }]), "{told:#}");
    let said = scene.host.run(&["test"]).exits(0).stdout;
    assert_eq!(said.trim(), "hartwell: 6 passed");
}

#[test]
fn a_test_that_fails_shows_what_differs_and_where() {
    let tests = "- name: wrong
  case: { stage: Negotiation, description: new }
  existing: { stage: 3, description: old }
  expect: { changes: { stage: 5, case_date: null, description: new }, notes: [on_hold] }
- name: right
  expect: { changes: {} }
";
    let scene = scene(&Rules::new(), tests);

    let told = tested(&scene, 1);

    let firm = &told["firms"][0];
    assert_eq!((&firm["passed"], &firm["failed"], &told["diagnostics"]), (&json!(1), &json!(1), &json!([])));
    let wrong = json!({
        "name": "wrong", "place": "rules/hartwell.test.yaml:1", "ok": false, "differences": [
            { "what": "changes", "expected": ["case_date: null", "stage: 5"], "came_out": ["stage: 6"] },
            { "what": "notes", "expected": ["on_hold"], "came_out": [] }
        ]
    });
    assert_eq!(firm["tests"], json!([wrong, { "name": "right", "place": "rules/hartwell.test.yaml:5", "ok": true, "differences": [] }]));
    let said = scene.host.run(&["test", "hartwell"]).exits(1).stdout;
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    for line in ["hartwell failed: wrong (rules/hartwell.test.yaml:1)", "- stage: 5", "+ stage: 6", "- case_date: null", "- on_hold"] {
        assert!(lines.contains(&line), "{line} in\n{said}");
    }
    assert_eq!(lines.last(), Some(&"hartwell: 1 passed, 1 failed"));
    assert!(!said.contains("description") && !said.contains("right"), "{said}");
}

#[test]
fn nothing_passes_that_should_not() {
    let rules = Rules::new().with("validation", "{ rules: [{ when: 'opened_on == ()', error: No date, on: [sync] }] }");
    let failing = [
        ("  case: { opened_on: null }\n  expect: { changes: {} }", "refused", "No date"),
        ("  case: { opened_on: null }\n  expect: { refused: false }", "refused", "No date"),
        ("  case: { opened_on: null }\n  expect: { refused: [unmapped_stage] }", "refused", "unmapped_stage"),
        ("  expect: { refused: true }", "refused", "it was not refused"),
        ("  expect: { refused: No date }", "refused", "it was not refused"),
        ("  case: { stage: Nowhere }\n  expect: { notes: [] }", "notes", "unmapped_stage"),
        ("  expect: { creates: { stage: 1 } }", "creates", "stage: 1"),
        ("  connect: true\n  expect: { creates: { stage: 2 } }", "creates", "stage: 1"),
        ("  connect: true\n  expect: { phone: '+13105550000' }", "phone", "+13105550000"),
        ("  connect: true\n  case: { stage: Nowhere }\n  expect: { creates: {} }", "refused", "unmapped_stage"),
        ("  message: { body: Hi }\n  expect: { note_text: Hi }", "note_text", "Received message from Case Status"),
        ("  message: { body: Hi }\n  expect: { note_text: null }", "note_text", "(left out)"),
    ];
    for (test, what, word) in failing {
        let found = differences(&rules, test);
        assert_eq!(found[0]["what"], what, "{test}: {found:#}");
        assert!(found.to_string().contains(word), "{test}: {found:#}");
    }
}
