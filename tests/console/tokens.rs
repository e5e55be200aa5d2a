//! API tokens: made, shown once, copied, revoked.

use crate::console::{Console, Role};

#[test]
fn a_token_is_made_copied_used_and_revoked() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.goto("/people");
    page.click("API tokens");
    page.wait_for_text("No tokens yet");
    page.inspect("tokens-none");
    page.fill("Name", "two words");
    page.fill("Role", "viewer: reads only");
    page.click("Make token");
    page.wait_for_text("No token was made");
    page.inspect("tokens-refused");
    page.fill("Name", "reporting");
    page.fill("Lasts for (days)", "90");
    page.click("Make token");
    page.wait_for_text("reporting is made");
    let token = page.text("#token");
    page.inspect("tokens-made");
    page.allow_clipboard();
    page.click("Copy");
    page.wait_for_text("Copied");
    assert_eq!(page.clipboard(), token);
    console.serving.get_as(&token, "/api/v1/firms").answers(200);

    page.goto("/tokens");
    page.wait_for_text("viewer of all firms");
    assert!(!page.script("return document.documentElement.outerHTML", Vec::new()).as_str().expect("HTML").contains(&token));
    page.inspect("tokens");
    page.click("Revoke reporting");
    page.wait_for_text("revoked");
    assert!(!page.offers("Revoke reporting"));
    console.serving.get_as(&token, "/api/v1/firms").answers(401);
    page.no_console_errors();
}
