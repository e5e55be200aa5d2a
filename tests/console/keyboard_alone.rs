//! One thing from its beginning to its end by someone who has a keyboard and no mouse.

use fantoccini::key::Key;

use crate::console::{Console, Role};

#[test]
fn a_firm_is_found_and_its_rules_are_edited_by_keyboard_alone() {
    let console = Console::open();
    let (email, password) = console.add(Role::Support);
    let page = console.page();
    page.goto("/sign-in");
    // The first field has the keyboard already.
    page.types(&email);
    page.press(Key::Tab);
    page.types(password);
    page.press(Key::Enter);
    page.wait_for_path("/");
    page.keyboard_reaches("Skip to the content");
    page.press(Key::Enter);
    page.until("the content has the keyboard", || page.script("return document.activeElement.id", Vec::new()) == "main");
    page.reload();
    page.keyboard_reaches("Firms");
    page.press(Key::Enter);
    page.wait_for_path("/firms");
    page.keyboard_reaches("Name or id");
    page.types("hartwell");
    page.press(Key::Enter);
    page.wait_for_path("/firms?find=hartwell");
    page.keyboard_reaches("Hartwell Injury Law");
    page.press(Key::Enter);
    page.wait_for_path("/firms/hartwell");
    page.keyboard_reaches("Rules");
    page.press(Key::Enter);
    page.wait_for_path("/firms/hartwell/rules");
    page.keyboard_reaches("Rules, as YAML");
    page.types("# Looked at in spring.");
    page.press(Key::Enter);
    // Tab leaves the editor.
    page.keyboard_reaches("Save");
    page.press(Key::Enter);
    page.until("the file is written", || console.host.read("rules/hartwell.yaml").starts_with("# Looked at in spring.\nname: "));
    page.wait_for_text("In order");
    page.no_console_errors();
}
