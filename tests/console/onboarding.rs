//! The set-up of a firm: from *Add a firm* to *Enable*, and all that may be typed wrong on the way.

use std::fs;

use crate::console::{Console, Role, cases, rules};
use crate::page::Page;
use crate::support::host::Host;
use crate::support::vendors::{Vendor, Vendors, World};

/// Lets keys be typed.
fn seals(host: &mut Host) {
    let key = host.run(&["secret", "new-key"]).exits(0).stdout.trim_end().to_owned();
    host.set("SEAL", &key);
    host.set("CASEBRIDGE_SEAL_KEY", "${env:SEAL}");
}

/// The vendors of a firm that nobody has set up yet, with keys of its own.
fn marlowe() -> Vendors {
    let mut world = World::of(61_001..=61_004);
    world.restage(61_002, "Negotiation", "2026-11-02T12:00:00Z");
    world.unconnected(61_005);
    world.casepeer_key = "cpk-of-marlowe-77".to_owned();
    world.case_status_key = "csk-of-marlowe-77".to_owned();
    Vendors::boot(world)
}

/// Fills the form of a new firm, its keys left out.
fn fill(page: &Page, vendors: &Vendors) {
    page.fill("Name", "Marlowe & Ash");
    page.fill("Firm ID", "marlowe");
    page.fill("Time zone", "America/Denver");
    page.fill("CASEpeer's address", &vendors.base_url(Vendor::Casepeer));
    page.fill("Case Status's address", &vendors.base_url(Vendor::CaseStatus));
}

fn letters(console: &Console) -> Vec<String> {
    let files = console.host.files().into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "eml"));
    files.map(|path| fs::read_to_string(path).unwrap_or_default()).collect()
}

#[test]
fn support_sets_a_firm_up_from_its_name_to_enable() {
    let console = Console::prepared(cases(), &rules(), seals);
    let vendors = marlowe();
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms");
    page.click("Add a firm");
    page.wait_for_path("/firms/new");
    page.inspect("set-up-new");
    fill(&page, &vendors);
    page.fill("CASEpeer's key", "a-key-mistyped-4711");
    page.fill("Case Status's key", "csk-of-marlowe-77");
    page.click("Add and go on");
    page.wait_for_path("/firms/marlowe/set-up");
    assert_eq!(page.text(".firm-name"), "Marlowe & Ash");
    page.inspect("set-up-keys");

    // One key is wrong: which, and what the vendor said.
    page.click("Test connection");
    page.wait_for_text("Case Status takes the key");
    page.wait_for_text("CASEpeer refuses the key (401)");
    assert!(!page.offers("On to the mapping"));
    page.inspect("set-up-key-wrong");
    page.fill("CASEpeer's key", "cpk-of-marlowe-77");
    page.click("Save keys");
    page.wait_for_no_text("Case Status takes the key");
    page.click("Test connection");
    page.wait_for_text("CASEpeer takes the key");
    page.inspect("set-up-keys-proved");
    let file = console.host.read("rules/marlowe.yaml");
    assert!(file.contains("${secret:marlowe/casepeer-") && !file.contains("cpk-of-marlowe"), "{file}");
    assert!(!page.script("return document.documentElement.outerHTML", Vec::new()).to_string().contains("cpk-of-marlowe"));

    // What nobody mapped comes first, and comments stay.
    console.host.write("rules/marlowe.yaml", &format!("# Agreed with Ms Ash\n{file}# and this stays\n"));
    page.click("On to the mapping");
    page.wait_for_path("/firms/marlowe/set-up/mapping");
    page.wait_for_text("3 lines are not mapped yet");
    page.inspect("set-up-mapping-unmapped");
    page.fill("Practice area of Auto Accident", "Motor Vehicle (8 stages)");
    page.fill("Stage of Treating in Auto Accident", "3");
    page.click("See what it moves");
    page.click("Save mapping");
    page.wait_for_text("1 line is not mapped yet");
    let first = page.text("section[aria-labelledby=stages] tbody tr");
    assert!(first.contains("Negotiation"), "what is not mapped comes first: {first}");
    page.inspect("set-up-mapping");
    page.fill("Stage of Negotiation in Auto Accident", "6 · Stage 6");
    page.click("See what it moves");
    page.click("Save mapping");
    page.wait_for_text("Everything that the firm's cases have is mapped.");
    page.inspect("set-up-mapped");
    let file = console.host.read("rules/marlowe.yaml");
    for kept in ["# Agreed with Ms Ash", "# and this stays", "# switched on at the end of the set-up", "Negotiation", "Motor Vehicle"] {
        assert!(file.contains(kept), "{kept}: {file}");
    }

    page.click("On to test cases");
    page.inspect("set-up-cases-none");
    page.fill("Integration IDs or CASEpeer URLs", "61002, 61005 https://marlowe.casepeer.com/case/61001/ 69999");
    page.click("Look at them");
    page.wait_for_text("61002 · Jane Zyskowski61002");
    page.inspect("set-up-cases");
    assert!(vendors.journal().writes().is_empty(), "the set-up writes nothing");

    page.click("On to Enable");
    page.wait_for_path("/firms/marlowe/set-up/enable");
    page.inspect("set-up-enable");
    page.click_in("main form", "Enable");
    page.wait_for_path("/firms/marlowe");
    page.inspect("set-up-enabled");
    page.until("the mail is there", || {
        letters(&console).iter().any(|letter| letter.contains("Subject: ") && letter.contains("Marlowe & Ash"))
    });
    let letter = letters(&console).into_iter().find(|letter| letter.contains("Marlowe & Ash")).expect("a letter");
    assert!(letter.contains(&Role::Support.email()) && letter.to_lowercase().contains("set-up"), "{letter}");
    let audit = console.host.run(&["audit", "--json"]).stdout;
    assert!(!audit.contains("cpk-of-marlowe") && !audit.contains("4711"), "{audit}");
}

