//! Keys are in no output of any kind, and clients' names and phones in no log, although the vendors echo both in their errors.

use serde_json::json;

use crate::support::host::{Scene, has};
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, World, patch_of, phone, surname};

#[test]
fn a_text_is_found_wherever_it_is_in_a_file() {
    for (bytes, is_there) in
        [("key", true), ("kkey", true), ("no key", true), ("a key it is", true), ("ke", false), ("", false), ("kxey", false)]
    {
        assert_eq!(has(bytes.as_bytes(), "key"), is_there, "{bytes}");
    }
}

/// Nothing that was said, and no file in the folder, has a key in it.
fn keeps_the_keys(scene: &Scene, finished: &Finished) {
    let keys = {
        let world = scene.vendors.world();
        [world.casepeer_key.clone(), world.case_status_key.clone()]
    };
    let kept = scene.host.kept();
    // Settings, rules, database, report: a look at an empty folder would prove nothing.
    assert!(kept.len() >= 4, "{} files", kept.len());
    for key in keys {
        assert!(!finished.said().contains(&key), "{}", finished.said());
        for (file, bytes) in &kept {
            assert!(!has(bytes, &key), "a key is in {}", file.display());
        }
    }
}

/// A firm with a case whose write fails, one that Case Status refuses, and one that is connected.
fn troubled() -> Scene {
    let mut world = World::of(1..=30);
    // Every practice area has every mapped stage, so that `firm verify` has nothing to find.
    world.practice_areas.retain(|area| area["name"] != "Workers Comp");
    world.unconnected(31);
    (1..=3).for_each(|id| world.peer(id)["description"] = json!(format!("Call {} at {}", surname(id), phone(id))));
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.always(Fault::Refused(500), patch_of(1));
    scene.vendors.always(Fault::Refused(422), patch_of(2));
    scene
}

#[test]
fn a_refused_key_is_nowhere() {
    let scene = Scene::new(World::of(1..=450), &Rules::new());
    scene.vendors.always(Fault::Unauthorized, |call| call.query.contains_key("cursor"));
    let finished = scene.sync().exits(1);
    assert_eq!(finished.run().status(), "failed");
    keeps_the_keys(&scene, &finished);
}

#[test]
fn keys_are_nowhere_after_syncs_and_connects_that_say_all_they_can() {
    let mut scene = troubled();
    scene.host.set("RUST_LOG", "trace");
    keeps_the_keys(&scene, &scene.sync().exits(1));
    keeps_the_keys(&scene, &scene.connect(31).exits(0));
    for command in [&["firm", "show", "hartwell"][..], &["firm", "verify", "hartwell"], &["explain", "hartwell", "1"], &["check"]] {
        keeps_the_keys(&scene, &scene.host.run(command).exits(0));
    }
}

#[test]
fn clients_are_in_no_log() {
    for filter in ["casebridge=trace", "debug"] {
        let mut scene = troubled();
        scene.host.set("RUST_LOG", filter);
        for finished in [scene.sync().exits(1), scene.connect(31).exits(0)] {
            for id in [1, 2, 3, 31] {
                assert!(!finished.stderr.contains(&surname(id)), "{filter}: {}", finished.stderr);
                assert!(!finished.stderr.contains(&phone(id)[1..]), "{filter}: {}", finished.stderr);
            }
        }
    }
}
