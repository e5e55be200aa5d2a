//! What `serve` does by itself, and when: by the firm's clock, once, and nothing that was switched off.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::vendors::{Call, Fault, Vendor, World};

/// A firm that does nothing by itself but its nightly sync, and has so many cases to move.
fn nightly(moved: u64) -> Scene {
    let mut world = World::of(1..=moved);
    (1..=moved).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    Scene::new(world, &Rules::new().with("schedule", NIGHTLY_ALONE).with("guard", "{ max_stage_changes: 100% }"))
}

fn written(scene: &Scene) -> BTreeSet<String> {
    scene.vendors.journal().patches().iter().filter(|entry| entry.applied).map(|entry| entry.case().to_owned()).collect()
}

#[test]
fn a_nightly_sync_begins_at_nine_by_the_firms_clock_and_once() {
    // One day of summer time, and one without: it is nine on the wall in both.
    for day in ["2026-07-14", "2026-12-14"] {
        let mut scene = nightly(3);
        let mut serving = Serving::start_at(&mut scene.host, &format!("{day} 20:59:56"));
        serving.goes_on_for(Duration::from_secs(1));
        assert_eq!(scene.kinds(), [""; 0], "{day}: before nine");
        serving.until("the cases are moved", || written(&scene).len() == 3);
        serving.goes_on_for(Duration::from_secs(3));
        assert_eq!(scene.kinds(), ["sync"], "{day}");
        serving.stop();

        // Started again that evening, it has nothing to catch up on.
        let mut serving = Serving::start_at(&mut scene.host, &format!("{day} 21:30:00"));
        serving.goes_on_for(Duration::from_secs(2));
        serving.stop();
        assert_eq!(scene.kinds(), ["sync"], "{day}");
    }
}

#[test]
fn what_was_missed_is_caught_up_once_and_only_for_some_hours() {
    let mut scene = nightly(3);
    Serving::start_at(&mut scene.host, "2026-06-10 12:00:00").stop();
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-11 02:30:00");
    serving.until("last night's sync is caught up", || written(&scene).len() == 3);
    serving.goes_on_for(Duration::from_secs(1));
    serving.stop();
    assert_eq!(scene.kinds(), ["sync"]);

    // More than six hours late, it waits for the next night.
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-12 09:00:00");
    serving.goes_on_for(Duration::from_secs(2));
    serving.stop();
    assert_eq!(scene.kinds(), ["sync"]);
}