#[test]
fn what_is_typed_wrong_is_said_and_nothing_typed_is_lost() {
    let console = Console::prepared(cases(), &rules(), |host| {
        seals(host);
        host.set("MARLOWE_CASEPEER_KEY", "cpk-of-marlowe-77");
        host.set("MARLOWE_CASE_STATUS_KEY", "csk-of-marlowe-77");
    });
    let vendors = marlowe();
    let page = console.signed_in_as(Role::Support);
    let try_with = |label: &str, value: &str| {
        page.goto("/firms/new");
        fill(&page, &vendors);
        page.fill("or where it is (CASEpeer's key)", "${env:MARLOWE_CASEPEER_KEY}");
        page.fill("or where it is (Case Status's key)", "${env:MARLOWE_CASE_STATUS_KEY}");
        // What the browser itself would keep back goes to the host too.
        page.script("document.querySelectorAll('main form').forEach(form => form.noValidate = true)", Vec::new());
        page.fill(label, value);
        page.click("Add and go on");
        page.wait_for_text("No firm was added");
        assert_eq!(page.value(label), value);
    };
    try_with("Firm ID", "hartwell");
    page.wait_for_text("there is a firm of this id already");
    page.inspect("set-up-new-exists");
    try_with("Firm ID", "../etc");
    page.wait_for_text("a-z, 0-9");
    try_with("Time zone", "America/Hartford-ish");
    page.wait_for_text("Hartford-ish");
    page.inspect("set-up-new-bad-zone");
    try_with("CASEpeer's address", "casepeer dot com");
    page.wait_for_text("base_url");
    page.inspect("set-up-new-bad-address");
    try_with("Name", "");
    assert!(!console.host.path("rules/marlowe.yaml").exists());
}

#[test]
fn keys_are_named_by_where_they_are_when_the_host_cannot_seal() {
    let vendors = marlowe();
    let console = Console::prepared(cases(), &rules(), |host| {
        host.set("MARLOWE_CASEPEER_KEY", "cpk-of-marlowe-77");
        host.set("MARLOWE_CASE_STATUS_KEY", "csk-of-marlowe-77");
    });
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/new");
    page.wait_for_text("Keys cannot be typed here");
    page.inspect("set-up-new-unsealed");
    fill(&page, &vendors);
    page.fill("or where it is (CASEpeer's key)", "cpk-of-marlowe-77");
    page.click("Add and go on");
    page.wait_for_text("a key itself goes into the field for keys");
    page.no_console_errors();
    page.fill("or where it is (CASEpeer's key)", "${env:MARLOWE_CASEPEER_KEY}");
    page.fill("or where it is (Case Status's key)", "${env:MARLOWE_CASE_STATUS_KEY}");
    page.click("Add and go on");
    page.wait_for_path("/firms/marlowe/set-up");
    page.click("Test connection");
    page.wait_for_text("CASEpeer takes the key");
    page.wait_for_text("Case Status takes the key");
    // A place where nothing is leaves the firm as it was.
    page.fill("or where it is (Case Status's key)", "${env:MARLOWE_NOT_SET}");
    page.click("Save keys");
    page.wait_for_text("NOT_SET");
    page.inspect("set-up-keys-refused");
    assert!(!console.host.read("rules/marlowe.yaml").contains("NOT_SET"));
}

#[test]
fn a_firm_is_not_enabled_by_keys_that_are_refused() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    console.hartwell.world().case_status_key = "another-since".to_owned();
    page.goto("/firms/hartwell/set-up/enable");
    page.click_in("main form", "Enable");
    page.wait_for_text("Not enabled: a key is not proved");
    page.inspect("set-up-enable-refused");
    assert!(letters(&console).is_empty());
    page.goto("/firms/hartwell/set-up/mapping");
    page.wait_for_text("The firm's cases cannot be looked at now");
    page.inspect("set-up-mapping-refused");
    page.goto("/firms/hartwell/set-up/cases?cases=1+2+3+4+5+6");
    page.wait_for_text("at most 5 cases");
    page.inspect("set-up-cases-refused");
}

#[test]
fn the_set_up_is_for_support_alone() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    assert!(!page.offers("Set-up"));
    for path in ["/firms/new", "/firms/hartwell/set-up", "/firms/hartwell/set-up/mapping", "/firms/hartwell/set-up/enable"] {
        page.goto(path);
        assert_eq!(page.count("main form"), 0, "{path}");
    }
}
