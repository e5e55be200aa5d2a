//! Connect to Case Status: a case is found, what will be pushed is looked at with every problem, and confirmed.

use fantoccini::key::Key;
use serde_json::json;

use crate::console::{Console, Role, cases, rules};
use crate::support::vendors::{Call, Fault, Vendor};

const LABEL: &str = "Integration ID or CASEpeer URL";

#[test]
fn staff_connect_a_case_by_its_number_and_by_keyboard() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.click_in(".tabs", "Connect to Case Status");
    page.wait_for_path("/firms/hartwell/connect");
    page.inspect("connect-empty");
    page.fill(LABEL, "48300");
    page.press(Key::Enter);
    page.wait_for_text("What will be pushed");
    for pushed in
        ["Ruth Abernathy", "+13105558300", "PI-48300", "Motor Vehicle", "3 · Stage 3", "ann@hartwell.example", "Rear-end collision"]
    {
        assert!(page.text("dl.facts").contains(pushed), "{pushed}: {}", page.text("dl.facts"));
    }
    page.inspect("connect");
    assert_eq!(console.hartwell.journal().writes().len(), 0, "a look writes nothing");

    page.keyboard_reaches("Confirm");
    page.press(Key::Enter);
    page.until("the run is shown", || page.path().starts_with("/runs/"));
    page.wait_for_text("The case is connected to Case Status");
    page.inspect("connect-done");
    let journal = console.hartwell.journal();
    assert_eq!((journal.posts().len(), journal.marks().len()), (1, 1));
    page.reload();
    page.wait_for_text("1 created");
    assert_eq!(console.hartwell.journal().posts().len(), 1, "a page that is loaded again repeats nothing");
}

#[test]
fn a_pasted_address_of_casepeer_is_a_case() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto("/firms/hartwell/connect");
    page.fill(LABEL, "https://hartwell.casepeer.com/case/48300/overview");
    page.click("Find");
    page.wait_for_text("48300 · PI-48300");
    page.click("Confirm");
    page.wait_for_text("1 created");
    // It is connected now, and connecting it again is nothing to do.
    page.goto("/firms/hartwell/connect?case=48300");
    page.wait_for_text("Connected already.");
    assert!(!page.offers("Confirm"));
    page.inspect("connect-connected-already");
}

#[test]
fn every_problem_is_named_with_who_puts_it_right() {
    let mut world = cases();
    let case = world.peer(48_300);
    case["case_type"] = json!("Boat Accident");
    case["stage"] = json!("Discovery");
    case["client"]["phones"] = json!([]);
    case["staff"] = json!([]);
    let console = Console::of(world, &rules());
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto("/firms/hartwell/connect?case=48300");
    page.wait_for_text("It cannot be connected yet.");
    let listed = page.text("ul.list.lined").to_lowercase();
    for named in ["boat accident", "discovery", "phone", "attorney"] {
        assert!(listed.contains(named), "{named}: {listed}");
    }
    for by in ["firm's staff can put it right", "integration support can put it right"] {
        assert!(listed.contains(by), "{by}: {listed}");
    }
    assert!(!page.offers("Confirm"));
    page.inspect("connect-problems");
    assert_eq!(console.hartwell.journal().writes().len(), 0);
}

#[test]
fn what_is_no_case_and_what_nobody_has_is_said_at_the_field() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto("/firms/hartwell/connect");
    page.fill(LABEL, "\"><img src=x onerror=alert(1)>");
    page.click("Find");
    page.wait_for_text("write the case's number");
    assert_eq!(page.value(LABEL), "\"><img src=x onerror=alert(1)>", "what was typed is there to be put right");
    assert_eq!(page.count("main img"), 0);
    page.inspect("connect-refused");

    page.fill(LABEL, "49999");
    page.click("Find");
    page.wait_for_text("no case of this number");
    assert!(!page.offers("Confirm"));
    page.inspect("connect-unknown");
}

#[test]
fn a_vendor_that_is_down_is_named_and_nothing_is_lost() {
    let console = Console::of(cases(), &rules().resigned());
    let page = console.signed_in_as(Role::Staff("hartwell"));
    console.hartwell.always(Fault::Refused(503), |call: &Call| call.vendor == Vendor::Casepeer);
    page.goto("/firms/hartwell/connect?case=48300");
    page.wait_for_text("CASEpeer");
    page.wait_for_text("503");
    assert_eq!(page.value(LABEL), "48300");
    page.inspect("connect-vendor-down");
    console.hartwell.mend();
    page.click("Find");
    page.wait_for_text("What will be pushed");
}