#[test]
fn a_night_that_was_killed_goes_on_at_the_next_start() {
    let mut scene = nightly(60);
    scene.vendors.always(Fault::Slow(Duration::from_millis(60)), Call::is_patch);
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:59:58");
    serving.until("some writes are done", || written(&scene).len() >= 8);
    serving.running.kill();
    assert!(written(&scene).len() < 60);

    scene.vendors.mend();
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-11 07:00:00");
    serving.until("every case is moved", || written(&scene).len() == 60);
    serving.goes_on_for(Duration::from_secs(1));
    serving.stop();
    // None of them twice.
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=60).map(|id| (id.to_string(), 1)).collect());
    let runs = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    let statuses: Vec<_> = runs.as_array().unwrap().iter().map(|run| run["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["succeeded", "interrupted"], "{runs:#}");
}

#[test]
fn what_is_switched_off_by_command_does_not_begin_and_is_not_caught_up() {
    let mut scene = nightly(3);
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:59:55");
    let toggle = |value: &str| scene.host.run(&["firm", "set", "hartwell", &format!("schedule.nightly_sync.enabled={value}")]).exits(0);
    toggle("false");
    serving.goes_on_for(Duration::from_secs(7));
    assert_eq!(scene.vendors.journal().len(), 0);
    // It is past nine: on again, nothing was missed.
    toggle("true");
    serving.goes_on_for(Duration::from_secs(2));
    serving.stop();
    assert_eq!(scene.vendors.journal().len(), 0);
    assert_eq!(scene.outcomes(), ["applied", "applied", "applied"]);
}

#[test]
fn a_refused_key_is_told_once_and_the_firm_is_left_alone_until_its_rules_change() {
    let rules = Rules::new().with("schedule", "{ message_sync: { cron: \"* * * * *\" }, document_sync: { enabled: false } }");
    let mut scene = Scene::new(World::of([1]), &rules);
    // Its accounts are remembered by then.
    scene.sync().exits(0);
    scene.vendors.always(Fault::Unauthorized, |call| call.vendor == Vendor::CaseStatus);
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:58:30 x10");
    serving.until("people are told", || !scene.subjects().is_empty());
    serving.goes_on_for(Duration::from_secs(1));
    let asked = scene.vendors.journal().len();
    // Minutes and a night later, nobody has knocked again.
    serving.goes_on_for(Duration::from_secs(15));
    assert_eq!(scene.vendors.journal().len(), asked);
    assert_eq!(scene.subjects().len(), 1, "{:?}", scene.subjects());
    assert!(scene.subjects()[0].contains("key"), "{:?}", scene.subjects());

    scene.vendors.mend();
    scene.host.run(&["firm", "set", "hartwell", "name=Hartwell & Sons"]).exits(0);
    serving.until("the firm is worked for again", || scene.vendors.journal().len() > asked);
    serving.stop();
}

#[test]
fn a_stage_that_changes_is_there_in_minutes_and_one_that_changes_back_never_was() {
    let schedule = "{ stage_sync: { cron: \"* * * * *\" }, message_sync: { enabled: false }, document_sync: { enabled: false } }";
    let stages = format!("  settle: 50s\n{}", crate::support::rules::STAGES);
    let mut scene = Scene::new(World::of([1, 2, 3]), &Rules::new().with("schedule", schedule).with("stages", &stages));
    (1..=3).for_each(|id| scene.vendors.world().restage(id, "Treating", "2026-06-10T12:00:00Z"));
    let looks = |scene: &Scene| scene.vendors.journal().iter().filter(|entry| entry.call.query.contains_key("updated_since")).count();
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 10:00:30 x10");
    serving.until("it has looked", || looks(&scene) == 1);

    scene.vendors.world().restage(2, "Negotiation", "2026-06-10T14:01:05Z");
    // Just before the next look: not settled by then, though a busy machine looks late.
    scene.vendors.world().restage(3, "Negotiation", "2026-06-10T14:01:58Z");
    serving.until("the stage is there", || written(&scene).contains("2"));
    scene.vendors.world().restage(3, "Treating", "2026-06-10T14:02:10Z");
    let before = looks(&scene);
    serving.until("it has looked again", || looks(&scene) >= before + 2);
    serving.stop();
    assert_eq!(written(&scene), BTreeSet::from(["2".to_owned()]));
    // Looks that find nothing leave no run.
    assert_eq!(scene.kinds().iter().filter(|kind| *kind == "stage_sync").count(), 2, "{:?}", scene.kinds());
}

#[test]
fn a_night_that_finds_the_firm_at_work_waits_for_its_turn() {
    let schedule = "{ nightly_sync: { cron: \"0 21 * * *\" }, stage_sync: { cron: \"0 21 * * *\" }, message_sync: { enabled: false }, \
                    document_sync: { enabled: false } }";
    let mut scene = Scene::new(World::of(1..=20), &Rules::new().with("schedule", schedule).with("guard", "{ max_stage_changes: 100% }"));
    (1..=20).for_each(|id| scene.vendors.world().restage(id, "Negotiation", "2026-06-10T12:00:00Z"));
    // Somebody syncs by hand at that time, and slowly.
    scene.vendors.always(Fault::Slow(Duration::from_millis(2500)), Call::is_patch);
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:59:55");
    let mut by_hand = scene.host.start(&["sync", "hartwell"]);
    serving.goes_on_for(Duration::from_secs(6));
    assert!(by_hand.is_running());
    by_hand.wait().exits(0);
    serving.until("the nightly sync has had its turn", || scene.kinds().len() == 2);
    serving.stop();
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=20).map(|id| (id.to_string(), 1)).collect());
}

