//! A vendor that does not keep what it is sent: it is said, and the same value is not sent again until CASEpeer has another one.

use std::sync::Arc;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{Serving, token};
use crate::support::vendors::{Fault, World, patch_of};

/// Case 1 is in another stage in CASEpeer, which Case Status does not take; nor does it take any other.
fn scene() -> Scene {
    let mut world = World::of(1..=2);
    world.peer(1)["stage"] = json!("Negotiation");
    let held = world.status(1).clone();
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.always(Fault::Said(200, held), patch_of(1));
    scene
}

fn sent(scene: &Scene) -> usize {
    scene.vendors.take_journal().patches_of(1).len()
}

#[test]
fn a_stage_that_is_not_kept_is_one_survey_and_not_one_a_night() {
    let scene = scene();
    let run = scene.sync().exits(1).run();
    assert_eq!((run.row(1).result(), run.row(1).reason()), ("failed", "Case Status keeps another value of stage than was sent"));
    run.row(1).is_for("support");
    assert_eq!((run.row(2).result(), sent(&scene)), ("unchanged", 1));

    for _ in 0..2 {
        let run = scene.sync().exits(0).run();
        let left = "Case Status keeps another value of stage than was sent; it is not sent again until CASEpeer's changes";
        assert_eq!((run.row(1).result(), run.row(1).reason()), ("unchanged", left));
        assert_eq!(sent(&scene), 0);
    }
    // By hand it is sent once more, and no more than that.
    scene.sync_case("1").exits(1);
    assert_eq!(sent(&scene), 1);
    scene.sync().exits(0);
    assert_eq!(sent(&scene), 0);
    // A plan looks and forgets nothing.
    scene.host.run(&["plan", "hartwell", "--case", "1"]).exits(0);
    scene.sync().exits(0);
    assert_eq!(sent(&scene), 0);

    // CASEpeer's changes: to another stage, and to none that differs and back.
    scene.vendors.world().peer(1)["stage"] = json!("Litigation");
    scene.sync().exits(1);
    assert_eq!(sent(&scene), 1);
    scene.vendors.world().peer(1)["stage"] = json!("Treating");
    scene.sync().exits(0);
    scene.vendors.world().peer(1)["stage"] = json!("Litigation");
    scene.vendors.mend();
    let run = scene.sync().exits(0).run();
    assert_eq!((run.row(1).result(), sent(&scene)), ("updated", 1));
}

#[test]
fn what_is_kept_of_an_update_is_kept_and_the_rest_waits_beside_new_changes() {
    let mut world = World::of(1..=2);
    world.peer(1)["description"] = json!("A long description");
    world.peer(1)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new());
    let shorter = Fault::Altered(Arc::new(|answer| answer["description"] = json!("A long")));
    scene.vendors.always(shorter, patch_of(1));
    let run = scene.sync().exits(1).run();
    assert_eq!(run.row(1).reason(), "Case Status keeps another value of description than was sent");
    assert_eq!(scene.vendors.take_journal().stages_applied().get("1"), Some(&1));

    // What Case Status shows from now on is what it kept; a stage goes out beside it.
    scene.vendors.mend();
    scene.vendors.world().status(1)["description"] = json!("A long");
    scene.vendors.world().peer(1)["stage"] = json!("Litigation");
    let run = scene.sync().exits(0).run();
    assert_eq!((run.row(1).result(), run.row(1).changes()), ("updated", "stage: 6 → 7"));
    run.row(1).is_for("support");
    let journal = scene.vendors.take_journal();
    assert_eq!(journal.patches_of(1)[0].call.body, json!({ "stage": 7 }));
}

#[test]
fn an_event_of_a_case_sends_nothing_that_is_not_kept() {
    let mut scene = scene();
    scene.sync().exits(1);
    assert_eq!(sent(&scene), 1);
    let schedule = "{ nightly_sync: { enabled: false }, stage_sync: { cron: \"* * * * *\" }, message_sync: { enabled: false }, \
                    document_sync: { enabled: false } }";
    let rules = Rules::new().with("schedule", schedule);
    let Scene { vendors, host } = &mut scene;
    host.firm("hartwell", vendors, &rules);
    vendors.world().restage(1, "Negotiation", "2026-06-10T14:00:00Z");
    let mut serving = Serving::start_at(host, "2026-06-10 10:00:58");
    let looks = |vendors: &crate::support::vendors::Vendors| {
        vendors.journal().iter().filter(|entry| entry.call.query.get("integration_id").is_some_and(|id| id == "1")).count()
    };
    serving.until("the stage sync has looked at the case", || looks(vendors) > 0);
    serving.stop();
    assert_eq!(vendors.take_journal().patches_of(1).len(), 0);
    // Whoever asks through the API for this one case has it sent.
    let support = token(host, &["ops", "--role", "support"]);
    let serving = Serving::start(host);
    serving.send(&support, "POST", "/api/v1/firms/hartwell/cases/1/sync", None);
    serving.stop();
    assert_eq!(vendors.take_journal().patches_of(1).len(), 1);
}
