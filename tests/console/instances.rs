//! The instances that serve from one store.

use crate::console::{Console, Role, cases, rules};

#[test]
fn support_sees_the_machine_that_serves_and_by_which_rules() {
    let console = Console::of(cases(), &rules());
    let page = console.signed_in_as(Role::Support);
    page.goto("/instances");
    page.until("it serves both firms", || {
        page.reload();
        page.text("[data-label=Firms]") == "2"
    });
    page.wait_for_text("up to date");
    page.wait_for_text("shows this page");
    assert_eq!(page.count("tbody tr"), 1);
    page.inspect("instances");
}
