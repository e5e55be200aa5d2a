//! Send Message to Case Status: typed on the firm's page, sent once, as the case's primary attorney.

use crate::console::{Console, Role};

const CASE: &str = "Integration ID or CASEpeer URL";

const PAGE: &str = "/firms/hartwell/messages";

/// Sends the form of the page twice, as an impatient person with a slow connection does, and waits for both.
const SEND_TWICE: &str = "const done = arguments[arguments.length - 1];
    const form = document.querySelector('main form');
    const send = () => fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }).then(answer => answer.url);
    Promise.all([send(), send()]).then(done, error => done(String(error)))";

#[test]
fn staff_send_a_client_a_message() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.click_in(".tabs", "Send Message");
    page.wait_for_path(PAGE);
    page.inspect("messages");
    page.fill(CASE, "48213");
    page.fill("Text", "Your medical records are here.\nCall us when you can.");
    page.click("Send");
    page.wait_for_text("The message was sent.");
    page.inspect("messages-sent");
    page.reload();
    page.wait_for_text("The message was sent.");
    let sent = console.hartwell.journal().messages_sent().iter().map(|entry| entry.call.body.clone()).collect::<Vec<_>>();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].to_string().contains(r"Your medical records are here.\nCall us when you can."), "{sent:?}");
}

#[test]
fn a_form_that_is_sent_twice_is_one_message() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto(PAGE);
    page.fill(CASE, "48213");
    page.fill("Text", "Only once, please");
    let answered = page.script_that_calls_back(SEND_TWICE, Vec::new());
    assert_eq!(answered[0], answered[1], "both are told of the same message");
    assert!(answered[0].as_str().is_some_and(|url| url.contains("?sent=")), "{answered}");
    // The button, pressed after that, and once more on the page that one goes back to.
    page.click("Send");
    page.wait_for_text("The message was sent.");
    assert_eq!(console.hartwell.journal().messages_sent().len(), 1);
}

#[test]
fn a_case_that_is_not_connected_gets_none() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    page.goto(PAGE);
    page.fill(CASE, "48300");
    page.fill("Text", "Hello");
    page.click("Send");
    page.wait_for_text("not connected");
    assert_eq!((page.value(CASE).as_str(), page.value("Text").as_str()), ("48300", "Hello"), "it is there to be sent again");
    page.inspect("messages-not-connected");
    page.goto(PAGE);
    page.fill(CASE, "what is this");
    page.fill("Text", "Hello");
    page.click("Send");
    page.wait_for_text("Not sent: write the case's number");
    assert_eq!((page.value(CASE).as_str(), page.value("Text").as_str()), ("what is this", "Hello"));
    page.inspect("messages-refused");
    assert_eq!(console.hartwell.journal().messages_sent().len(), 0);
}

#[test]
fn five_thousand_characters_are_sent_and_one_more_is_not() {
    let console = Console::open();
    let page = console.signed_in_as(Role::Staff("hartwell"));
    let fill = |text: String| {
        page.goto(PAGE);
        page.fill(CASE, "48213");
        // Typed text ends at the field's limit; what is set goes as far as the host.
        page.script(
            "document.getElementById('body').removeAttribute('maxlength'); document.getElementById('body').value = arguments[0]",
            vec![text.into()],
        );
        page.click("Send");
    };
    fill("a".repeat(5_001));
    page.wait_for_text("5001 characters, and 5000 is the most");
    page.inspect("messages-too-long");
    fill("   \n ".to_owned());
    page.wait_for_text("the message is empty");
    // Line ends and letters beyond the first 65,536 are characters as any other.
    fill(format!("{}\n{}", "a".repeat(4_989), "😀".repeat(10)));
    page.wait_for_text("The message was sent.");
    assert_eq!(console.hartwell.journal().messages_sent().len(), 1);
}
