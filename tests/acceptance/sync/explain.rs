//! `explain`: each attribute, both values, the rule and what comes of it.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::json::{about, mentions};
use crate::support::rules::{Rules, line_of};
use crate::support::vendors::{ANN, BOB, World};

const ATTRIBUTES: [&str; 9] = [
    "stage",
    "status",
    "primary_attorney",
    "additional_attorneys",
    "paralegals",
    "description",
    "practice_area",
    "case_date",
    "readable_id",
];

#[test]
fn every_attribute_has_both_values_its_rule_and_its_outcome() {
    let mut world = World::of([48_213]);
    world.peer(48_213)["stage"] = json!("Negotiation");
    world.attorney(48_213, BOB);
    world.status(48_213)["description"] = json!("An old description");
    let scene = Scene::new(world, &Rules::new());

    let explained = scene.host.run(&["explain", "hartwell", "48213", "--json"]).exits(0).json();

    for attribute in ATTRIBUTES {
        assert!(!about(&explained, attribute).is_empty(), "{attribute} in {explained:#}");
    }
    // The CASEpeer stage or the number it comes to, the number there is, and the line that maps the one to the other.
    let rules = scene.host.read("rules/hartwell.yaml");
    let holds = |attribute: &str, wanted: &[&str]| {
        let held = about(&explained, attribute);
        assert!(held.iter().any(|object| wanted.iter().all(|word| mentions(object, word))), "{wanted:?} of {attribute} in {explained:#}");
    };
    holds("stage", &["Negotiation", "3", "6", &format!("rules/hartwell.yaml:{}", line_of(&rules, "casepeer: Negotiation, to: 6"))]);
    holds("primary_attorney", &[ANN, BOB]);
    holds("description", &["Rear-end collision", "An old description"]);
    holds("practice_area", &["Motor Vehicle", &format!("rules/hartwell.yaml:{}", line_of(&rules, "Truck Accident"))]);

    let journal = scene.vendors.journal();
    assert_eq!(journal.writes().len(), 0);
    assert!(!journal.iter().any(|entry| entry.call.lists_cases()));
}

#[test]
fn a_stage_nobody_mapped_is_explained_with_the_nearest() {
    let mut world = World::of([1]);
    world.peer(1)["stage"] = json!("negotiation");
    let scene = Scene::new(world, &Rules::new());

    let finished = scene.host.run(&["explain", "hartwell", "1"]).exits(0);
    assert!(finished.stdout.contains("Negotiation"), "{}", finished.stdout);
    let explained = scene.host.run(&["explain", "hartwell", "1", "--json"]).exits(0).json();
    assert!(about(&explained, "stage").iter().any(|object| mentions(object, "Negotiation")), "{explained:#}");
}

#[test]
fn a_case_that_nobody_has_is_named_as_such() {
    let scene = Scene::new(World::new(), &Rules::new());
    let finished = scene.host.run(&["explain", "hartwell", "404404"]);
    // Whether that is a failure is the command's own affair.
    assert!(matches!(finished.code, Some(0 | 1)), "{}", finished.said());
    assert!(finished.said().contains("404404") && finished.said().contains("CASEpeer"), "{}", finished.said());
}
