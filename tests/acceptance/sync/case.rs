//! `sync FIRM --case`: one case, named by its number or its CASEpeer URL, without reading all the others.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Journal, World};

/// A firm whose cases 48213 and 48214 both have moved.
fn scene() -> Scene {
    let mut world = World::of([48_213, 48_214]);
    for id in [48_213, 48_214] {
        world.peer(id)["stage"] = json!("Negotiation");
    }
    Scene::new(world, &Rules::new())
}

fn lists_nothing(journal: &Journal) {
    assert!(!journal.iter().any(|entry| entry.call.lists_cases()), "{journal:?}");
}

#[test]
fn a_number_and_a_url_name_a_case() {
    for name in [
        "48213",
        "https://my.casepeer.com/case/48213/",
        "https://my.casepeer.com/case/48213/notes/?page=2",
        "https://my.casepeer.com/case/48213",
    ] {
        let scene = scene();
        let run = scene.sync_case(name).exits(0).run();

        let journal = scene.vendors.journal();
        lists_nothing(&journal);
        let written: Vec<_> = journal.writes().into_iter().map(|entry| (entry.case().to_owned(), entry.call.body.clone())).collect();
        assert_eq!(written, [("48213".to_owned(), json!({ "stage": 6 }))], "{name}");
        run.counts(&[("attempted", 1), ("updated", 1)]);
        assert_eq!((run.rows().len(), run.row(48_213).changes()), (1, "stage: 3 → 6"));
    }
}

#[test]
fn a_case_that_is_no_case_is_wrong_usage_and_asks_nobody() {
    let scene = scene();
    for name in ["forty", "https://my.casepeer.com/cases/", "-1", ""] {
        scene.host.run(&["sync", "hartwell", &format!("--case={name}"), "--json"]).exits(2);
    }
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn a_second_sync_of_the_case_writes_nothing() {
    let scene = scene();
    scene.sync_case("48213").exits(0);
    scene.vendors.take_journal();

    let run = scene.sync_case("48213").exits(0).run();
    assert_eq!(scene.vendors.journal().writes().len(), 0);
    assert_eq!(run.row(48_213).result(), "unchanged");
}

#[test]
fn a_case_that_case_status_lacks_is_skipped_and_not_imported() {
    let mut world = World::new();
    world.unconnected(48_213);
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync_case("48213").exits(0).run();
    run.counts(&[("skipped", 1)]);
    assert_ne!(run.row(48_213).reason(), "");
    let journal = scene.vendors.journal();
    assert_eq!(journal.writes().len(), 0);
    lists_nothing(&journal);
}

#[test]
fn a_case_that_casepeer_lacks_is_skipped_although_case_status_has_it() {
    let mut world = World::of([48_213]);
    world.cases.remove(&48_213);
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync_case("48213").exits(0).run();
    run.counts(&[("skipped", 1)]);
    assert_ne!(run.row(48_213).reason(), "");
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}
