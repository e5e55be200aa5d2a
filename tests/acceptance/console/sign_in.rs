//! Who is let in, for how long, and that nobody else gets in by their browser.

use crate::support::host::Scene;
use crate::support::http::Answer;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Fault, Gate, World};
use crate::support::visitor::{PASSWORD, STAFF, SUPPORT, Visitor, add, text};

const WRONG: &str = "five loud harbour lights";

fn scene() -> Scene {
    Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

#[track_caller]
fn is_sent_to_sign_in(answer: Answer) {
    let answer = answer.answers(303);
    assert!(answer.header("location").starts_with("/sign-in"), "{answer:#?}");
}

/// A page without what was typed.
fn said(answer: &Answer, email: &str) -> String {
    answer.body.replace(email, "somebody")
}

#[test]
fn the_right_password_lets_in_whatever_the_case_of_the_address() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let mut visitor = Visitor::stranger(&serving);
    is_sent_to_sign_in(visitor.get("/firms/hartwell"));
    visitor.sign_in(&STAFF.to_uppercase(), PASSWORD).answers(303);
    visitor.page("/firms/hartwell").says("Hartwell Injury Law").says(STAFF);
    // Who has one firm begins there.
    assert_eq!(visitor.get("/").answers(303).header("location"), "/firms/hartwell");
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    add(&scene.host, SUPPORT, &["support"]);
    scene.host.run(&["user", "disable", SUPPORT]).exits(0);
    let mut visitor = Visitor::stranger(&serving);
    let wrong = visitor.sign_in(STAFF, WRONG).answers(422);
    assert!(text(&wrong.body).contains("the address or the password is not right"), "{wrong:#?}");
    let unknown = visitor.sign_in("nobody@hartwell.example", PASSWORD).answers(422);
    let disabled = visitor.sign_in(SUPPORT, PASSWORD).answers(422);
    assert_eq!(said(&wrong, STAFF), said(&unknown, "nobody@hartwell.example"));
    assert_eq!(said(&wrong, STAFF), said(&disabled, SUPPORT));
    assert!(!wrong.body.contains(WRONG) && !wrong.headers.contains_key("set-cookie"), "{wrong:#?}");
    for strange in ["", "jo", "<script>alert(1)</script>@x.example", "\u{202e}jo@hartwell.example"] {
        let refused = visitor.sign_in(strange, PASSWORD).answers(422);
        assert!(!refused.body.contains("<script>alert"), "{refused:#?}");
    }
    is_sent_to_sign_in(visitor.get("/"));
}

#[test]
fn after_five_wrong_passwords_the_right_one_waits_too_and_a_restart_forgets_nothing() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    add(&scene.host, SUPPORT, &["support"]);
    let mut visitor = Visitor::stranger(&serving);
    for _ in 0..5 {
        let refused = visitor.sign_in(STAFF, WRONG).answers(422);
        assert!(!text(&refused.body).contains("try again in"), "{refused:#?}");
    }
    let waits = |answer: Answer| {
        let answer = answer.answers(422);
        assert!(text(&answer.body).contains("too many wrong passwords; try again in"), "{answer:#?}");
    };
    waits(visitor.sign_in(STAFF, PASSWORD));
    waits(visitor.sign_in(&STAFF.to_uppercase(), WRONG));
    // Whoever guesses at one keeps out nobody else.
    Visitor::signed_in(&serving, SUPPORT);
    serving.stop();
    let serving = Serving::start(&scene.host);
    waits(Visitor::stranger(&serving).sign_in(STAFF, PASSWORD));
    // Support sets another password, and the wait is over.
    scene.host.run_with_input(&format!("{PASSWORD}\n"), &["user", "password", STAFF]).exits(0);
    Visitor::signed_in(&serving, STAFF);
}

#[test]
fn who_signs_out_is_a_stranger_and_so_is_whoever_kept_the_cookie() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut here = Visitor::support(&scene.host, &serving);
    let (mut kept, mut elsewhere) = (here.again(), Visitor::signed_in(&serving, SUPPORT));
    let out = here.post("/sign-out", &[]).answers(303);
    assert_eq!(out.header("location"), "/sign-in");
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:#?}");
    is_sent_to_sign_in(kept.get("/"));
    elsewhere.page("/");
}

#[test]
fn who_signs_out_everywhere_has_no_session_left() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut here = Visitor::support(&scene.host, &serving);
    let mut elsewhere = Visitor::signed_in(&serving, SUPPORT);
    let account = here.page("/account");
    account.offers("/account/sign-out-everywhere");
    assert_eq!(here.sent("/account/sign-out-everywhere", &[]), "/sign-in");
    is_sent_to_sign_in(elsewhere.get("/"));
    is_sent_to_sign_in(here.get("/"));
}

#[test]
fn another_password_of_ones_own_ends_every_other_session() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut here = Visitor::support(&scene.host, &serving);
    let mut elsewhere = Visitor::signed_in(&serving, SUPPORT);
    let change = |visitor: &mut Visitor, current: &str, new: &str, again: &str| {
        visitor.post("/account/password", &[("current", current), ("password", new), ("again", again)])
    };
    let new = "seven slow lanterns at sea";
    for (current, typed, again) in [(WRONG, new, new), (PASSWORD, new, WRONG), (PASSWORD, "short", "short")] {
        let refused = change(&mut here, current, typed, again).answers(422);
        assert!(!refused.body.contains(new), "{refused:#?}");
    }
    elsewhere.page("/");
    change(&mut here, PASSWORD, new, new).answers(303);
    here.page("/account");
    is_sent_to_sign_in(elsewhere.get("/"));
    elsewhere.sign_in(SUPPORT, PASSWORD).answers(422);
    elsewhere.sign_in(SUPPORT, new).answers(303);
}

