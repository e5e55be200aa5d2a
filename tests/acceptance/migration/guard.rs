//! The guard and migrations: one that would move too many waits for someone, whole, and what was approved is what is written.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::{Vendors, World};

/// Moves whoever is in negotiation, and does other things besides.
const SCRIPT: &str = r#"
for c in casepeer.list_cases(#{ connected: true }) {
    if c.stage == "Negotiation" { case_status.update_case(c.id, #{ stage: 6 }); }
    if c.stage == "Litigation" { case_status.update_case(c.id, #{ stage: 7 }); }
}
case_status.update_case(40, #{ description: run.arg("description") });
for row in run.input { case_status.send_message(row.number, row.text); }
case_status.connect_case(41);
"moved"
"#;

/// 40 connected cases, of which ten may move within 24 hours, and one more.
fn scene(moved: std::ops::RangeInclusive<u64>) -> Scene {
    let mut world = World::of(1..=40);
    world.unconnected(41);
    let scene = Scene::new(world, &Rules::new());
    scene.script(SCRIPT);
    scene.host.write("messages.csv", "number,text\n39,Hello\n");
    stage(&scene.vendors, moved, "Negotiation");
    scene
}

fn stage(vendors: &Vendors, ids: impl IntoIterator<Item = u64>, stage: &str) {
    ids.into_iter().for_each(|id| vendors.world().peer(id)["stage"] = json!(stage));
}

fn migrate(scene: &Scene) -> Finished {
    scene.run_script(&["--apply", "--arg", "description=new", "--input", "messages.csv"])
}

fn approve(scene: &Scene, run: &str) -> Finished {
    scene.host.run(&["runs", "approve", run, "--json"])
}

fn writes(scene: &Scene) -> usize {
    scene.vendors.journal().writes().len()
}

#[test]
fn as_many_as_allowed_are_moved() {
    let scene = scene(1..=10);
    migrate(&scene).exits(0).run().counts(&[("attempted", 13), ("updated", 12), ("created", 1)]);
    // Ten are ten, whoever moves the eleventh.
    stage(&scene.vendors, 11..=11, "Negotiation");
    let run = migrate(&scene).exits(3).run();
    assert_eq!((run.status(), run.row(11).result()), ("held", "held"));
    assert_eq!(scene.sync().exits(3).run().status(), "held");
}

#[test]
fn one_more_is_held_and_nothing_written() {
    let scene = scene(1..=11);
    let dry = scene.run_script(&["--arg", "description=new"]).exits(0).run();
    assert_eq!(dry.0["would_hold"], true);

    let run = migrate(&scene).exits(3).run();

    assert_eq!((run.status(), run.text("kind")), ("held", "migration"));
    run.counts(&[("attempted", 14), ("held", 14)]);
    assert_eq!((run.row(11).result(), run.row(11).changes()), ("held", "stage: 3 → 6"));
    assert_eq!((run.row(39).result(), run.row(40).result(), run.row(41).result()), ("held", "held", "held"));
    assert!(run.text("reason").contains("11 stage moves"), "{}", run.text("reason"));
    assert_eq!(writes(&scene), 0);
    // The same once more is the same run, and waits like before.
    let again = migrate(&scene).exits(3).run();
    assert_eq!((again.id(), writes(&scene)), (run.id(), 0));
}

#[test]
fn what_was_approved_is_written() {
    let scene = scene(1..=12);
    let held = migrate(&scene).exits(3).run();

    let run = approve(&scene, held.id()).exits(0).run();

    assert_eq!((run.id(), run.status(), run.text("answer")), (held.id(), "succeeded", "moved"));
    run.counts(&[("attempted", 15), ("updated", 14), ("created", 1)]);
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=12).map(|id: u64| (id.to_string(), 1)).collect());
    let mut world = scene.vendors.world();
    assert_eq!(world.status(40)["description"], "new");
    assert_eq!(world.sent(39)[0]["body"], "Hello");
    assert!(world.mark(41).is_some());
    drop(world);
    approve(&scene, held.id()).exits(1);
}

#[test]
fn fewer_moves_than_approved_are_written() {
    let scene = scene(1..=14);
    let held = migrate(&scene).exits(3).run();
    stage(&scene.vendors, 1..=3, "Treating");
    let run = approve(&scene, held.id()).exits(0).run();
    run.counts(&[("attempted", 14), ("updated", 13), ("created", 1)]);
    assert_eq!(scene.vendors.journal().stages_applied().len(), 11);
}

#[test]
fn moves_that_nobody_approved_are_held_again() {
    for (id, to) in [(13, "Negotiation"), (5, "Litigation")] {
        let scene = scene(1..=12);
        let held = migrate(&scene).exits(3).run();
        stage(&scene.vendors, [id], to);

        let again = approve(&scene, held.id()).exits(3).run();

        assert_eq!((again.id(), again.status(), writes(&scene)), (held.id(), "held", 0));
        assert_eq!(again.row(id).result(), "held");
        // Whoever looks at them and approves them too gets them.
        approve(&scene, held.id()).exits(0);
        assert_eq!(scene.vendors.journal().stages_applied().len(), if id == 13 { 13 } else { 12 });
    }
}

#[test]
fn the_script_and_the_rules_are_those_of_the_approval() {
    let scene = scene(1..=12);
    let held = migrate(&scene).exits(3).run();

    scene.script("let x = ;");
    approve(&scene, held.id()).exits(2);
    // Still held: a faulty script begins nothing.
    scene.script(&SCRIPT.replace("#{ stage: 6 }", "#{ stage: 5 }"));
    let again = approve(&scene, held.id()).exits(3).run();
    assert_eq!((again.row(5).changes(), writes(&scene)), ("stage: 3 → 5", 0));
    scene.script(SCRIPT);
    approve(&scene, held.id()).exits(3);
    approve(&scene, held.id()).exits(0);
    assert_eq!(scene.vendors.world().status(5)["stage"], 6);
}

#[test]
fn what_clients_do_not_notice_does_not_count() {
    let scene = scene(1..=10);
    scene.script("for id in 1..=40 { case_status.update_case(id, #{ description: `Case ${id}` }); }\ncase_status.connect_case(41);");
    migrate(&scene).exits(0).run().counts(&[("attempted", 41), ("updated", 40), ("created", 1)]);
    scene.script("for id in 1..=11 { case_status.close_case(id); }");
    assert_eq!(migrate(&scene).exits(3).run().status(), "held");
}

#[test]
fn a_script_that_moves_more_in_earnest_than_it_showed_is_stopped_at_the_limit() {
    let scene = scene(1..=1);
    let script = "let more = if case_status.update_case(1, #{ stage: 4 }).dry_run { 1 } else { 40 };\n\
                  for id in 1..=more { case_status.update_case(id, #{ stage: 4 }); }";
    scene.script(script);

    let run = scene.run_script(&["--apply"]).exits(3).run();

    assert_eq!(run.status(), "held");
    run.counts(&[("attempted", 11), ("updated", 10), ("held", 1)]);
    assert_eq!(scene.vendors.journal().stages_applied().len(), 10);
    let said = scene.host.run(&["runs", "show", run.id()]).exits(0).stdout;
    assert!(!said.contains("Nothing was written") && said.contains("runs approve"), "{said}");
    // The eleventh was shown, and no other.
    let again = approve(&scene, run.id()).exits(3).run();
    again.counts(&[("attempted", 12), ("updated", 11), ("held", 1)]);
}
