//! Undo: what a run changed and nobody has changed since is as it was before; the rest is listed, and left.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::vendors::{BOB, Call, Fault, World};

/// 40 connected cases, and this script run for real.
fn migrated(rules: &Rules, script: &str) -> (Scene, Run) {
    let scene = Scene::new(World::of(1..=40), rules);
    scene.script(script);
    let run = scene.run_script(&["--apply"]).exits(0).run();
    scene.vendors.take_journal();
    (scene, run)
}

fn undo(scene: &Scene, run: &Run, flags: &[&str]) -> Finished {
    scene.host.run(&[&["runs", "undo", run.id(), "--json"], flags].concat())
}

/// What Case Status holds, by integration id; not when it was written.
fn held(scene: &Scene) -> BTreeMap<u64, Value> {
    let mut existing = scene.vendors.world().existing.clone();
    existing.iter_mut().for_each(|held| held["updated_at"] = Value::Null);
    existing.into_iter().map(|held| (held["integration_id"].as_str().unwrap().parse().unwrap(), held)).collect()
}

const DESCRIBE: &str = "for id in 1..=40 { case_status.update_case(id, #{ description: `Case ${id}` }); }";

#[test]
fn all_are_restored_but_those_that_were_edited_since() {
    let before = held(&Scene::new(World::of(1..=40), &Rules::new()));
    let (scene, run) = migrated(&Rules::new(), DESCRIBE);
    for id in [4, 20, 33] {
        scene.vendors.world().status(id)["description"] = json!("By hand");
    }
    // Another attribute is not what the run changed.
    scene.vendors.world().status(5)["readable_id"] = json!("By hand");

    let undone = undo(&scene, &run, &[]).exits(0).run();

    undone.counts(&[("attempted", 37), ("updated", 37), ("skipped", 3)]);
    assert_eq!((undone.text("kind"), undone.text("undoes"), undone.status()), ("undo", run.id(), "succeeded"));
    assert_ne!(undone.id(), run.id());
    for id in [4, 20, 33] {
        assert_eq!((undone.row(id).result(), undone.row(id).changes()), ("skipped", ""));
        undone.row(id).blames("description was changed since");
    }
    let mut expected = before;
    [4, 20, 33].iter().for_each(|id| expected.get_mut(id).unwrap()["description"] = json!("By hand"));
    expected.get_mut(&5).unwrap()["readable_id"] = json!("By hand");
    assert_eq!(held(&scene), expected);
    assert!(scene.vendors.journal().patches().iter().all(|entry| entry.call.body == json!({ "description": "Rear-end collision" })));
    // Whoever undoes it again finds it done.
    undo(&scene, &run, &[]).exits(0).run().counts(&[("attempted", 37), ("unchanged", 37), ("skipped", 3)]);
}

