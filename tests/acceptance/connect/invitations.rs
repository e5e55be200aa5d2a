//! The guard and invitations: a migration or a list of connects that would invite more clients in a day than the firm allows waits for
//! someone, and a connect that a person confirmed does not.

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::World;

const CONNECT: &str = "for row in run.input { case_status.connect_case(row.number); }";

/// A firm with eight cases that Case Status does not have, three of which may be created within 24 hours.
fn firm() -> Scene {
    let mut world = World::of([]);
    (1..=8).for_each(|id| world.unconnected(id));
    let scene = Scene::new(world, &Rules::new().with("guard", "{ max_invitations: 3 }"));
    scene.script(CONNECT);
    scene
}

fn list(scene: &Scene, ids: impl IntoIterator<Item = u64>) {
    let lines: String = ids.into_iter().map(|id| format!("{id}\n")).collect();
    scene.host.write("cases.csv", &format!("number\n{lines}"));
    scene.host.write("cases.txt", &lines);
}

fn migrate(scene: &Scene) -> Finished {
    scene.run_script(&["--apply", "--input", "cases.csv"])
}

fn connect(scene: &Scene, flags: &[&str]) -> Finished {
    scene.host.run(&[&["connect", "hartwell", "--from", "cases.txt", "--json"], flags].concat())
}

fn approve(scene: &Scene, run: &str) -> Finished {
    scene.host.run(&["runs", "approve", run, "--json"])
}

fn created(scene: &Scene) -> usize {
    scene.vendors.world().existing.len()
}

#[test]
fn a_list_and_a_migration_count_together() {
    let scene = firm();
    list(&scene, 1..=2);
    connect(&scene, &[]).exits(0).run().counts(&[("attempted", 2), ("created", 2)]);
    list(&scene, 3..=4);

    let held = migrate(&scene).exits(3).run();

    assert_eq!((held.status(), held.row(3).result(), created(&scene)), ("held", "held", 2));
    assert!(held.text("reason").contains("2 clients would be invited now and 2 were in the last 24 hours"), "{}", held.text("reason"));
    // A third one is allowed.
    list(&scene, 3..=3);
    scene.run_script(&["--apply", "--new", "--input", "cases.csv"]).exits(0).run().counts(&[("attempted", 1), ("created", 1)]);
    // What a person looks at and confirms is not held, and a list is.
    scene.connect(5).exits(0);
    list(&scene, 6..=7);
    assert_eq!(connect(&scene, &["--dry-run"]).exits(0).run().0["would_hold"], true);
    connect(&scene, &[]).exits(3);
    assert_eq!(created(&scene), 4);
}

#[test]
fn what_was_approved_is_created_and_nothing_more() {
    let scene = firm();
    list(&scene, 1..=4);
    let held = connect(&scene, &[]).exits(3).run();
    held.counts(&[("attempted", 4), ("held", 4)]);
    assert_eq!((created(&scene), scene.vendors.journal().writes().len()), (0, 0));
    approve(&scene, held.id()).exits(0).run().counts(&[("attempted", 4), ("created", 4)]);
    assert_eq!(created(&scene), 4);

    // A script that creates more than it showed is stopped at the first that nobody saw.
    scene.script(
        "let more = if case_status.connect_case(5).dry_run { 5 } else { 7 };\nfor id in 5..=more { case_status.connect_case(id); }",
    );
    let shown = scene.run_script(&["--apply"]).exits(3).run();
    let stopped = approve(&scene, shown.id()).exits(3).run();
    assert_eq!((stopped.row(5).result(), stopped.row(6).result(), created(&scene)), ("created", "held", 5));
}

#[test]
fn closings_that_were_undone_count_no_more() {
    let scene = Scene::new(World::of(1..=40), &Rules::new());
    scene.script("for id in 1..=10 { case_status.close_case(id); }");
    let run = scene.run_script(&["--apply"]).exits(0).run();
    // One of them was opened and closed by hand: it stays closed, and counts.
    scene.script("for id in 11..=20 { case_status.close_case(id); }");
    assert_eq!(scene.run_script(&[]).exits(0).run().0["would_hold"], true);
    scene.vendors.world().status(10)["closed_date"] = serde_json::json!("2026-01-01");

    scene.host.run(&["runs", "undo", run.id(), "--json"]).exits(0).run().counts(&[("attempted", 9), ("updated", 9), ("skipped", 1)]);

    scene.script("for id in 11..=20 { case_status.close_case(id); }");
    let held = scene.run_script(&["--apply"]).exits(3).run();
    assert!(held.text("reason").contains("10 stage moves or closures now and 1 in the last 24 hours"), "{}", held.text("reason"));
    scene.script("for id in 11..=19 { case_status.close_case(id); }");
    scene.run_script(&["--apply"]).exits(0).run().counts(&[("attempted", 9), ("updated", 9)]);
}
