//! Whatever clients, staff and vendors write is shown as the text that it is: it runs nothing, hides nothing, and widens no page.

use serde_json::json;

use crate::console::{Console, Role, cases, rules};
use crate::page::Page;
use crate::support::vendors::{Fault, patch_of};

/// Texts that have broken pages before.
fn texts() -> [String; 6] {
    [
        "<script>window.ran = 1</script>".to_owned(),
        "\"><img src=x onerror=\"window.ran = 1\">".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} 𝕵𝖆𝖓𝖊 \u{202e}drawkcab\u{202c} مرحبا".to_owned(),
        "a".repeat(10_000),
        "{{ 7 * 7 }} ${7 * 7} </textarea></title><!-- javascript:window.ran=1".to_owned(),
    ]
}

/// Nothing of them became a part of the page, none has run, and all looks as it should.
#[track_caller]
fn is_harmless(page: &Page, name: &str) {
    page.inspect(name);
    runs_nothing(page);
}

#[track_caller]
fn runs_nothing(page: &Page) {
    assert_eq!(page.script("return window.ran || null", Vec::new()), json!(null), "a script ran");
    assert_eq!(page.count("main img") + page.count("main script"), 0, "a text became an element");
}

#[test]
fn on_all_pages_of_cases_and_runs() {
    let mut world = cases();
    for (id, text) in (48_210..).zip(texts()) {
        let case = world.peer(id);
        case["client"]["first_name"] = json!(text);
        case["name"] = json!(text);
        case["description"] = json!(text);
        case["case_number"] = json!(text);
        case["stage"] = json!(text);
        world.restage(id, &text, "2026-11-02T12:00:00Z");
        world.status(id)["description"] = json!(format!("before: {text}"));
        world.status(id)["client"]["first_name"] = json!(text);
    }
    let odd = world.peer(48_300);
    odd["client"]["first_name"] = json!(texts()[1]);
    odd["client"]["last_name"] = json!(texts()[4]);
    odd["description"] = json!(texts()[0]);
    let console = Console::of(world, &rules());
    console.hartwell.always(Fault::Refused(422), patch_of(48_219));
    let page = console.signed_in_as(Role::Support);

    page.goto("/firms/hartwell/connect?case=48300");
    page.wait_for_text("48300");
    is_harmless(&page, "extreme-connect");
    page.goto("/firms/hartwell/connect?case=48210");
    is_harmless(&page, "extreme-connect-problems");

    page.goto("/firms/hartwell/sync");
    page.click("See what would change");
    page.wait_for_text("What clients would notice");
    is_harmless(&page, "extreme-look");
    page.click("Sync all cases now");
    page.until("it ends", || page.path().starts_with("/runs/") && page.text("main .badge") == "succeeded");
    assert!(page.all_text().contains("<script>window.ran = 1</script>"), "the text is read as it was written");
    is_harmless(&page, "extreme-run");
    page.goto("/firms/hartwell/runs");
    is_harmless(&page, "extreme-runs");

    for (id, text) in (48_210..).zip(texts()) {
        console.hartwell.world().peer(id)["description"] = json!(format!("after: {text}"));
    }
    for id in 48_210..48_216 {
        page.goto("/firms/hartwell/sync");
        page.fill("Integration ID or CASEpeer URL", &id.to_string());
        page.click("Sync case");
        page.wait_for_text("What the sync did");
        page.no_sideways_scroll();
        runs_nothing(&page);
        if id == 48_214 {
            is_harmless(&page, "extreme-case");
        }
    }
    page.goto("/firms/hartwell/set-up/mapping");
    page.wait_for_text("Stages");
    is_harmless(&page, "extreme-mapping");
    page.goto("/firms/hartwell/set-up/cases?cases=48210,48211,48213,48214,48300");
    is_harmless(&page, "extreme-test-cases");
}

#[test]
fn in_messages() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    for text in texts() {
        let is_short = text.chars().count() <= 5_000;
        page.goto("/firms/hartwell/messages");
        page.fill("Integration ID or CASEpeer URL", "48213");
        page.script(
            "const body = document.getElementById('body'); body.removeAttribute('maxlength'); body.value = arguments[0]",
            vec![text.clone().into()],
        );
        page.click("Send");
        page.wait_for_text(if is_short { "The message was sent." } else { "10000 characters" });
        if !is_short {
            assert_eq!(page.value("Text"), text);
        }
        page.no_sideways_scroll();
        runs_nothing(&page);
    }
    page.goto("/firms/hartwell/messages");
    page.fill("Integration ID or CASEpeer URL", &texts()[1]);
    page.fill("Text", &texts()[5]);
    page.click("Send");
    page.wait_for_text("Not sent");
    assert_eq!((page.value("Integration ID or CASEpeer URL"), page.value("Text")), (texts()[1].clone(), texts()[5].clone()));
    is_harmless(&page, "extreme-message-refused");
    let sent: Vec<_> = console.hartwell.journal().messages_sent().iter().map(|entry| entry.call.body["body"].clone()).collect();
    let typed: Vec<_> = texts().into_iter().filter(|text| text.len() < 5_000).map(|text| json!(text)).collect();
    assert_eq!(sent, typed, "each as it was typed");
}
