//! Migrations that stop on their way: by Ctrl-C, by their own fault, by a vendor's; what was done is told, and the next run goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::vendors::{Call, Fault, Gate, Journal, Vendor, World};

const UPDATE: &str = "for id in 1..=40 { case_status.update_case(id, #{ description: `Case ${id}` }); }";
const MOVE: &str = "for id in 1..=12 { case_status.update_case(id, #{ stage: 4 }); }";

/// Some connected cases and this script.
fn scene(cases: u64, rules: &Rules, script: &str) -> Scene {
    let scene = Scene::new(World::of(1..=cases), rules);
    scene.script(script);
    scene
}

/// How often each case was written.
fn written(journal: &Journal) -> BTreeMap<String, u32> {
    let mut times = BTreeMap::new();
    for entry in journal.patches().iter().filter(|entry| entry.applied) {
        *times.entry(entry.case().to_owned()).or_default() += 1;
    }
    times
}

/// Each of these cases once.
fn once(last: u64) -> BTreeMap<String, u32> {
    (1..=last).map(|id| (id.to_string(), 1)).collect()
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_the_next_run_goes_on() {
    let scene = scene(40, &Rules::new(), UPDATE);
    scene.vendors.always(Fault::Slow(Duration::from_millis(100)), Call::is_patch);
    let mut running = scene.start_script(&["--apply"]);
    running.until("some writes are done", || written(&scene.vendors.journal()).len() >= 5);
    running.interrupt();

    let run = running.wait().exits(130).run();

    assert_eq!(run.status(), "cancelled");
    let journal = scene.vendors.journal();
    let done = written(&journal);
    assert!(done.len() < 40 && journal.patches().iter().all(|entry| entry.status == Some(200)));
    assert_eq!(run.reported(&scene.host, "updated"), done.into_keys().collect());

    scene.vendors.mend();
    let again = scene.run_script(&["--apply"]).exits(0).run();
    assert_eq!(again.id(), run.id());
    again.counts(&[("attempted", 40), ("updated", 40)]);
    assert_eq!(written(&scene.vendors.journal()), once(40));
}

#[test]
fn ctrl_c_ends_a_wait_for_a_vendor_and_a_loop_without_end() {
    let scene = scene(2, &Rules::new(), "case_status.get_case(1);");
    scene.vendors.always(Fault::Hang { done: false }, |call| call.is(Vendor::CaseStatus, "GET", "/cases"));
    let mut running = scene.start_script(&["--apply"]);
    running.until("a case is asked for", || !scene.vendors.journal().is_empty());
    running.interrupt();
    assert_eq!(running.wait().exits(130).run().status(), "cancelled");

    scene.vendors.mend();
    scene.vendors.take_journal();
    scene.script("casepeer.get_case(1);\nloop { try { loop { } } catch { } }");
    let mut running = scene.start_script(&["--apply"]);
    running.until("the loop is reached", || scene.vendors.journal().iter().any(|entry| entry.status.is_some()));
    running.interrupt();
    let run = running.wait().exits(130).run();
    assert_eq!((run.status(), scene.vendors.journal().writes().len()), ("cancelled", 0));
}

#[test]
fn a_script_that_failed_half_way_is_mended_and_goes_on() {
    let scene = scene(10, &Rules::new(), "");
    let script = |last: u32| format!("for id in 1..={last} {{\n    case_status.update_case(id, #{{ stage: 4 }});\n}}");
    // It is looked at first: only what happens in earnest stops it half-way.
    let breaks = "    if id == 3 && !done.dry_run { throw \"tired\"; }\n}";
    scene.script(&script(10).replace("    case_status", "    let done = case_status").replace("\n}", &format!("\n{breaks}")));
    let run = scene.run_script(&["--apply"]).exits(1).run();
    assert_eq!(run.status(), "failed");
    assert!(run.text("reason").contains("tired") && run.text("reason").contains("case 3"), "{}", run.text("reason"));
    run.counts(&[("attempted", 3), ("updated", 3)]);

    scene.script(&script(10));
    let again = scene.run_script(&["--apply"]).exits(0).run();
    assert_eq!(again.id(), run.id());
    again.counts(&[("attempted", 10), ("updated", 10)]);
    assert!(scene.vendors.world().existing.iter().all(|held| held["stage"] == 4));
    assert_eq!(scene.vendors.journal().stages_applied(), once(10));
}

#[test]
fn a_run_that_cannot_be_taken_up_yet_keeps_what_it_did() {
    let scene = scene(40, &Rules::new().resigned(), UPDATE);
    scene.vendors.after(14, 1, Fault::Hang { done: true }, Call::is_patch);
    let mut running = scene.start_script(&["--apply"]);
    running.until("the 15th is written", || written(&scene.vendors.journal()).len() >= 15);
    running.kill();
    scene.vendors.always(Fault::Refused(500), |call| call.is(Vendor::CaseStatus, "GET", "/cases"));

    let failed = scene.run_script(&["--apply"]).exits(1).run();

    assert_eq!(failed.status(), "failed");
    assert!(failed.text("reason").contains("500"), "{}", failed.text("reason"));
    failed.counts(&[("attempted", 14), ("updated", 14)]);
    assert_eq!(failed.reported(&scene.host, "updated").len(), 14);
    scene.vendors.mend();
    let again = scene.run_script(&["--apply"]).exits(0).run();
    assert_eq!(again.id(), failed.id());
    again.counts(&[("attempted", 40), ("updated", 40)]);
    assert_eq!(written(&scene.vendors.journal()), once(40));
}

#[test]
fn an_approved_run_that_is_killed_is_held_again_for_the_rest() {
    let scene = scene(40, &Rules::new(), MOVE);
    let held = scene.run_script(&["--apply"]).exits(3).run();
    scene.vendors.after(5, 1, Fault::Hang { done: false }, Call::is_patch);
    let mut running = scene.host.start(&["runs", "approve", held.id(), "--json"]);
    running.until("the sixth is asked for", || scene.vendors.journal().patches().len() >= 6);
    running.kill();
    scene.vendors.mend();

    // Five were moved in the last hours, and seven more would be twelve.
    let again = scene.run_script(&["--apply"]).exits(3).run();
    assert_eq!(again.id(), held.id());
    again.counts(&[("attempted", 12), ("updated", 5), ("held", 7)]);
    assert_eq!(scene.host.run(&["runs", "show", held.id(), "--json"]).exits(0).run(), again);
    let done = scene.host.run(&["runs", "approve", held.id(), "--json"]).exits(0).run();
    done.counts(&[("attempted", 12), ("updated", 12)]);
    assert_eq!(scene.vendors.journal().stages_applied(), once(12));
    assert_eq!(done.reported(&scene.host, "updated").len(), 12);
    // All of it can be taken back, by whoever approves that.
    let undone: Run = scene.host.run(&["runs", "undo", held.id(), "--json"]).exits(3).run();
    undone.counts(&[("attempted", 12), ("held", 12)]);
}

#[test]
fn a_firm_has_one_migration_at_a_time() {
    let scene = scene(3, &Rules::new(), "for id in 1..=3 { case_status.update_case(id, #{ stage: 4 }); }");
    let gate = Gate::closed();
    scene.vendors.next(1, Fault::Wait(gate.clone()), Call::is_patch);
    let mut running = scene.start_script(&["--apply"]);
    running.until("a case is written", || !scene.vendors.journal().patches().is_empty());

    let refused = scene.run_script(&["--apply"]).exits(1);
    assert!(refused.stderr.contains("hartwell"), "{}", refused.stderr);
    scene.run_script(&["--apply", "--arg", "a=b"]).exits(1);
    // Looking is in nobody's way.
    assert_eq!(scene.run_script(&[]).exits(0).run().0["dry_run"], json!(true));
    gate.open();
    running.wait().exits(0).run().counts(&[("attempted", 3), ("updated", 3)]);
    assert_eq!(scene.vendors.journal().patches().len(), 3);
}