#[test]
fn everything_that_can_be_written_can_be_restored() {
    let script = format!(
        r#"
case_status.update_case(1, #{{ stage: 4, description: () }});
case_status.update_case(1, #{{ stage: 5, case_date: "2024-02-04", readable_id: "X-1" }});
case_status.update_case(2, #{{ primary_attorney: "{BOB}", additional_attorneys: ["{BOB}"], paralegals: [] }});
case_status.update_case(3, #{{ practice_area: "Dog Bite" }});
case_status.close_case(4);
"#
    );
    let before = held(&Scene::new(World::of(1..=40), &Rules::new()));
    let (scene, run) = migrated(&Rules::new(), &script);
    assert_eq!(scene.vendors.world().status(1)["stage"], 5);

    let undone = undo(&scene, &run, &[]).exits(0).run();

    undone.counts(&[("attempted", 4), ("updated", 4)]);
    assert_eq!(undone.row(1).changes(), "stage: 5 → 3; description; case_date: 2024-02-04 → 2024-02-03; readable_id: X-1 → PI-1");
    assert_eq!(undone.row(4).changes(), "status: closed → open");
    assert_eq!(held(&scene), before);
    // An undo is a run like any other.
    undo(&scene, &undone, &[]).exits(0).run().counts(&[("attempted", 4), ("updated", 4)]);
    assert_eq!(scene.vendors.world().status(1)["readable_id"], "X-1");
}

#[test]
fn of_a_case_edited_in_part_the_rest_is_restored() {
    let (scene, run) = migrated(&Rules::new(), "case_status.update_case(1, #{ stage: 4, description: \"new\" });");
    scene.vendors.world().status(1)["stage"] = json!(6);

    let undone = undo(&scene, &run, &[]).exits(0).run();

    assert_eq!((undone.row(1).result(), undone.row(1).changes()), ("updated", "description"));
    undone.row(1).blames("stage was changed since");
    let journal = scene.vendors.journal();
    assert_eq!(
        journal.writes().iter().map(|entry| &entry.call.body).collect::<Vec<_>>(),
        [&json!({ "description": "Rear-end collision" })]
    );
}

#[test]
fn what_clients_would_notice_is_told_before_it_happens() {
    let (scene, run) =
        migrated(&Rules::new(), "for id in 1..=2 { case_status.update_case(id, #{ stage: 4 }); }\ncase_status.close_case(5);");
    let notice = "Clients would notice: 2 moved to another stage, each with a survey; 0 closed.";
    scene.vendors.always(Fault::Hang { done: false }, Call::is_patch);
    let mut running = scene.host.start(&["runs", "undo", run.id()]);
    running.until("a case is restored", || !scene.vendors.journal().writes().is_empty());
    let finished = running.kill();
    assert!(finished.stdout.contains(notice), "{}", finished.said());
    assert_eq!(scene.vendors.world().status(1)["stage"], 4);

    scene.vendors.mend();
    let said = scene.host.run(&["runs", "undo", run.id()]).exits(0).stdout;
    let (first, then) = (said.find(notice), said.find("3 updated"));
    assert!(first.is_some() && first < then, "{said}");
    assert_eq!(scene.vendors.world().status(1)["stage"], 3);
    assert_eq!(scene.vendors.world().status(5)["status"], "open");
}

#[test]
fn a_dry_run_says_what_would_be_restored() {
    let (scene, run) = migrated(&Rules::new(), "for id in 1..=4 { case_status.update_case(id, #{ stage: 4 }); }");
    let dry = undo(&scene, &run, &["--dry-run"]).exits(0).run();
    dry.counts(&[("attempted", 4), ("updated", 4)]);
    assert_eq!((&dry.0["dry_run"], &dry.0["would_hold"]), (&json!(true), &json!(false)));
    assert_eq!(dry.0["client_notices"]["stage_moves"], 4);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
    // Nothing was done that could be taken back.
    undo(&scene, &dry, &[]).exits(1);
}

#[test]
fn a_sync_can_be_undone() {
    let scene = Scene::new(World::of(1..=40), &Rules::new());
    (1..=3).for_each(|id| scene.vendors.world().peer(id)["stage"] = json!("Negotiation"));
    scene.vendors.world().peer(4)["description"] = json!("Offer made");
    let run = scene.sync().exits(0).run();

    undo(&scene, &run, &[]).exits(0).run().counts(&[("attempted", 4), ("updated", 4)]);

    assert_eq!(held(&scene), held(&Scene::new(World::of(1..=40), &Rules::new())));
}

#[test]
fn an_undo_that_moves_too_many_waits_for_someone() {
    let loose = Rules::new().with("guard", "{ max_stage_changes: 100% }");
    let (mut scene, run) = migrated(&loose, "for id in 1..=12 { case_status.update_case(id, #{ stage: 4 }); }");
    scene.host.firm("hartwell", &scene.vendors, &Rules::new());
    assert_eq!(undo(&scene, &run, &["--dry-run"]).exits(0).run().0["would_hold"], true);

    let waiting = undo(&scene, &run, &[]).exits(3).run();

    assert_eq!(waiting.status(), "held");
    waiting.counts(&[("attempted", 12), ("held", 12)]);
    assert_eq!(waiting.row(12).changes(), "stage: 4 → 3");
    assert_eq!(scene.vendors.journal().writes().len(), 0);
    undo(&scene, &waiting, &[]).exits(1);

    // One of them was moved by hand meanwhile, and is left.
    scene.vendors.world().status(7)["stage"] = json!(6);
    let done = scene.host.run(&["runs", "approve", waiting.id(), "--json"]).exits(0).run();
    assert_eq!((done.id(), done.text("undoes")), (waiting.id(), run.id()));
    done.counts(&[("attempted", 11), ("updated", 11), ("skipped", 1)]);
    assert_eq!(scene.vendors.journal().stages_applied().len(), 11);
    assert_eq!(scene.vendors.world().status(1)["stage"], 3);
}

#[test]
fn what_cannot_be_taken_back_is_listed() {
    let script = r#"
case_status.connect_case(41);
case_status.connect_case(42);
case_status.send_message(1, "Hello");
casepeer.add_note(2, "Told the client.");
casepeer.add_document(3, "a.txt", "a");
case_status.update_case(3, #{ stage: 4 });
case_status.update_case(4, #{ stage: 4 });
"#;
    let mut world = World::of(1..=40);
    (41..=42).for_each(|id| world.unconnected(id));
    let scene = Scene::new(world, &Rules::new());
    scene.script(script);
    let run = scene.run_script(&["--apply"]).exits(0).run();
    scene.vendors.take_journal();
    scene.vendors.world().existing.retain(|held| !["4", "42"].iter().any(|id| held["integration_id"] == *id));

    let undone = undo(&scene, &run, &[]).exits(0).run();

    undone.counts(&[("attempted", 1), ("updated", 1), ("skipped", 5)]);
    for (id, word) in [(41, "created"), (42, "no longer"), (1, "message"), (2, "note"), (3, "document"), (4, "no longer")] {
        undone.row(id).blames(word);
    }
    assert_eq!(undone.row(3).changes(), "stage: 4 → 3");
    assert_eq!(scene.vendors.journal().writes().iter().map(|entry| entry.case()).collect::<Vec<_>>(), ["3"]);
}

#[test]
fn a_run_that_was_killed_half_way_can_be_undone() {
    let scene = Scene::new(World::of(1..=40), &Rules::new());
    scene.script(DESCRIBE);
    scene.vendors.after(14, 1, Fault::Hang { done: true }, Call::is_patch);
    let mut running = scene.start_script(&["--apply"]);
    let written = || scene.vendors.journal().patches().iter().filter(|entry| entry.applied).count();
    running.until("the 15th is written", || written() >= 15);
    running.kill();
    let runs = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    let run = Run(runs[0].clone());
    assert_eq!(run.status(), "interrupted");

    undo(&scene, &run, &[]).exits(0).run().counts(&[("attempted", 15), ("updated", 15)]);

    assert_eq!(held(&scene), held(&Scene::new(World::of(1..=40), &Rules::new())));
    assert!(matches!(scene.host.run(&["runs", "undo", "20000101-000000-aaaa"]).code, Some(2)));
}
