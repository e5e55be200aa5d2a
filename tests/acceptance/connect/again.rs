//! `connect` broken off at every point where it can be: the next one finishes, and there is one case.

use std::sync::Arc;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::vendors::{Call, Fault, Vendor, World, any_mark, any_post};

/// A firm that gives up soon, with case 1 in CASEpeer alone.
fn firm() -> Scene {
    let mut world = World::new();
    world.unconnected(1);
    Scene::new(world, &Rules::new().resigned())
}

/// One case there, marked here.
fn is_connected_once(scene: &Scene) {
    {
        let world = scene.vendors.world();
        assert_eq!((world.existing.len(), world.mark(1)), (1, Some("cs-1")));
    }
    assert_eq!(scene.vendors.journal().iter().filter(|entry| any_post(&entry.call) && entry.applied).count(), 1);
}

fn connected(scene: &Scene) -> Run {
    let run = scene.connect(1).exits(0).run();
    assert_eq!((run.status(), run.count("failed")), ("succeeded", 0));
    run
}

#[test]
fn created_but_the_answer_is_unsure() {
    for fault in [Fault::DoneThen(500), Fault::CutOff, Fault::Hang { done: true }] {
        let scene = firm();
        scene.vendors.next(1, fault, any_post);
        connected(&scene).counts(&[("attempted", 1), ("created", 1)]);
        is_connected_once(&scene);
    }
}

#[test]
fn not_created_and_the_answer_is_unsure() {
    for fault in [Fault::Refused(500), Fault::Hang { done: false }, Fault::TooManySeconds(1)] {
        let scene = firm();
        scene.vendors.next(1, fault, any_post);
        connected(&scene).counts(&[("attempted", 1), ("created", 1)]);
        is_connected_once(&scene);
    }
}

#[test]
fn every_try_of_one_creation_bears_the_same_key() {
    let scene = firm();
    scene.vendors.next(1, Fault::Refused(500), any_post);
    connected(&scene);
    let journal = scene.vendors.journal();
    let keys: Vec<_> = journal.posts().iter().map(|entry| entry.call.idempotency_key.clone()).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].is_some() && keys[0] == keys[1], "{keys:?}");
}

#[test]
fn a_case_that_was_deleted_there_is_created_anew_and_not_by_an_answer_that_is_repeated() {
    let scene = firm();
    connected(&scene);
    scene.vendors.world().existing.clear();

    // So soon after the creation, that the case is not shown may be a read that lags: the key is the same, and its answer a repeated one.
    let run = scene.connect(1).exits(1).run();
    assert_eq!((run.row(1).result(), scene.vendors.world().existing.len()), ("failed", 0));
    assert!(run.row(1).reason().contains("connect it again"), "{}", run.row(1).reason());
    run.row(1).is_for("firm");

    connected(&scene).counts(&[("attempted", 1), ("created", 1)]);
    let world = scene.vendors.world();
    assert_eq!((world.existing.len(), world.mark(1)), (1, Some("cs-1")));
    drop(world);
    let journal = scene.vendors.journal();
    let keys: Vec<_> = journal.posts().iter().map(|entry| entry.call.idempotency_key.clone().unwrap()).collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
    assert_eq!(journal.marks().len(), 2);

    // Long after the creation one connect is enough.
    scene.vendors.world().existing.clear();
    std::thread::sleep(std::time::Duration::from_secs(4));
    connected(&scene).counts(&[("attempted", 1), ("created", 1)]);
}

#[test]
fn a_creation_counts_once_a_read_shows_it_however_late_that_is() {
    let scene = firm();
    scene.vendors.next(2, Fault::Refused(404), |call| call.is(Vendor::CaseStatus, "GET", "/cases/cs-1"));
    connected(&scene).counts(&[("attempted", 1), ("created", 1)]);
    is_connected_once(&scene);
}

#[test]
fn someone_else_created_it_meanwhile() {
    let scene = firm();
    scene.vendors.next(1, Fault::Meanwhile(Arc::new(|world: &mut World| world.in_case_status(1))), any_post);

    let run = connected(&scene);

    let journal = scene.vendors.journal();
    assert_eq!(journal.posts().iter().map(|entry| entry.status).collect::<Vec<_>>(), [Some(409)]);
    assert_eq!(run.row(1).result(), "created");
    let world = scene.vendors.world();
    assert_eq!((world.existing.len(), world.mark(1)), (1, Some("cs-1")));
}

#[test]
fn created_and_never_marked() {
    let scene = firm();
    scene.vendors.always(Fault::Refused(500), any_mark);
    let run = scene.connect(1).exits(1).run();
    assert_eq!(run.row(1).result(), "failed");
    assert_ne!(run.row(1).reason(), "");
    assert_eq!(scene.vendors.world().existing.len(), 1);

    scene.vendors.mend();
    connected(&scene);
    is_connected_once(&scene);
    assert_eq!(scene.vendors.journal().posts().len(), 1);
}

#[test]
fn marked_but_the_answer_is_unsure() {
    for fault in [Fault::DoneThen(500), Fault::CutOff, Fault::Hang { done: true }] {
        let scene = firm();
        scene.vendors.next(1, fault, any_mark);
        connected(&scene).counts(&[("attempted", 1), ("created", 1)]);
        is_connected_once(&scene);
    }
}

#[test]
fn created_there_before_and_unmarked_here() {
    let scene = firm();
    scene.vendors.world().in_case_status(1);
    connected(&scene);
    let journal = scene.vendors.journal();
    assert_eq!((journal.posts().iter().filter(|entry| entry.applied).count(), journal.marks().len()), (0, 1));
    assert_eq!(scene.vendors.world().mark(1), Some("cs-1"));
}

#[test]
fn killed_between_creation_and_mark() {
    let scene = firm();
    scene.vendors.next(1, Fault::Hang { done: false }, any_mark);
    let mut running = scene.host.start(&["connect", "hartwell", "1", "--json"]);
    running.until("a mark is asked for", || scene.vendors.journal().marks().len() == 1);
    running.kill();

    connected(&scene);
    is_connected_once(&scene);
}

#[test]
fn a_case_connected_on_both_sides_is_unchanged() {
    let scene = Scene::new(World::of([1]), &Rules::new());
    let run = scene.connect(1).exits(0).run();
    run.counts(&[("attempted", 1), ("unchanged", 1)]);
    assert_eq!((run.status(), scene.vendors.journal().writes().len()), ("succeeded", 0));
}

#[test]
fn a_case_connected_before_is_not_asked_whether_it_may_be() {
    // Its phone is gone and its stage unknown: reasons to refuse a new case, and it is none.
    let scene = Scene::new(World::of([1]), &Rules::new());
    {
        let mut world = scene.vendors.world();
        world.peer(1)["client"]["phones"] = json!([]);
        world.peer(1)["stage"] = json!("negotiation");
    }
    scene.connect(1).exits(0).run().counts(&[("attempted", 1), ("unchanged", 1)]);
    assert!(!scene.vendors.journal().iter().any(|entry| Call::is_write(&entry.call)));
}