#[test]
fn who_is_disabled_is_out_at_once_and_another_role_holds_at_once() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::staff(&scene.host, &serving);
    visitor.page("/firms/hartwell/sync");
    visitor.get("/people").answers(403);
    scene.host.run(&["user", "role", STAFF, "--role", "viewer", "--firm", "hartwell"]).exits(0);
    visitor.get("/firms/hartwell/sync").answers(403);
    visitor.post("/firms/hartwell/sync", &[]).answers(403);
    scene.host.run(&["user", "role", STAFF, "--role", "support"]).exits(0);
    visitor.page("/people");
    scene.host.run(&["user", "disable", STAFF]).exits(0);
    is_sent_to_sign_in(visitor.get("/people"));
    // Let in again, he has to sign in again.
    scene.host.run(&["user", "enable", STAFF]).exits(0);
    is_sent_to_sign_in(visitor.get("/people"));
    visitor.sign_in(STAFF, PASSWORD).answers(303);
    visitor.page("/people");
}

#[test]
fn signing_in_leads_back_to_what_was_wanted_and_never_to_another_host() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    add(&scene.host, SUPPORT, &["support"]);
    let mut visitor = Visitor::stranger(&serving);
    let wanted = visitor.get("/firms/hartwell/runs?status=held").answers(303).header("location").to_owned();
    assert_eq!(visitor.page(&wanted).field("to"), "/firms/hartwell/runs?status=held");
    let lands = |to: &str| {
        let form = [("email", SUPPORT), ("password", PASSWORD), ("to", to)];
        Visitor::stranger(&serving).post("/sign-in", &form).answers(303).header("location").to_owned()
    };
    assert_eq!(lands("/firms/hartwell/runs?status=held"), "/firms/hartwell/runs?status=held");
    for elsewhere in
        ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example", "javascript:alert(1)"]
    {
        assert_eq!(lands(elsewhere), "/", "{elsewhere}");
        let query: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        assert_eq!(visitor.page(&format!("/sign-in?to={query}")).field("to"), "/", "{elsewhere}");
    }
}

#[test]
fn whoever_guesses_keeps_themselves_out_and_not_the_owner() {
    let scene = scene();
    scene.host.write("casebridge.yaml", &format!("{}trusted_proxies: [10.0.0.0/8]\n", scene.host.read("casebridge.yaml")));
    let serving = Serving::start(&scene.host);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let from = |origin: &str| Visitor::stranger(&serving).with("x-forwarded-for", &format!("192.0.2.1, {origin}, 10.0.0.7"));
    let waits = |answer: Answer| assert!(text(&answer.answers(422).body).contains("try again in"));
    let mut owner = from("198.51.100.1");
    owner.sign_in(STAFF, PASSWORD).answers(303);
    // One guesser is kept out, whom a right password does not help, and whom no success of the owner's lets in.
    let mut guesser = from("203.0.113.1");
    for _ in 0..5 {
        guesser.sign_in(STAFF, WRONG).answers(422);
    }
    waits(guesser.sign_in(STAFF, PASSWORD));
    owner.sign_in(STAFF, PASSWORD).answers(303);
    waits(guesser.sign_in(STAFF, PASSWORD));
    // Many guessers slow down strangers, and nobody who has been here before.
    for number in 2..15 {
        let mut guesser = from(&format!("203.0.113.{number}"));
        for _ in 0..4 {
            guesser.sign_in(STAFF, WRONG);
        }
    }
    waits(from("198.51.100.2").sign_in(STAFF, PASSWORD));
    owner.sign_in(STAFF, PASSWORD).answers(303);
    owner.page("/account").says("198.51.100.1");
}

#[test]
fn sessions_are_listed_ended_singly_and_replaced_by_a_new_one_of_the_same_browser() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    add(&scene.host, STAFF, &["staff", "--firm", "hartwell"]);
    let mut here = Visitor::signed_in(&serving, STAFF);
    let mut before = here.again();
    here.sign_in(STAFF, PASSWORD).answers(303);
    is_sent_to_sign_in(before.get("/account"));

    let mut there = Visitor::signed_in(&serving, STAFF);
    let page = here.get("/account").answers(200).body;
    let (_, form) = page.split_once("action=\"/account/sessions/").expect("a session to end");
    let hash = form.split('/').next().expect("its hash").to_owned();
    assert_eq!(page.matches("/account/sessions/").count(), 1, "{page}");
    // Nobody ends those of others.
    add(&scene.host, SUPPORT, &["support"]);
    Visitor::signed_in(&serving, SUPPORT).post(&format!("/account/sessions/{hash}/end"), &[]).answers(303);
    there.page("/account");
    here.submit(&format!("/account/sessions/{hash}/end"), &[]);
    is_sent_to_sign_in(there.get("/account"));
    here.page("/account");
}

#[test]
fn a_stream_ends_with_the_session_of_its_reader() {
    let scene = scene();
    let mut serving = Serving::start(&scene.host);
    let gate = Gate::closed();
    scene.vendors.always(Fault::Wait(gate.clone()), |call| call.method == "GET");
    let mut visitor = Visitor::support(&scene.host, &serving);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let begun = serving.send(&support, "POST", "/api/v1/firms/hartwell/sync", None).answers(202);
    let run = begun.json()["run_id"].as_str().expect("an id").to_owned();
    let lines = visitor.watch(&format!("/runs/{run}/events"));
    let watching = std::thread::spawn(move || lines.filter(|line| line.starts_with("event: ended")).count());
    visitor.post("/sign-out", &[]).answers(303);
    serving.until("the stream ends", || watching.is_finished());
    assert_eq!(watching.join().expect("a watcher"), 0);
    gate.open();
    serving.ended(&support, &begun);
    serving.stop();
}
