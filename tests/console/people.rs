//! The people who may sign in.

use crate::console::{Console, Role};

#[test]
fn somebody_is_added_given_another_role_and_password_and_kept_out() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.click("People");
    let add = |email: &str, password: &str| {
        page.fill("E-mail", email);
        page.fill("Role", "staff: works for one firm");
        page.fill("Firm", "hartwell");
        page.fill("Password", password);
        page.click("Add");
    };
    add("jo@hartwell.example", "jo@hartwell.example");
    page.wait_for_text("Nothing was changed: this password is among the first that anybody would try");
    assert_eq!((page.value("E-mail").as_str(), page.value("Firm").as_str()), ("jo@hartwell.example", "hartwell"));
    page.inspect("people-refused");
    add("jo@hartwell.example", "rain on a tin roof");
    page.wait_for_text("staff of hartwell");
    page.inspect("people");
    add("jo@hartwell.example", "rain on a tin roof");
    page.wait_for_text("jo@hartwell.example is there already");

    let theirs = console.page();
    let sign_in = |password: &str| {
        theirs.goto("/sign-in");
        theirs.fill("E-mail", "jo@hartwell.example");
        theirs.fill("Password", password);
        theirs.click("Sign in");
    };
    let choose = |current: &str, new: &str| {
        theirs.wait_for_text("Choose your own to go on");
        theirs.fill("Current password", current);
        theirs.fill("New password", new);
        theirs.fill("Repeat new password", new);
        theirs.click("Change password");
        theirs.wait_for_text("Your password is changed");
    };
    sign_in("rain on a tin roof");
    theirs.wait_for_text("Choose your own to go on");
    theirs.inspect("account-one-time");
    choose("rain on a tin roof", "hail on a tin roof");
    theirs.goto("/firms/hartwell");
    assert!(theirs.offers("Connect to Case Status"));

    page.click("Change jo@hartwell.example");
    page.inspect("people-change");
    assert_eq!(page.script("return document.querySelector('tbody details[open] select').value", Vec::new()), "staff");
    page.fill_in("tbody", "Role", "viewer: reads only");
    page.click("Change role");
    page.wait_for_text("viewer of hartwell");
    theirs.reload();
    assert!(!theirs.offers("Connect to Case Status"));

    page.click("Change jo@hartwell.example");
    page.fill("New password", "snow on a tin roof");
    page.click("Set password");
    page.until("the page is anew", || !page.offers("Set password"));
    theirs.reload();
    assert_eq!(theirs.text("h1"), "Sign in");
    sign_in("snow on a tin roof");
    choose("snow on a tin roof", "sleet on a tin roof");

    page.click("Change jo@hartwell.example");
    page.click("Disable sign-in");
    page.wait_for_text("disabled");
    page.inspect("people-kept-out");
    theirs.reload();
    assert_eq!(theirs.text("h1"), "Sign in");
    sign_in("sleet on a tin roof");
    theirs.wait_for_text("Not signed in");

    page.click("Change jo@hartwell.example");
    page.click("Enable sign-in");
    page.wait_for_no_text("disabled");
    sign_in("sleet on a tin roof");
    theirs.wait_for_path("/firms/hartwell");
}
