//! What these tests stand on must notice what is wrong: pages with faults, each of which a look has to find, and one without.

use std::net::TcpListener;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Html;
use axum::routing::get;
use fantoccini::key::Key;
use tokio::runtime::{Builder, Runtime};

use crate::driver::Turn;
use crate::page::Page;
use crate::screen::Width;

const SOUND: &str = r#"<h1>A firm</h1><form action="/sound"><label for="id">Integration ID</label> <input id="id" name="id">
    <label for="side">Side</label> <select id="side" name="side"><option>CASEpeer</option><option>Case Status</option></select>
    <label><input type="checkbox" name="all"> All Cases</label> <button>Confirm</button></form>
    <details><summary class="roomy">More</summary><p>hidden words</p><a href="/other">Elsewhere</a></details>"#;

const LOW_CONTRAST: &str = r#"<h1>A firm</h1><p class="pale">hard to read</p>"#;

const PALE_BY_NIGHT: &str = r#"<h1>A firm</h1><p class="night">hard to read by night</p>"#;

const UNNAMED: &str = r#"<h1>A firm</h1><form><input name="id"></form>"#;

const WIDE: &str = r#"<h1>A firm</h1><p class="wide">wide</p>"#;

const UNSEEN: &str = r#"<h1>A firm</h1><p><button class="unseen">Confirm</button></p>"#;

const FORBIDDEN: &str = "<h1>A firm</h1><script>document.title = 'changed'</script>";

const BROKEN: &str = r#"<h1>A firm</h1><script src="/broken.js"></script>"#;

const STYLE: &str = "body { background: #fff; color: #111 } .pale { color: #ccc } .wide { width: 900px } .roomy { padding: 5px } .unseen:focus { outline: none }
    @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #9cf } .night { color: #333 } }";

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'";

/// A host of such pages.
struct Pages {
    address: String,
    _runtime: Runtime,
    _turn: Turn,
}

impl Pages {
    fn serve() -> Pages {
        let turn = Turn::wait();
        let page = |body: &str| {
            let head = "<!doctype html><html lang=en><title>A firm</title><link rel=stylesheet href=/style.css>";
            let html = format!("{head}<meta name=viewport content='width=device-width'><body><main>{body}</main></body></html>");
            get(move || async move { ([(CONTENT_SECURITY_POLICY, POLICY)], Html(html)) })
        };
        let routes = Router::new()
            .route("/sound", page(SOUND))
            .route("/other", page("<h1>Elsewhere</h1>"))
            .route("/low-contrast", page(LOW_CONTRAST))
            .route("/pale-by-night", page(PALE_BY_NIGHT))
            .route("/unnamed", page(UNNAMED))
            .route("/wide", page(WIDE))
            .route("/unseen", page(UNSEEN))
            .route("/forbidden", page(FORBIDDEN))
            .route("/broken", page(BROKEN))
            .route("/missing-script", page("<h1>A firm</h1><script src=/not-there.js></script>"))
            .route("/refused", get(|| async { (StatusCode::UNPROCESSABLE_ENTITY, Html("<title>A firm</title><h1>Not so</h1>")) }))
            .route("/favicon.ico", get(|| async {}))
            .route("/style.css", get(|| async { ([("content-type", "text/css")], STYLE) }))
            .route("/broken.js", get(|| async { ([("content-type", "text/javascript")], "throw new Error('it is broken')") }));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.spawn(async move { axum::serve(tokio::net::TcpListener::from_std(listener).expect("a listener"), routes).await });
        Pages { address, _runtime: runtime, _turn: turn }
    }

    fn at(&self, path: &str) -> Page {
        let page = Page::of(&self.address);
        page.goto(path);
        page
    }
}

/// The one thing that is wrong.
#[track_caller]
fn only(faults: &[String]) -> &str {
    assert_eq!(faults.len(), 1, "{faults:#?}");
    &faults[0]
}

#[track_caller]
fn panics(what: impl FnOnce() + std::panic::UnwindSafe, because: &str) {
    let panic = std::panic::catch_unwind(what).expect_err("it panics");
    let said = panic.downcast_ref::<String>().expect("a text");
    assert!(said.contains(because), "{said}");
}

#[test]
fn a_sound_page_passes_every_look() {
    let pages = Pages::serve();
    let page = pages.at("/sound");
    assert_eq!((page.title().as_str(), page.text("h1").as_str()), ("A firm", "A firm"));
    page.inspect("sound");
    page.fill("Integration ID", "48213");
    page.fill("Integration ID", "48214");
    page.fill("Side", "Case Status");
    page.tick("All Cases");
    assert_eq!(page.value("Integration ID"), "48214");
    assert!(page.is_ticked("All Cases"));
    assert_eq!(page.offered(), ["Confirm", "More"], "what is folded away is not offered");
    page.click("More");
    page.wait_for_text("hidden words");
    page.click("More");
    page.wait_for_no_text("hidden words");
    page.click("More");
    assert!(page.offers("Elsewhere"));
    page.click_in("form", "Confirm");
    page.wait_for_path("/sound?id=48214&side=Case+Status&all=on");
    page.keyboard_reaches("Integration ID");
    page.types("7");
    page.press(Key::Enter);
    page.wait_for_path("/sound?id=7&side=CASEpeer");
    page.back();
    page.reload();
    page.wait_for_path("/sound?id=48214&side=Case+Status&all=on");
    page.no_console_errors();
}

#[test]
fn what_keeps_people_from_using_a_page_is_found() {
    let pages = Pages::serve();
    let page = pages.at("/low-contrast");
    assert!(only(&page.violations(false)).starts_with("color-contrast (serious): p: "), "{:?}", page.violations(false));
    page.goto("/unnamed");
    assert!(only(&page.violations(false)).starts_with("label (critical): input"), "{:?}", page.violations(false));
    page.goto("/pale-by-night");
    page.axe();
    page.dark(true);
    assert!(only(&page.violations(false)).starts_with("color-contrast (serious): p: "), "{:?}", page.violations(false));
    page.dark(false);
    page.axe();
    let pages = std::panic::AssertUnwindSafe(&page);
    panics(|| pages.inspect("pale"), "/pale-by-night on Screen { width: Phone, dark: true }:\n- color-contrast");
}

#[test]
fn a_page_wider_than_the_screen_is_found() {
    let pages = Pages::serve();
    let page = pages.at("/wide");
    page.no_sideways_scroll();
    page.resize(Width::Phone);
    assert_eq!(page.sideways().last().map(String::as_str), Some("p.wide"));
    assert!(page.sideways()[0].ends_with("on a screen of 390 px"), "{:?}", page.sideways());
}

#[test]
fn what_the_browser_complains_of_is_found() {
    let pages = Pages::serve();
    for (path, what) in [("/forbidden", "Content Security Policy"), ("/broken", "it is broken"), ("/missing-script", "404")] {
        let page = pages.at(path);
        assert!(only(&page.console_errors()).contains(what), "{:?}", page.console_errors());
    }
    let page = pages.at("/refused");
    assert_eq!(page.text("h1"), "Not so");
    page.no_console_errors();
}

#[test]
fn a_button_is_reached_by_keyboard_and_shows_it() {
    let pages = Pages::serve();
    let page = pages.at("/sound");
    page.keyboard_reaches("Confirm");
    let page = std::panic::AssertUnwindSafe(&page);
    panics(|| page.keyboard_reaches("Send"), "Tab does not come to \"Send\"");
    page.goto("/unseen");
    panics(|| page.keyboard_reaches("Confirm"), "nobody sees");
}
