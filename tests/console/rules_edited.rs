//! The editor of a firm's rules.

use crate::console::{Console, Role};
use crate::support::rules::line_of;

const FIELD: &str = "Rules, as YAML";

/// What is marked in the field that has the keyboard.
const MARKED: &str = "const at = document.activeElement; return at.id + ': ' + at.value.slice(at.selectionStart, at.selectionEnd)";

#[test]
fn a_fault_shows_while_typing_is_not_saved_and_is_mended() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/hartwell");
    page.click("Rules");
    page.wait_for_text("In order: no faults.");
    page.inspect("rules");

    let before = console.host.read("rules/hartwell.yaml");
    assert_eq!(page.value(FIELD), before);
    let faulty = before.replace("Hartwell Injury Law", "Hartwell & Partners").replace("to: 7 }", "to: 77 }");
    page.fill(FIELD, &faulty);
    page.wait_for_text("1 thing to look at");
    let line = line_of(&faulty, "to: 77");
    let fault = page.text("#checked .diagnostic");
    assert!(fault.contains(&format!("hartwell.yaml:{line}:")) && fault.contains("Litigation, to: 77"), "{fault}");
    assert!(fault.lines().count() >= 4, "it says what to do: {fault}");
    assert_eq!(page.count(".editor-lines span"), faulty.split('\n').count());
    page.inspect("rules-faulty");
    let place = page.text("#checked .diagnostic a");
    page.click(&place);
    let marked = page.script(MARKED, Vec::new());
    assert_eq!(marked, format!("rules-text: {}", faulty.lines().nth(line - 1).expect("a line")));

    page.click("Save");
    page.wait_for_text("Nothing was saved: the text has faults.");
    assert_eq!(page.value(FIELD), faulty);
    assert_eq!(console.host.read("rules/hartwell.yaml"), before);
    page.inspect("rules-refused");

    let mended = before.replace("Hartwell Injury Law", "Hartwell & Partners");
    page.fill(FIELD, &mended);
    page.wait_for_text("In order: no faults.");
    page.click("Save");
    page.wait_for_text("Hartwell & Partners");
    page.until("the page is the editor again", || page.path() == "/firms/hartwell/rules");
    assert_eq!(console.host.read("rules/hartwell.yaml"), mended);
    page.inspect("rules-saved");

    // What it changed, and back to what was before.
    page.until("both edits have a receipt", || page.count("[aria-labelledby=edits] tbody tr") == 2);
    let offered = page.offered();
    let receipts: Vec<&String> = offered.iter().filter(|name| name.starts_with("What it changed")).collect();
    page.click(receipts[0]);
    page.wait_for_text("+ name: Hartwell & Partners");
    page.wait_for_text("− name: Hartwell Injury Law");
    page.inspect("receipt");
    page.back();
    page.click(receipts[1]);
    page.wait_for_text("Put this revision back");
    page.inspect("receipt-put-back");
    page.click("Put back");
    page.wait_for_path("/firms/hartwell/rules");
    page.wait_for_text("Hartwell Injury Law");
    assert_eq!(console.host.read("rules/hartwell.yaml"), before);
    page.goto("/audit?firm=hartwell");
    page.wait_for_text("rules edited");
    page.wait_for_text("rules put back");
}

#[test]
fn what_somebody_else_saved_meanwhile_is_shown_and_not_overwritten() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/hartwell/rules");
    let before = console.host.read("rules/hartwell.yaml");
    let theirs = before.replace("Hartwell Injury Law", "Hartwell of Boston");
    console.host.write("rules/hartwell.yaml", &theirs);
    let mine = before.replace("Hartwell Injury Law", "Hartwell & Partners");
    page.fill(FIELD, &mine);
    page.click("Save");
    page.wait_for_text("somebody else changed the file after you opened it");
    page.wait_for_text("+ name: Hartwell of Boston");
    assert_eq!(page.value(FIELD), mine);
    assert_eq!(console.host.read("rules/hartwell.yaml"), theirs);
    page.inspect("rules-overtaken");
    page.click("Save");
    page.wait_for_no_text("somebody else changed the file");
    assert_eq!(console.host.read("rules/hartwell.yaml"), mine);
}

#[test]
fn a_text_of_long_lines_and_many_faults_fits_the_page() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.goto("/firms/hartwell/rules");
    let mut text = console.host.read("rules/hartwell.yaml");
    for number in 0..12 {
        text.push_str(&format!("key_that_is_none_{number}: {}\n", "word".repeat(60)));
    }
    page.fill(FIELD, &text);
    page.wait_for_text("things to look at");
    page.inspect("rules-many-faults");
}
