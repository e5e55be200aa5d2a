//! A firm's overview, and the switches of what runs by itself.

use crate::console::{Console, Role, cases, rules};

const SCHEDULE: &str = "  # As agreed with Ann.
  nightly_sync:
    enabled: false # until the first sync is through
  stage_sync: { enabled: false }
  message_sync: { enabled: false }
  document_sync: { enabled: false }";

#[test]
fn support_switches_the_nightly_sync_on_and_off_again() {
    let console = Console::of(cases(), &rules().with("schedule", SCHEDULE));
    let before = console.host.read("rules/hartwell.yaml");
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/hartwell");
    page.inspect("overview");
    page.click("Off Nightly sync");
    page.until("it is on", || page.offers("On Nightly sync"));
    assert_eq!(page.path(), "/firms/hartwell");
    let on = before.replace("enabled: false # until", "enabled: true # until");
    assert_ne!(on, before);
    assert_eq!(console.host.read("rules/hartwell.yaml"), on);
    // In the zone of the firm, whatever the season.
    let nightly = page.text("[aria-labelledby=schedules] tbody tr");
    assert!(nightly.contains("daily at 9:00 PM") && nightly.contains(" 9:00 PM E"), "{nightly}");
    page.inspect("overview-on");

    for role in [Role::Staff("hartwell"), Role::Viewer(Some("hartwell"))] {
        let theirs = console.signed_in_as(role);
        theirs.wait_for_path("/firms/hartwell");
        assert_eq!(theirs.text("td[data-label=Next]"), page.text("td[data-label=Next]"));
        assert_eq!(theirs.text("td[data-label=Switch]"), "on");
        assert_eq!(theirs.count(".switch"), 0);
        assert_eq!(theirs.offers("Sync with CasePeer"), role == Role::Staff("hartwell"));
        theirs.inspect(if role == Role::Staff("hartwell") { "overview-staff" } else { "overview-viewer" });
    }

    page.click("On Nightly sync");
    page.until("it is off", || page.offers("Off Nightly sync"));
    assert_eq!(console.host.read("rules/hartwell.yaml"), before);
}

#[test]
fn a_switch_in_a_file_with_faults_changes_nothing_and_says_why() {
    let console = Console::of(cases(), &rules().with("schedule", SCHEDULE));
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/hartwell");
    let faulty = console.host.read("rules/hartwell.yaml").replace("to: 7 }", "to: 77 }");
    console.host.write("rules/hartwell.yaml", &faulty);
    page.click("Off Nightly sync");
    page.wait_for_text("The schedule was not changed");
    page.wait_for_text("Litigation, to: 77");
    page.inspect("overview-not-switched");
    assert_eq!(console.host.read("rules/hartwell.yaml"), faulty);
}
