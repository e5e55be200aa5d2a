//! `firm list | show | verify`: which firms there are, and whether one is ready.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::json::mentions;
use crate::support::rules::{Rules, STAGES};
use crate::support::vendors::{CASE_STATUS_FIRM, CASEPEER_FIRM, Vendors, World};

/// A firm whose practice areas have every stage of the mapping.
fn ready() -> World {
    let mut world = World::of([1]);
    world.practice_areas.retain(|area| area["name"] != "Workers Comp");
    world
}

#[test]
fn verify_names_the_firm_on_each_side() {
    let scene = Scene::new(ready(), &Rules::new());
    let verified = scene.host.run(&["firm", "verify", "hartwell", "--json"]).exits(0).json();
    assert!(mentions(&verified, CASEPEER_FIRM) && mentions(&verified, CASE_STATUS_FIRM), "{verified:#}");
    let text = scene.host.run(&["firm", "verify", "hartwell"]).exits(0).stdout;
    assert!(text.contains(CASEPEER_FIRM) && text.contains(CASE_STATUS_FIRM), "{text}");
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn verify_says_which_key_is_refused() {
    for (variable, side) in [("HARTWELL_CASEPEER_KEY", "casepeer"), ("HARTWELL_CASE_STATUS_KEY", "case status")] {
        let mut scene = Scene::new(ready(), &Rules::new());
        scene.host.set(variable, "csk-not-this-one");
        let finished = scene.host.run(&["firm", "verify", "hartwell"]).exits(1);
        let said = finished.said().to_lowercase().replace('_', " ");
        assert!(said.contains(side), "{said}");
        assert!(!said.contains("csk-not-this-one"), "{said}");
    }
}

#[test]
fn verify_holds_the_mapping_against_what_is_there() {
    let lacking = STAGES.replace("casepeer: Litigation, to: 7", "casepeer: Litigation, to: 11");
    let rules = Rules::new().with("stages", &lacking).with("practice_areas", "{ map: [{ casepeer: Auto Accident, to: Moter Vehicle }] }");
    let scene = Scene::new(ready(), &rules);
    let finished = scene.host.run(&["firm", "verify", "hartwell"]);
    assert!(finished.said().contains("Moter Vehicle"), "{}", finished.said());
    assert!(finished.said().contains("11"), "{}", finished.said());
}

#[test]
fn list_and_show_name_firms_and_never_keys() {
    let mut scene = Scene::new(ready(), &Rules::new());
    let others = Vendors::boot(ready());
    scene.host.firm("osprey", &others, &Rules::new().with("name", "Osprey & Daughters"));

    let listed = scene.host.run(&["firm", "list", "--json"]).exits(0);
    assert!(mentions(&listed.json(), "hartwell") && mentions(&listed.json(), "osprey"), "{}", listed.stdout);
    let shown = scene.host.run(&["firm", "show", "osprey", "--json"]).exits(0);
    assert!(mentions(&shown.json(), "Osprey & Daughters"), "{}", shown.stdout);
    assert!(!mentions(&shown.json(), "Hartwell Injury Law"), "{}", shown.stdout);
    for finished in [listed, shown] {
        assert!(!finished.said().contains(&scene.vendors.world().casepeer_key));
        assert!(!finished.said().contains(&scene.vendors.world().case_status_key));
    }
    // Neither asks a vendor anything.
    assert_eq!((scene.vendors.journal().len(), others.journal().len()), (0, 0));
}

#[test]
fn a_firm_that_is_not_there_is_named_with_the_nearest() {
    let scene = Scene::new(ready(), &Rules::new());
    for arguments in [&["firm", "show", "hartwel"][..], &["sync", "hartwel"], &["connect", "hartwel", "1"], &["explain", "hartwel", "1"]] {
        let finished = scene.host.run(arguments).exits(2);
        assert!(finished.stderr.contains("hartwell"), "{}", finished.said());
    }
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn a_firm_without_cases_is_all_well() {
    let scene = Scene::new(World::new(), &Rules::new());
    let run = scene.sync().exits(0).run();
    run.counts(&[]);
    assert_eq!((run.status(), &run.0["rows"]), ("succeeded", &json!([])));
}
