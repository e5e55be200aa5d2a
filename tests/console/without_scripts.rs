//! The console in a browser that runs no scripts.

use crate::console::{Console, Role};

#[test]
fn pages_read_and_forms_work() {
    let console = Console::open();
    console.host.run(&["sync", "hartwell"]).exits(0);
    let (email, password) = console.add(Role::Support);
    let page = console.page();
    page.switch_scripts_off();
    page.goto("/sign-in");
    page.fill("E-mail", &email);
    page.fill("Password", password);
    page.click("Sign in");
    page.wait_for_path("/");
    for (link, heading) in
        [("Firms", "Firms"), ("Runs", "Runs"), ("Dead letters", "Dead letters"), ("People", "People"), ("Audit", "Audit")]
    {
        page.click_in("nav.menu", link);
        page.until(&format!("{heading} is there"), || page.text("h1") == heading);
    }
    page.fill("Firm", "okafor");
    page.click("Show");
    page.until("the log is that of the firm", || page.path().starts_with("/audit") && page.count("tbody tr") == 1);

    page.goto("/firms/hartwell");
    for (link, heading) in
        [("Connect to Case Status", "Connect to Case Status"), ("Sync with CasePeer", "Sync with CasePeer"), ("Runs", "Runs")]
    {
        page.click_in(".tabs", link);
        page.until(&format!("{heading} is there"), || page.text("h1") == heading);
    }
    page.click_in(".tabs", "Overview");
    page.click("Off Nightly sync");
    page.until("it is on", || page.offers("On Nightly sync"));

    page.click_in(".tabs", "Rules");
    page.until("the editor is there", || page.text("h1") == "Rules");
    assert_eq!(page.count(".editor-lines span"), 0, "no script has numbered the lines");
    let before = console.host.read("rules/hartwell.yaml");
    page.fill("Rules, as YAML", &before.replace("to: 7 }", "to: 77 }"));
    page.click("Save");
    page.wait_for_text("Nothing was saved: the text has faults.");
    page.wait_for_text("Litigation, to: 77");
    let mended = before.replace("Hartwell Injury Law", "Hartwell & Partners");
    page.fill("Rules, as YAML", &mended);
    page.click("Save");
    page.until("the firm has its new name", || page.text(".firm-name") == "Hartwell & Partners");
    assert_eq!(console.host.read("rules/hartwell.yaml"), mended);
    page.click("Sign out");
    page.wait_for_path("/sign-in");
}
