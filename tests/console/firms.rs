//! The list of firms.

use fantoccini::key::Key;

use crate::console::{Console, Role, cases, rules};

#[test]
fn support_finds_a_firm_by_its_name_or_its_id() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.click("Firms");
    page.wait_for_text("2 firms");
    page.inspect("firms");
    page.fill("Name or id", "LINDQVIST");
    page.press(Key::Enter);
    page.wait_for_path("/firms?find=LINDQVIST");
    page.wait_for_text("Okafor & Lindqvist");
    assert_eq!(page.count("tbody tr"), 1);
    page.fill("Name or id", "hartw");
    page.click("Find");
    page.wait_for_path("/firms?find=hartw");
    page.click("Hartwell Injury Law");
    page.wait_for_path("/firms/hartwell");
    page.goto("/firms?find=%3Cscript%3E");
    page.wait_for_text("No firm's name or id has “<script>” in it.");
    page.inspect("firms-none");
    page.click("Show all firms");
    page.wait_for_text("2 firms");
}

#[test]
fn firms_of_long_names_and_many_troubles_fit_the_page() {
    let name = format!("\"Hartwell, {} & Associates, Attorneys at Law\"", "Montgomery-Featherstonehaugh, ".repeat(4));
    let console = Console::prepared(cases(), &rules().with("name", &name), |host| {
        host.write("rules/a-firm-whose-id-is-as-long-as-one-can-be-without-end.yaml", "name: [\n");
    });
    let page = console.signed_in_as(Role::Support);
    page.inspect("activity-long");
    page.goto("/firms");
    page.wait_for_text("3 firms");
    page.inspect("firms-long");
    page.goto("/firms/hartwell");
    page.inspect("overview-long");
}
