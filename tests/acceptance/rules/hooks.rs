//! Hooks: a firm's script has the last word on its cases; when it fails, the case fails, and nothing else does.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::{Rules, line_of};
use crate::support::vendors::World;

/// A firm of these cases with this script.
fn scene(world: World, script: &str) -> Scene {
    let scene = Scene::new(world, &Rules::new().with("hooks", "hartwell.rhai"));
    scene.host.folder("scripts");
    scene.host.write("scripts/hartwell.rhai", script);
    scene
}

#[test]
fn map_case_changes_what_is_written() {
    let mut world = World::of([1, 2]);
    world.peer(1)["stage"] = json!("Litigation");
    world.peer(1)["description"] = json!("trial set for May");
    world.peer(2)["stage"] = json!("Litigation");
    let script = r#"
        fn map_case(c, wanted) {
            if c.stage == "Litigation" && c.description != () && c.description.contains("trial set") { wanted.stage = 8; }
            wanted
        }"#;
    let scene = scene(world, script);

    let run = scene.sync().exits(0).run();

    assert_eq!(run.row(1).changes(), "stage: 3 → 8; description");
    assert_eq!(run.row(2).changes(), "stage: 3 → 7");
    assert_eq!(scene.vendors.world().status(1)["stage"], 8);
    // The next sync comes to the same.
    scene.sync().exits(0).run().counts(&[("attempted", 2), ("unchanged", 2)]);
}

#[test]
fn map_case_may_map_a_stage_that_no_rule_maps() {
    let mut world = World::of([1]);
    world.peer(1)["stage"] = json!("Lien Resolution");
    let scene = scene(world, r#"fn map_case(c, wanted) { if c.stage == "Lien Resolution" { wanted.stage = 8; } wanted }"#);

    let run = scene.sync().exits(0).run();

    assert_eq!(run.row(1).changes(), "stage: 3 → 8");
    assert_eq!(run.row(1).reason(), "");
}

#[test]
fn what_case_status_cannot_take_is_left_and_blamed_on_the_script() {
    let script = "fn map_case(c, wanted) {
    if c.id == 1 { wanted.stage = 9; }
    if c.id == 2 { wanted.primary_attorney = \"carl@hartwell.example\"; }
    if c.id == 3 { wanted.paralegals = [\"nobody@hartwell.example\", \"pete@hartwell.example\"]; }
    wanted
}";
    let scene = scene(World::of([1, 2, 3]), script);

    let run = scene.sync().exits(0).run();

    assert_eq!([1, 2, 3].map(|id| run.row(id).changes().to_owned()), ["", "", "paralegals"]);
    for (id, word) in [(1, "no stage 9"), (2, "carl@hartwell.example"), (3, "nobody@hartwell.example")] {
        run.row(id).blames(word);
        assert_eq!(run.row(id).rule(), "scripts/hartwell.rhai:1");
    }
    assert_eq!(scene.vendors.world().status(3)["paralegal_emails"], json!(["pete@hartwell.example"]));
}

/// A script in which case 1 does this and every other case nothing.
fn that_fails(what: &str) -> String {
    format!("fn map_case(c, wanted) {{\n    wanted.description = \"seen\";\n    if c.id == 1 {{\n        {what}\n    }}\n    wanted\n}}\n")
}

#[test]
fn a_hook_that_fails_fails_its_case_and_no_other() {
    let broken = [
        ("throw \"not this one\";", "not this one"),
        ("wanted.stage = 13;", "1 to 12"),
        ("return 7;", "wanted"),
        ("return;", "wanted"),
        ("c.stage = \"Intake\";", "stage"),
        ("c.staff.push(1);", "push"),
        // What may be of several types is not known before it is there.
        ("let any = if c.id == 1 { wanted } else { 1 }; any.stge = 3;", "stge"),
        // By time or by operations, as fast as the machine is.
        ("loop { }", "a script"),
        ("let text = \"x\"; loop { text += text; }", "larger"),
        ("let list = []; loop { list.push(list); }", "script"),
        ("let map = #{}; let n = 0; loop { n += 1; map[`${n}`] = `${n} ............................................`; }", "script"),
        ("fn_that_recurses(1);", "deep"),
        ("sleep(1);", "sleep"),
    ];
    for (what, word) in broken {
        let script = that_fails(what) + "private fn fn_that_recurses(n) { fn_that_recurses(n + 1) }\n";
        let scene = scene(World::of([1, 2]), &script);

        let run = scene.sync().exits(1).run();

        run.counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);
        run.row(1).blames(word);
        assert!(run.row(1).reason().contains("map_case"), "{}", run.row(1).reason());
        let line = if run.row(1).reason().contains("fn_that_recurses(n + 1)") { 8 } else { line_of(&script, what) };
        let lines = [line, 1].map(|line| format!("scripts/hartwell.rhai:{line}"));
        assert!(lines.iter().any(|line| line == run.row(1).rule()), "{what}: {}", run.row(1).rule());
        assert_eq!(scene.vendors.journal().writes().len(), 1, "{what}");
    }
}

#[test]
fn validate_stops_a_sync_and_a_connect() {
    let mut world = World::of([1, 2]);
    (1..=2).for_each(|id| world.peer(id)["description"] = json!("new"));
    world.peer(1)["case_number"] = json!("TEST-1");
    world.unconnected(3);
    world.peer(3)["case_number"] = json!("TEST-3");
    let script = r#"fn validate(c) {
    if c.case_number.starts_with("TEST") { ["test cases stay in CASEpeer"] } else { [] }
}"#;
    let scene = scene(world, script);

    let run = scene.sync().exits(1).run();
    run.counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);
    run.row(1).blames("test cases stay in CASEpeer");
    assert_eq!(run.row(1).rule(), "scripts/hartwell.rhai:1");

    let run = scene.connect(3).exits(1).run();
    run.row(3).blames("test cases stay in CASEpeer");
    assert!(scene.vendors.journal().posts().is_empty());
}

#[test]
fn connect_case_changes_what_is_created() {
    let mut world = World::new();
    (1..=3).for_each(|id| world.unconnected(id));
    let script = r#"fn connect_case(c, draft) {
    draft.description = `${c.name}`;
    draft.stage = if c.id == 2 { 12 } else { 1 };
    if c.id == 3 { draft.phone = "555-1212"; }
    draft
}"#;
    let scene = scene(world, script);

    scene.connect(1).exits(0);
    let created = scene.vendors.world().status(1).clone();
    assert_eq!((&created["stage"], &created["description"]), (&json!(1), &json!("Zyskowski1 v. Acme Trucking")));

    scene.connect(2).exits(1).run().row(2).blames("no stage 12");
    scene.connect(3).exits(1).run().row(3).blames("phone");
    assert_eq!(scene.vendors.journal().posts().len(), 1);
}

#[test]
fn a_run_records_the_script_that_it_ran_under() {
    let scene = scene(World::of([1]), "fn validate(c) { [] }\n");
    let first = scene.sync().exits(0).run().text("revision").to_owned();
    assert_eq!(scene.sync().exits(0).run().text("revision"), first);
    scene.host.write("scripts/hartwell.rhai", "fn validate(c) { [] } // changed\n");
    assert_ne!(scene.sync().exits(0).run().text("revision"), first);
}
