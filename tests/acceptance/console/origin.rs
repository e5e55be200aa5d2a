//! What browsers are told to keep others out: cookies, headers, and forms from elsewhere.

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::World;
use crate::support::visitor::{PASSWORD, SUPPORT, Visitor, add};

fn scene() -> Scene {
    Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

#[test]
fn the_cookie_is_for_this_host_alone_and_for_no_script() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    add(&scene.host, SUPPORT, &["support"]);
    let plain = Visitor::stranger(&serving).sign_in(SUPPORT, PASSWORD).answers(303);
    let cookie = plain.header("set-cookie");
    assert!(cookie.starts_with("casebridge=") && !cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    let mut secure = Visitor::stranger(&serving).with("x-forwarded-proto", "https");
    let answer = secure.sign_in(SUPPORT, PASSWORD).answers(303);
    let strict = answer.header("set-cookie");
    assert!(strict.starts_with("__Host-casebridge=") && strict.contains("Secure") && !strict.contains("Domain"), "{strict}");
    for cookie in [cookie, strict] {
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    }
    secure.page("/");
    // Over HTTPS, the cookie that any host nearby could have set means nothing.
    let session = format!("casebridge={}", secure.session());
    let nearby = serving.ask("GET", "/", &[("cookie", &session), ("x-forwarded-proto", "https")]);
    assert!(nearby.answers(303).header("location").starts_with("/sign-in"));
}

#[test]
fn a_form_from_another_host_does_nothing() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let own = format!("http://{}", serving.address);
    let strange: [&[(&str, &str)]; 5] = [
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://other.support.example")],
        &[("sec-fetch-site", "cross-site")],
    ];
    for headers in strange {
        for (path, fields) in
            [("/firms/hartwell/schedules/nightly_sync", &[("enabled", "true")][..]), ("/firms/hartwell/sync", &[]), ("/sign-out", &[])]
        {
            let refused = visitor.post_with(path, fields, headers).answers(403);
            assert!(crate::support::visitor::text(&refused.body).contains("another host"), "{refused:#?}");
        }
        let form = [("email", SUPPORT), ("password", PASSWORD)];
        let refused = Visitor::stranger(&serving).post_with("/sign-in", &form, headers).answers(403);
        assert!(!refused.headers.contains_key("set-cookie"), "{refused:#?}");
    }
    assert!(scene.kinds().is_empty());
    assert!(scene.host.read("rules/hartwell.yaml").contains("nightly_sync: { enabled: false }"));
    visitor.page("/");
    // Its own forms are taken.
    visitor.post_with("/account/sign-out-everywhere", &[], &[("origin", &own), ("sec-fetch-site", "same-origin")]).answers(303);
}

#[test]
fn every_page_says_what_it_may_do() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let paths = [
        "/",
        "/firms",
        "/firms/hartwell",
        "/firms/hartwell/connect",
        "/firms/hartwell/sync",
        "/firms/hartwell/runs",
        "/firms/hartwell/rules",
        "/firms/hartwell/cases/101",
        "/runs",
        "/letters",
        "/people",
        "/tokens",
        "/audit",
        "/audit.csv",
        "/account",
        "/sign-in",
        "/firms/nobody",
        "/runs/nothing",
        "/nothing-here",
    ];
    for path in paths {
        let answer = visitor.get(path);
        let policy = answer.header("content-security-policy");
        let names = ["default-src 'none'", "frame-ancestors 'none'"];
        assert!(names.iter().all(|part| policy.contains(part)) && !policy.contains("unsafe"), "{path}: {policy}");
        let seen = ["cache-control", "x-content-type-options", "referrer-policy"].map(|name| answer.header(name));
        assert_eq!(seen, ["no-store", "nosniff", "no-referrer"], "{path}");
        if answer.header("content-type").starts_with("text/html") {
            assert!(policy.contains("form-action 'self'") && policy.contains("base-uri 'none'"), "{path}: {policy}");
            // The policy would keep these from working.
            for inline in [" style=\"", " onclick=", "<style", "<script>"] {
                assert!(!answer.body.contains(inline), "{inline} in {path}");
            }
        }
    }
}

#[test]
fn a_part_of_a_page_sends_a_stranger_to_sign_in_as_a_whole() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let mut stranger = Visitor::stranger(&serving).with("hx-request", "true");
    let checked = stranger.post("/firms/hartwell/rules/check", &[("text", "name: x")]);
    assert_eq!(checked.answers(200).header("hx-redirect"), "/sign-in");
    let page = stranger.get("/firms/hartwell/rules").answers(200);
    assert_eq!(page.header("hx-redirect"), "/sign-in?to=%2Ffirms%2Fhartwell%2Frules");
    assert!(page.body.is_empty(), "{page:#?}");
}
