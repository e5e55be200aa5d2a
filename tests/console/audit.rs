//! The audit log, narrowed and exported.

use crate::console::{Console, Role};

/// Fetches what the link for the export leads to.
const EXPORT: &str = "const done = arguments[0];
    fetch(document.querySelector('a[href^=\"/audit.csv\"]').href).then(answer => answer.text()).then(done)";

#[test]
fn support_finds_out_who_changed_what_and_takes_it_along() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/hartwell");
    page.click("Off Nightly sync");
    page.until("it is on", || page.offers("On Nightly sync"));
    page.goto("/audit");
    let lines = page.count("tbody tr");
    assert!(lines >= 3, "{}", page.all_text());
    page.inspect("audit");

    page.fill("Firm", "hartwell");
    // What was done last, and that the firm was enabled before.
    page.until("the log is that of the firm", || page.count("tbody tr") == 2);
    let line = page.text("tbody tr");
    let shown = ["sam@support.example", "firm set", "schedule.nightly_sync.enabled", "false → true"];
    assert!(shown.iter().all(|text| line.contains(text)), "{line}");
    let csv = page.script_that_calls_back(EXPORT, Vec::new()).as_str().expect("a text").to_owned();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert!(rows[1].contains("sam@support.example,firm_set,hartwell,schedule.nightly_sync.enabled,false,true"), "{csv}");

    page.goto("/audit?firm=okafor&action=firm_set");
    page.wait_for_text("Nothing was changed");
    page.inspect("audit-empty");
    page.goto("/audit?who=%3Cb%3Enobody%3C%2Fb%3E");
    page.wait_for_text("Nothing was changed");
    assert_eq!(page.value("Who"), "<b>nobody</b>");
}
