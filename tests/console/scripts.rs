//! Scripts: read, run without writing, and then for real.

use crate::console::{Console, Role, cases, rules};

const MOVE: &str = r#"// Moves the listed cases to the stage beside each.
let only = run.arg("only");
let moved = 0;
for row in run.input {
    let result = case_status.update_case(parse_int(row["case"]), #{ stage: parse_int(row["stage"]) });
    if result.ok { moved += 1; }
}
log.info(`<b>only</b> ${only}`);
`moved ${moved} cases`
"#;

/// A host with these scripts.
fn with(scripts: &[(&str, &str)]) -> Console {
    Console::prepared(cases(), &rules(), |host| {
        host.folder("scripts");
        scripts.iter().for_each(|(name, text)| host.write(&format!("scripts/{name}"), text));
    })
}

#[test]
fn support_sees_what_a_script_would_do_and_then_does_it() {
    let console = with(&[("move.rhai", MOVE)]);
    console.host.write("cases.csv", "case,stage\n48211,4\n48212,4\n");
    let page = console.signed_in_as(Role::Support);
    page.click("Scripts");
    page.wait_for_path("/scripts");
    page.inspect("scripts");
    page.click("move.rhai");
    page.wait_for_path("/scripts/move.rhai");
    page.wait_for_text("The script asks for only.");
    page.inspect("script");

    // A line without a value is shown with what is missing, and stays.
    page.fill("Firm", "hartwell");
    page.fill("Arguments", "only");
    page.click("See what it would do");
    page.wait_for_text("write NAME=VALUE");
    assert_eq!(page.value("Arguments"), "only");
    page.inspect("script-refused");

    page.fill("Arguments", "only=\"><img src=x onerror=alert(1)>");
    page.fill("A CSV file with a header", console.host.path("cases.csv").to_str().expect("a path"));
    page.click("See what it would do");
    page.wait_for_text("moved 2 cases");
    page.wait_for_text("2 clients get a satisfaction survey");
    page.wait_for_text("<b>only</b> \"><img src=x onerror=alert(1)>");
    assert_eq!(page.count("main img") + page.count("main pre b"), 0);
    assert!(console.hartwell.journal().writes().is_empty(), "a look writes nothing");
    page.inspect("script-look");

    let look = page.path();
    page.click("Apply");
    page.until("the run is shown", || page.path().starts_with("/runs/") && page.path() != look);
    page.until("it ends", || page.text("main .badge") == "succeeded");
    page.wait_for_text("2 updated");
    page.inspect("script-done");
    assert_eq!(console.hartwell.journal().patches().len(), 2);
}

#[test]
fn faults_lead_to_their_lines() {
    let console = with(&[("faulty.rhai", "// Has a fault.\ncasepeer.list_casse();\n"), ("sound.rhai", "// Does nothing.\n1\n")]);
    let page = console.signed_in_as(Role::Support);
    page.goto("/scripts");
    page.wait_for_text("1 fault");
    page.inspect("scripts-faulty");
    page.click("scripts/faulty.rhai:2:10");
    page.wait_for_path("/scripts/faulty.rhai#line-2");
    page.wait_for_text("it cannot be run");
    assert_eq!(page.text(".faulty").trim(), "casepeer.list_casse();");
    page.inspect("script-faulty");
}

#[test]
fn a_folder_without_scripts_says_what_to_do() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.goto("/scripts");
    page.wait_for_text("Put a script into it, and it is here.");
    page.inspect("scripts-none");
    let staff = console.signed_in_as(Role::Staff("hartwell"));
    assert!(!staff.offers("Scripts"));
}
