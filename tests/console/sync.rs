//! Sync with CasePeer: all cases, after a look at what would change, and one case with its result at once.

use std::fs;

use serde_json::json;

use crate::console::{Console, Role, cases, rules};
use crate::support::vendors::{Call, Fault, Gate, Vendor, patch_of};

/// Marks the page, so that a page that was loaded anew is told from one that changed by itself.
const MARK: &str = "window.marked = true";

#[test]
fn staff_look_then_sync_and_get_the_csv() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.click_in(".tabs", "Sync with CasePeer");
    page.wait_for_path("/firms/hartwell/sync");
    page.inspect("sync");

    page.click("See what would change");
    page.wait_for_text("What clients would notice");
    page.wait_for_text("2 clients get a satisfaction survey");
    page.wait_for_text("stage: 3 → 6");
    assert_eq!(console.hartwell.journal().writes().len(), 0, "a look writes nothing");
    page.inspect("sync-look");

    page.click("Sync all cases now");
    page.wait_for_text("2 updated");
    page.wait_for_text("succeeded");
    page.inspect("sync-done");
    assert_eq!(console.hartwell.journal().patches().len(), 2);

    // The CSV is on the run's page, and in the mail of who asked.
    let run = page.path();
    let csv = page.script_that_calls_back(
        "fetch(document.querySelector('a[download]').href).then(answer => answer.text()).then(arguments[arguments.length - 1])",
        Vec::new(),
    );
    let csv = csv.as_str().expect("a CSV").to_owned();
    assert!(csv.contains("48213") && csv.contains("stage: 3 → 6"), "{csv}");
    let mail = || {
        let files = console.host.files().into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "eml"));
        files.map(|path| fs::read_to_string(path).unwrap_or_default()).collect::<Vec<_>>()
    };
    page.until("the mail is there", || mail().len() == 1);
    let letter = mail().remove(0);
    assert!(letter.contains(&format!("To: {}", Role::Staff("hartwell").email())), "{letter}");
    assert!(letter.contains(".csv"), "{run}: {letter}");

    // There is nothing left to do, and nobody would notice anything.
    page.goto("/firms/hartwell/sync");
    page.click("See what would change");
    page.wait_for_text("Nothing: no stage changes");
    page.inspect("sync-look-nothing");
}

#[test]
fn a_slow_sync_is_watched_without_loading_the_page_again() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    let (reading, writing) = (Gate::closed(), Gate::closed());
    console.hartwell.next(1, Fault::Wait(reading.clone()), |call: &Call| call.vendor == Vendor::CaseStatus && call.lists_cases());
    console.hartwell.next(1, Fault::Wait(writing.clone()), patch_of(48_217));
    page.goto("/firms/hartwell/sync");
    page.click("Sync at once");
    assert_eq!(page.value("Send the CSV to"), Role::Staff("hartwell").email());
    page.inspect("sync-at-once");
    page.fill("Send the CSV to", "not an address");
    page.script("document.querySelector('#mail_to').type = 'text'", Vec::new());
    page.click("Sync all cases");
    page.wait_for_text("write one e-mail address, or none");
    page.inspect("sync-refused");
    page.fill("Send the CSV to", "");
    page.click("Sync all cases");

    page.until("the run is shown", || page.path().starts_with("/runs/"));
    page.script(MARK, Vec::new());
    page.wait_for_text("Reading both sides");
    page.inspect("run-reading");
    reading.open();
    page.wait_for_text("Writing: 1 of 2");
    page.wait_for_text("1 updated");
    page.inspect("run-writing");
    writing.open();
    page.wait_for_text("succeeded");
    page.wait_for_text("2 updated");
    assert_eq!(page.script("return window.marked === true", Vec::new()), true, "the page changed by itself");
    assert_eq!((page.count("[sse-connect]"), page.count("main"), page.count("progress")), (0, 1, 0), "it ended by itself");
    page.until("the CSV is offered", || page.offers("Download CSV"));
    page.no_console_errors();
}

#[test]
fn a_case_is_synced_and_shows_at_once_what_changed() {
    let mut world = cases();
    world.peer(48_213)["description"] = json!("Offer made");
    let console = Console::of(world, &rules());
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto("/firms/hartwell/sync");
    page.fill("Integration ID or CASEpeer URL", "https://hartwell.casepeer.com/case/48213/");
    page.click("Sync case");
    page.wait_for_text("What the sync did");
    let rows = page.script(
        "return [...document.querySelectorAll('section[aria-labelledby=synced] tbody tr')].map(row => [...row.cells].map(cell => cell.innerText.trim()))",
        Vec::new(),
    );
    assert_eq!(rows, json!([["description", "Rear-end collision", "Offer made"], ["stage", "3", "6"]]));
    assert!(page.all_text().contains("Tom Kowalski"));
    page.inspect("case-synced");

    page.click("Sync this case");
    page.wait_for_text("Both sides agreed already; nothing was written.");
    page.inspect("case-unchanged");
    assert_eq!(console.hartwell.journal().patches().len(), 1);
}

#[test]
fn what_is_no_case_what_is_not_connected_and_what_is_down_is_said() {
    let console = Console::of(cases(), &rules().resigned());
    let page = console.signed_in_as(Role::Staff("hartwell"));
    let sync = |case: &str| {
        page.goto("/firms/hartwell/sync");
        page.fill("Integration ID or CASEpeer URL", case);
        page.click("Sync case");
    };
    sync("no number");
    page.wait_for_text("write the case's number");
    page.inspect("sync-case-refused");
    sync("48300");
    page.wait_for_text("it was never connected");
    page.inspect("case-not-connected");
    console.hartwell.always(Fault::Refused(503), |call: &Call| call.vendor == Vendor::CaseStatus);
    sync("48213");
    page.wait_for_text("503");
    page.inspect("case-vendor-down");
    assert_eq!(console.hartwell.journal().patches().len(), 0);
}

#[test]
fn only_one_sync_of_a_firm_is_under_way() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    let gate = Gate::closed();
    console.hartwell.next(1, Fault::Wait(gate.clone()), |call: &Call| call.lists_cases());
    let begin = || {
        page.goto("/firms/hartwell/sync");
        page.click("Sync at once");
        page.click("Sync all cases");
    };
    begin();
    page.until("the run is shown", || page.path().starts_with("/runs/"));
    begin();
    page.wait_for_text("another run of this firm is under way");
    page.inspect("sync-busy");
    gate.open();
}
