//! The activity of all firms.

use crate::console::{Console, Role, cases, rules};
use crate::support::vendors::{Fault, Vendor};

#[test]
fn all_is_well_until_a_firm_fails_and_then_its_page_is_one_click_away() {
    let console = Console::of(cases(), &rules().resigned());
    let page = console.signed_in_as(Role::Support);
    page.wait_for_text("All is well");
    page.wait_for_text("Nothing ran yet");
    page.inspect("activity-well");

    console.host.run(&["sync", "okafor"]).exits(0);
    console.hartwell.always(Fault::Refused(503), |call| call.vendor == Vendor::Casepeer);
    console.host.run(&["sync", "hartwell"]).exits(1);
    page.reload();
    page.wait_for_text("Hartwell Injury Law");
    let troubled = page.text("[aria-labelledby=troubled]");
    assert!(troubled.contains("The last sync failed: CASEpeer") && troubled.contains("since "), "{troubled}");
    assert!(troubled.contains(" UTC") && !troubled.contains("Okafor"), "{troubled}");
    page.inspect("activity-failing");
    page.click("See why of Hartwell Injury Law");
    page.until("it is at the run", || page.path().starts_with("/runs/"));
    page.wait_for_text("CASEpeer");
    page.back();
    page.click_in("[aria-labelledby=troubled]", "Hartwell Injury Law");
    page.wait_for_path("/firms/hartwell");
    page.wait_for_text("The last sync failed");
    page.inspect("overview-failing");
}

#[test]
fn viewers_of_all_firms_see_it_and_nothing_that_they_may_not_do() {
    let console = Console::prepared(cases(), &rules(), |host| {
        host.write("rules/okafor.yaml", "name: Okafor\nstagess: 1\n");
    });
    let page = console.signed_in_as(Role::Viewer(None));
    page.wait_for_text("Its rules have faults, and nothing runs for it");
    assert!(!page.offered().iter().any(|name| name.starts_with("See the faults") || name == "Add a firm"), "{:?}", page.offered());
    page.inspect("activity-viewer");
    page.goto("/firms/okafor");
    page.wait_for_text("Nothing runs");
    page.inspect("overview-rejected");
}
