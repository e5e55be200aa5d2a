//! Runs: found, read case by case, approved, put away, cancelled and taken back.

use serde_json::{Value, json};

use crate::console::{Console, Role, cases, named, rules};
use crate::page::Page;
use crate::support::vendors::{Fault, Gate, World, patch_of};

/// 40 connected cases, of which so many have moved on in CASEpeer. By default, ten may move within 24 hours.
fn moved(moves: u64) -> World {
    let mut world = World::of(48_201..=48_240);
    named(&mut world);
    (48_201..48_201 + moves).for_each(|id| world.restage(id, "Negotiation", "2026-11-02T12:00:00Z"));
    world
}

/// Begins a sync of all cases, and answers its address once it has ended.
#[track_caller]
fn sync(page: &Page, status: &str) -> String {
    page.goto("/firms/hartwell/sync");
    page.click("Sync at once");
    page.click("Sync all cases");
    page.until("the run is shown", || page.path().starts_with("/runs/"));
    page.until("it ends", || page.text("main .badge") == status);
    page.path()
}

fn stages(console: &Console) -> Vec<Value> {
    console.hartwell.world().existing.iter().map(|case| case["stage"].clone()).collect()
}

#[test]
fn runs_are_found_and_say_why_for_each_case() {
    let mut world = cases();
    world.peer(48_210)["stage"] = json!("Discovery");
    world.attorney(48_211, "nobody@hartwell.example");
    let console = Console::of(world, &rules());
    console.hartwell.always(Fault::Refused(422), patch_of(48_217));
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto("/firms/hartwell/runs");
    page.wait_for_text("No such run");
    page.inspect("runs-none");

    page.goto("/firms/hartwell/sync");
    page.click("See what would change");
    page.wait_for_text("What clients would notice");
    let run = sync(&page, "partial");
    for text in ["Discovery", "nobody@hartwell.example", "422", "Integration support can put it right", "The firm's staff can put it right"]
    {
        assert!(page.all_text().contains(text), "{text}: {}", page.all_text());
    }
    page.inspect("run");
    page.click("failed 1");
    page.wait_for_path(&format!("{run}?result=failed"));
    assert_eq!(page.count("section[aria-labelledby=rows] tbody tr"), 1);
    assert!(page.text("section[aria-labelledby=rows] tbody").contains("48217"));
    page.inspect("run-failed-rows");
    page.click("failed ×");
    page.wait_for_path(&run);
    // Why, now and from both sides.
    page.click("48217");
    page.wait_for_path("/firms/hartwell/cases/48217");
    page.wait_for_text("Each attribute, as it is now");
    page.inspect("case");

    page.goto("/firms/hartwell/runs");
    assert_eq!(page.count("main tbody tr"), 2);
    page.inspect("runs");
    page.fill("Dry runs", "no");
    page.until("the list is filtered at once", || page.count("main tbody tr") == 1);
    page.fill("What", "Connect");
    page.wait_for_text("No such run");
    page.inspect("runs-filtered");
}

#[test]
fn a_held_run_is_listed_and_approved_by_support_alone() {
    let console = Console::of(moved(11), &rules());
    let staff = console.signed_in_as(Role::Staff("hartwell"));
    let run = sync(&staff, "held");
    staff.wait_for_text("Integration support approves it.");
    assert!(!staff.offers("Approve"));
    let refused = staff.script_that_calls_back(
        "fetch(location.pathname + '/approve', { method: 'POST' }).then(answer => answer.status).then(arguments[arguments.length - 1])",
        Vec::new(),
    );
    assert_eq!(refused, 403, "who is not offered it cannot do it either");
    assert!(console.hartwell.journal().writes().is_empty());

    let support = console.signed_in_as(Role::Support);
    support.goto(&run);
    support.wait_for_text("It waits for approval");
    assert_eq!(support.count("section[aria-labelledby=moves] tbody tr"), 11);
    assert!(support.text("section[aria-labelledby=moves] tbody tr").contains("stage: 3 → 6"));
    support.inspect("run-held");
    // Another case moves on meanwhile: what nobody has approved waits again, listed with the rest.
    console.hartwell.world().restage(48_230, "Negotiation", "2026-11-03T12:00:00Z");
    support.click("Approve");
    support.wait_for_text("1 stage moves or closures are not among those approved");
    assert_eq!(support.count("section[aria-labelledby=moves] tbody tr"), 12);
    assert!(console.hartwell.journal().writes().is_empty());
    support.inspect("run-held-again");
    support.click("Approve");
    support.until("it ends", || support.text("main .badge") == "succeeded");
    support.wait_for_text("12 updated");
    support.inspect("run-approved");
    assert_eq!(console.hartwell.journal().stages_applied().len(), 12);
}

#[test]
fn a_held_run_is_put_away_and_nothing_was_written() {
    let console = Console::of(moved(11), &rules());
    let page = console.signed_in_as(Role::Support);
    sync(&page, "held");
    page.click("Discard");
    page.until("it is put away", || page.text("main .badge") == "cancelled");
    assert!(!page.offers("Approve"));
    page.inspect("run-put-away");
    assert!(console.hartwell.journal().writes().is_empty());
}

#[test]
fn a_run_under_way_is_cancelled() {
    let console = Console::of(moved(10), &rules().with("limits", "{ requests_per_second: 100000, concurrency: 1 }"));
    let page = console.signed_in_as(Role::Staff("hartwell"));
    let gate = Gate::closed();
    console.hartwell.after(2, 1, Fault::Wait(gate.clone()), |call: &crate::support::vendors::Call| call.is_patch());
    page.goto("/firms/hartwell/sync");
    page.click("Sync at once");
    page.click("Sync all cases");
    page.wait_for_text("Writing: ");
    page.click("Cancel");
    page.wait_for_text("It is being cancelled");
    assert!(!page.offers("Cancel"));
    page.inspect("run-cancelling");
    gate.open();
    page.until("it ends", || page.text("main .badge") == "cancelled");
    page.inspect("run-cancelled");
    let written = console.hartwell.journal().patches().len();
    assert!((1..10).contains(&written), "{written}");
}

#[test]
fn support_sees_what_an_undo_restores_and_takes_the_run_back() {
    let console = Console::of(moved(3), &rules());
    let before = stages(&console);
    let staff = console.signed_in_as(Role::Staff("hartwell"));
    let run = sync(&staff, "succeeded");
    assert!(!staff.offers("Preview"));
    let page = console.signed_in_as(Role::Support);
    page.goto(&run);
    page.inspect("run-undo-offered");
    page.click("Preview");
    page.wait_for_text("What clients would notice");
    page.wait_for_text("stage: 6 → 3");
    assert_ne!(stages(&console), before, "a look restores nothing");
    page.inspect("undo-look");
    page.click("Take it back now");
    page.wait_for_text("Takes back run");
    page.until("it ends", || page.text("main .badge") == "succeeded");
    page.inspect("undo-done");
    assert_eq!(stages(&console), before);
}
