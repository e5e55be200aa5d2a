//! One's own account: another password, and an end of every session.

use crate::console::{Console, Role};

#[test]
fn who_changes_their_password_is_signed_out_everywhere_else() {
    let console = Console::open();
    let elsewhere = console.signed_in_as(Role::Staff("hartwell"));
    let page = console.signed_in_as(Role::Staff("hartwell"));
    let (email, password) = console.add(Role::Staff("hartwell"));
    page.click(&email);
    page.wait_for_path("/account");
    page.wait_for_text("staff of hartwell");
    page.inspect("account");
    let change = |current: &str, new: &str, again: &str| {
        page.fill("Current password", current);
        page.fill("New password", new);
        page.fill("Repeat new password", again);
        page.click("Change password");
    };
    change("four words in a rue", "rain on a tin roof", "rain on a tin roof");
    page.wait_for_text("the current password is not right");
    page.inspect("account-refused");
    change(password, "rain on a tin roof", "rain on a tin hoof");
    page.wait_for_text("was not typed the same twice");
    page.no_console_errors();
    elsewhere.reload();
    elsewhere.wait_for_path("/firms/hartwell");

    change(password, "rain on a tin roof", "rain on a tin roof");
    page.wait_for_text("Your password is changed");
    page.inspect("account-changed");
    elsewhere.reload();
    elsewhere.fill("E-mail", &email);
    elsewhere.fill("Password", password);
    elsewhere.click("Sign in");
    elsewhere.wait_for_text("Not signed in");
    elsewhere.fill("Password", "rain on a tin roof");
    elsewhere.click("Sign in");
    elsewhere.wait_for_path("/firms/hartwell");

    page.click("Sign out everywhere");
    page.wait_for_path("/sign-in");
    elsewhere.reload();
    assert_eq!(elsewhere.text("h1"), "Sign in");
}