#[test]
fn a_key_in_a_file_of_its_own_is_taken_up_as_soon_as_it_changes() {
    let rules = Rules::new().with("schedule", "{ message_sync: { cron: \"* * * * *\" }, document_sync: { enabled: false } }");
    let mut scene = Scene::new(World::of([1]), &rules);
    let text = scene.host.read("rules/hartwell.yaml").replace("${env:HARTWELL_CASEPEER_KEY}", "${file:hartwell-casepeer}");
    scene.host.write("rules/hartwell.yaml", &text);
    scene.host.folder("secrets");
    scene.host.write("secrets/hartwell-casepeer", "an-old-key\n");
    scene.host.set("CASEBRIDGE_SECRETS_DIR", "secrets");
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 10:00:30 x10");
    serving.until("people are told", || scene.subjects().len() == 1);
    let key = scene.vendors.world().casepeer_key.clone();
    scene.host.write("secrets/hartwell-casepeer", &format!("{key}\n"));
    let asked = |scene: &Scene| {
        scene.vendors.journal().iter().filter(|entry| entry.call.vendor == Vendor::Casepeer && entry.status == Some(200)).count()
    };
    serving.until("the new key is used", || asked(&scene) > 0);
    serving.stop();
    assert_eq!(scene.subjects().len(), 1);
}

#[test]
fn a_script_runs_by_schedule_as_it_is_now() {
    let schedule = "{ nightly_sync: { enabled: false }, stage_sync: { enabled: false }, message_sync: { enabled: false }, \
                    document_sync: { enabled: false }, scripts: [{ script: work.rhai, cron: \"* * * * *\", apply: true }] }";
    let mut scene = Scene::new(World::of([1]), &Rules::new().with("schedule", schedule));
    let script = |text: &str| format!("case_status.update_case(1, #{{ description: \"{text}\" }});\n");
    scene.host.folder("scripts");
    scene.host.write("scripts/work.rhai", &script("first"));
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 10:00:30 x10");
    let described = |scene: &Scene| scene.vendors.world().status(1)["description"].as_str().unwrap().to_owned();
    serving.until("it has run", || described(&scene) == "first");
    scene.host.write("scripts/work.rhai", &script("second"));
    serving.until("the edited one has run", || described(&scene) == "second");
    serving.stop();
    assert_eq!(scene.outcomes(), ["applied", "applied"]);

    let twice = schedule.replace("apply: true }]", "apply: true }, { script: work.rhai, cron: \"0 1 * * *\" }]");
    let text = Rules::new().with("schedule", &twice).text("hartwell", &scene.vendors);
    scene.host.write("rules/hartwell.yaml", &text);
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(said.contains("work") && said.contains("already"), "{said}");
}

#[test]
fn two_hosts_of_one_folder_are_refused_and_commands_work_beside_one() {
    let scene = nightly(3);
    let serving = Serving::start(&scene.host);
    let said = scene.host.run(&["serve"]).exits(2).said();
    assert!(said.contains("serves"), "{said}");
    scene.sync().exits(0);
    assert_eq!(written(&scene).len(), 3);
    serving.stop();
}

#[test]
fn a_long_sync_keeps_no_message_waiting() {
    let schedule = "{ stage_sync: { enabled: false }, message_sync: { cron: \"* * * * *\" }, document_sync: { enabled: false } }";
    let mut world = World::of(1..=200);
    (1..=200).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let limits = "{ requests_per_second: 5 }";
    let rules = Rules::new().with("schedule", schedule).with("guard", "{ max_stage_changes: 100% }").with("limits", limits);
    let mut scene = Scene::new(world, &rules);
    // Twice as fast: a clock that runs away from the other ones faster than that counts as one that cannot be gone by.
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 20:59:50 x2");
    serving.until("the nightly sync writes", || written(&scene).len() >= 5);
    scene.vendors.world().message(7, "from_client", "Hello");
    serving.until("the message is a note", || !scene.vendors.world().note_bodies(7).is_empty());
    // At five requests a second, two hundred cases take most of a minute: the note did not wait for them.
    let before = written(&scene).len();
    assert!(before < 180, "{before} cases were written first");
    serving.until("every case is moved", || written(&scene).len() == 200);
    serving.stop();
}
