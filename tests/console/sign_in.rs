//! Signing in and out.

use fantoccini::key::Key;

use crate::console::{Console, Role};
use crate::screen::Width;

#[test]
fn support_signs_in_and_out() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.wait_for_path("/");
    assert_eq!(page.text("h1"), "Activity");
    page.inspect("activity");
    page.click("Sign out");
    page.wait_for_path("/sign-in");
    page.goto("/");
    assert!(page.path().starts_with("/sign-in"), "{}", page.path());
}

#[test]
fn whoever_mistypes_is_told_and_signs_in_by_keyboard_alone() {
    let console = Console::open();
    let (email, password) = console.add(Role::Support);
    let page = console.page();
    page.goto("/sign-in");
    page.inspect("sign-in");
    page.fill("E-mail", &email);
    page.fill("Password", "four words in a rue");
    page.click("Sign in");
    page.wait_for_text("Not signed in");
    assert_eq!(page.value("E-mail"), email);
    page.inspect("sign-in-refused");
    page.keyboard_reaches("Password");
    page.types(password);
    page.keyboard_reaches("Sign in");
    page.press(Key::Enter);
    page.wait_for_path("/");
}

#[test]
fn support_alone_is_offered_people() {
    let console = Console::open();
    let offers_people = [Role::Support, Role::Viewer(None), Role::Staff("hartwell"), Role::Viewer(Some("okafor"))].map(|role| {
        let page = console.signed_in_as(role);
        page.goto("/account");
        (page.count("nav.menu a[href='/people']"), page.offers("People"))
    });
    assert_eq!(offers_people, [(1, true), (0, false), (0, false), (0, false)]);
    let asked = [&console.hartwell, &console.okafor].map(|vendors| vendors.journal().0.len());
    assert_eq!(asked, [0, 0], "vendors hear nothing of it");
}

#[test]
fn a_phone_has_its_menu_behind_one_button() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Support);
    page.resize(Width::Phone);
    assert!(!page.offers("People"));
    page.click("Menu");
    page.screenshot("menu");
    page.click("People");
    page.wait_for_path("/people");
}

#[test]
fn whoever_guesses_has_to_wait_whatever_they_type() {
    let console = Console::open();
    let (email, password) = console.add(Role::Staff("hartwell"));
    let page = console.page();
    page.goto("/sign-in");
    let sign_in = |password: &str| {
        page.fill("E-mail", &email);
        page.fill("Password", password);
        page.click("Sign in");
    };
    for guess in 1..=5 {
        sign_in(&format!("guess number {guess}"));
        page.until("the guess is refused", || page.all_text().contains("Not signed in") && page.value("Password").is_empty());
    }
    sign_in(password);
    page.wait_for_text("Not signed in: too many wrong passwords; try again in 1 min.");
    page.inspect("sign-in-throttled");
}

#[test]
fn who_follows_a_link_is_asked_to_sign_in_and_comes_to_it() {
    let console = Console::open();
    let (email, password) = console.add(Role::Staff("hartwell"));
    let page = console.page();
    page.goto("/firms/hartwell/runs");
    page.wait_for_text("Sign in");
    page.fill("E-mail", &email);
    page.fill("Password", password);
    page.click("Sign in");
    page.wait_for_path("/firms/hartwell/runs");
    page.click("Sign out");
    page.wait_for_path("/sign-in");
    page.back();
    page.reload();
    assert!(page.path().starts_with("/sign-in"), "{}", page.path());
}
