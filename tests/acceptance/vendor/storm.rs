//! Everything goes wrong by chance at once: every case comes out right, and no client is told twice.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Weather, World, phone};

/// 600 connected cases, every fifth of them moved, half of those with another change besides.
fn firm() -> (World, BTreeMap<u64, Value>) {
    let mut world = World::of(1..=600);
    let mut expected = BTreeMap::new();
    for id in (5..=600).step_by(5) {
        world.peer(id)["stage"] = json!("Negotiation");
        let mut body = json!({ "stage": 6 });
        if id % 2 == 0 {
            world.peer(id)["description"] = json!(format!("Offer {id}"));
            body["description"] = json!(format!("Offer {id}"));
        }
        expected.insert(id, body);
    }
    (world, expected)
}

fn every_case_comes_out_right(seed: u64) {
    let (mut world, expected) = firm();
    let mut wanted = world.existing.clone();
    for held in &mut wanted {
        let id: u64 = held["integration_id"].as_str().unwrap().parse().unwrap();
        for (name, value) in expected.get(&id).and_then(Value::as_object).into_iter().flatten() {
            held[name] = value.clone();
        }
    }
    world.unconnected(9_000);
    let scene = Scene::new(world, &Rules::new().impatient());
    scene.vendors.weather(Weather::storm(seed));

    let run = scene.sync().exits(0).run();

    run.counts(&[("attempted", 600), ("updated", 120), ("unchanged", 480)]);
    assert_eq!(run.status(), "succeeded");
    let mut existing = scene.vendors.world().existing.clone();
    // When each was written is another matter.
    existing.iter_mut().chain(&mut wanted).for_each(|case| case["updated_at"] = Value::Null);
    assert_eq!(existing, wanted);
    let journal = scene.vendors.journal();
    assert_eq!(journal.stages_applied(), expected.keys().map(|id| (id.to_string(), 1)).collect());
    for entry in journal.writes() {
        // Only what differed, and of that only what was still missing.
        let differed = &expected[&entry.case().parse().unwrap()];
        let sent = entry.call.body.as_object().unwrap();
        assert!(!sent.is_empty() && sent.iter().all(|(name, value)| differed.get(name) == Some(value)), "{entry:?}");
    }
    assert!(journal.iter().any(|entry| entry.status == Some(429)) && journal.iter().any(|entry| entry.status == Some(500)));

    // The storm goes on; there is nothing left to do.
    scene.vendors.take_journal();
    scene.sync().exits(0).run().counts(&[("attempted", 600), ("unchanged", 600)]);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn a_sync_of_600_cases_in_a_storm() {
    every_case_comes_out_right(1);
}

#[test]
fn a_sync_of_600_cases_in_another_storm() {
    every_case_comes_out_right(20_261);
}

#[test]
fn forty_cases_connected_in_a_storm_are_forty_cases() {
    let mut world = World::new();
    (1..=40).for_each(|id| world.unconnected(id));
    let scene = Scene::new(world, &Rules::new().impatient());
    scene.vendors.weather(Weather::storm(7));
    scene.host.write("ids.txt", &(1..=40).map(|id| format!("{id}\n")).collect::<String>());

    let run = scene.host.run(&["connect", "hartwell", "--from", "ids.txt", "--json"]).exits(0).run();

    run.counts(&[("attempted", 40), ("created", 40)]);
    let mut world = scene.vendors.world();
    let mut ids: Vec<u64> = world.existing.iter().map(|held| held["integration_id"].as_str().unwrap().parse().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=40).collect::<Vec<_>>());
    for id in 1..=40 {
        assert_eq!(world.status(id)["client"]["phone"], phone(id));
        assert_eq!(world.mark(id), Some(format!("cs-{id}").as_str()));
    }
}
