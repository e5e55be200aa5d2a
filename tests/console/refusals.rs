//! What people see at addresses that are not there, or not theirs.

use crate::console::{Console, Role};

#[test]
fn what_is_not_there_and_what_is_not_theirs_is_said_on_a_page_that_leads_on() {
    let console = Console::open();
    let run = console.host.run(&["sync", "okafor", "--json"]).exits(0).run().text("run_id").to_owned();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    for (path, said) in [
        ("/firms/nobody", "There is no such firm."),
        ("/firms/okafor", "There is no such firm."),
        (&format!("/runs/{run}"), "There is no such run."),
        ("/runs/not-a-run", "There is no such run."),
    ] {
        page.goto(path);
        page.wait_for_text(said);
        assert_eq!(page.text("h1"), "Not found", "{path}");
        assert!(!page.all_text().contains("Okafor"));
        assert!(page.offers("My firm"), "the menu leads on");
        page.no_console_errors();
    }
    page.inspect("not-found");
    for path in ["/firms/hartwell/rules", "/people", "/audit", "/letters"] {
        page.goto(path);
        page.wait_for_text("Your role does not let you do this; ask your integration support.");
        assert_eq!(page.text("h1"), "Not allowed", "{path}");
        page.no_console_errors();
    }
    page.inspect("not-allowed");
    page.click("Go to the start");
    page.wait_for_path("/firms/hartwell");
    page.no_console_errors();
}

#[test]
fn support_is_told_of_firms_that_are_not_there() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    for path in ["/firms/nobody", "/firms/nobody/rules", "/firms/nobody/connect", "/firms/..%2Fhartwell", "/firms/nobody/runs"] {
        page.goto(path);
        page.wait_for_text("There is no such firm.");
    }
    page.goto("/letters/999");
    page.wait_for_text("here is nothing at this address");
}
