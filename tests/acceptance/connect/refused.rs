//! `connect` refused: everything that is wrong is said at once, and nothing is written.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::{Rules, STAGES, line_of};
use crate::support::run::Row;
use crate::support::vendors::{CARL, PAM, World};

/// Tries to connect a case that `change` makes unfit; answers its row.
fn refused(rules: &Rules, change: impl FnOnce(&mut Value)) -> Row {
    let mut world = World::new();
    world.unconnected(1);
    change(world.peer(1));
    let scene = Scene::new(world, rules);

    let run = scene.connect(1).exits(1).run();

    assert_eq!(scene.vendors.journal().writes().len(), 0);
    assert_eq!(scene.vendors.world().existing.len(), 0);
    run.counts(&[("attempted", 1), ("failed", 1)]);
    assert_eq!(run.row(1).result(), "failed");
    run.row(1)
}

fn phones(numbers: &[&str]) -> Value {
    numbers.iter().map(|number| json!({ "label": "mobile", "number": number })).collect()
}

#[test]
fn an_attorney_whom_case_status_does_not_know() {
    refused(&Rules::new(), |case| case["staff"][0]["email"] = json!("zed@hartwell.example")).blames("attorney");
}

#[test]
fn an_attorney_who_left() {
    refused(&Rules::new(), |case| case["staff"][0]["email"] = json!(CARL)).blames("active");
}

#[test]
fn a_paralegal_as_the_attorney() {
    refused(&Rules::new(), |case| case["staff"][0]["email"] = json!(PAM)).blames("attorney");
}

#[test]
fn no_attorney_and_one_without_an_address() {
    refused(&Rules::new(), |case| case["staff"] = json!([])).blames("attorney");
    refused(&Rules::new(), |case| case["staff"][0]["email"] = json!(null)).blames("attorney");
}

#[test]
fn a_phone_that_cannot_be() {
    for number in ["555-1212", "(000) 555-7777", "310 555 88", "none", "+1 310 555 88889"] {
        refused(&Rules::new(), |case| case["client"]["phones"] = phones(&[number])).blames("phone");
    }
}

#[test]
fn no_phone() {
    refused(&Rules::new(), |case| case["client"]["phones"] = phones(&[])).blames("phone");
}

#[test]
fn no_first_name() {
    refused(&Rules::new(), |case| case["client"]["first_name"] = json!("")).blames("first");
    refused(&Rules::new(), |case| case["client"]["first_name"] = json!("  ")).blames("first");
}

#[test]
fn a_field_that_the_firm_requires() {
    let rules = Rules::new().with("validation", "{ required: [description] }");
    refused(&rules, |case| case["description"] = json!(null)).blames("description");
}

#[test]
fn a_stage_that_nobody_mapped_whatever_a_sync_does_with_it() {
    for unmapped in ["keep", "fail"] {
        let rules = Rules::new().with("stages", &format!("  unmapped: {unmapped}\n{STAGES}"));
        let row = refused(&rules, |case| case["stage"] = json!("negotiation"));
        row.blames("stage");
        assert!(row.reason().contains("Negotiation"), "{}", row.reason());
    }
}

#[test]
fn a_case_type_that_nobody_mapped_and_case_status_does_not_know() {
    refused(&Rules::new(), |case| case["case_type"] = json!("Maritime")).blames("Maritime");
}

#[test]
fn a_stage_that_the_practice_area_lacks() {
    refused(&Rules::new(), |case| {
        case["case_type"] = json!("Workers Comp");
        case["stage"] = json!("Negotiation");
    })
    .blames("Workers Comp");
}

#[test]
fn a_rule_of_the_firm() {
    let rule = "  rules:\n    - { when: 'case_type == \"Auto Accident\" && opened_on == ()', error: An opened date is needed }";
    let rules = Rules::new().with("validation", rule);
    let row = refused(&rules, |case| case["opened_on"] = json!(null));
    row.blames("An opened date is needed");

    let vendors = crate::support::vendors::Vendors::boot(World::new());
    let line = line_of(&rules.text("hartwell", &vendors), "An opened date");
    assert_eq!(row.rule(), format!("rules/hartwell.yaml:{line}"));
}

#[test]
fn every_problem_is_said_at_once() {
    let rule = "  rules:\n    - { when: 'opened_on == ()', error: An opened date is needed }";
    let row = refused(&Rules::new().with("validation", rule), |case| {
        case["staff"][0]["email"] = json!(CARL);
        case["client"]["phones"] = phones(&["555-1212"]);
        case["client"]["last_name"] = json!("");
        case["stage"] = json!("negotiation");
        case["opened_on"] = json!(null);
    });
    for word in ["attorney", "phone", "last", "negotiation", "An opened date is needed"] {
        row.blames(word);
    }
}

#[test]
fn a_case_that_casepeer_does_not_have() {
    let scene = Scene::new(World::new(), &Rules::new());
    let run = scene.connect(1).run();
    assert_eq!(run.count("created"), 0);
    assert_ne!(run.row(1).reason(), "");
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn what_the_firm_does_not_ask_for_is_not_asked_for() {
    let mut world = World::new();
    world.unconnected(1);
    world.peer(1)["client"]["phones"] = json!([{ "label": "mobile", "number": "310 555 0001" }, { "label": "home", "number": "555-1212" }]);
    world.peer(1)["description"] = json!(null);
    world.peer(1)["opened_on"] = json!(null);
    let scene = Scene::new(world, &Rules::new().with("validation", "{ required: [] }"));

    scene.connect(1).exits(0);
    assert_eq!(scene.vendors.world().status(1)["client"]["phone"], "+13105550001");
}
