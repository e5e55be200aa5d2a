//! Texts that would be markup, formulas, or endless are shown for what they are, wherever they are shown.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Fault, World, any_note};
use crate::support::visitor::{Page, SUPPORT, Visitor};

const MARKUP: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>'";
const FORMULA: &str = "=cmd|'/c calc'!A1";
/// A letter of four bytes, and marks that turn around what follows.
const WIDE: &str = "\u{1f9d1}\u{200d}\u{2696}\u{fe0f} \u{202e}txet\u{202c} \u{20bb7}";

fn long() -> String {
    "x".repeat(9_000)
}

/// A firm whose cases 1 to 4 have such texts and have moved, and whose case 5 is not connected.
fn world() -> World {
    let mut world = World::of(1..=4);
    world.unconnected(5);
    for (id, odd) in [(1, MARKUP.to_owned()), (2, FORMULA.to_owned()), (3, WIDE.to_owned()), (4, long()), (5, MARKUP.to_owned())] {
        world.peer(id)["description"] = json!(odd);
        let surname: String = odd.chars().take(60).collect();
        world.peer(id)["client"]["last_name"] = json!(surname);
        world.peer(id)["case_number"] = json!(surname);
    }
    world
}

fn scene() -> (Scene, Serving, Visitor) {
    let scene = Scene::new(world(), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let serving = Serving::start(&scene.host);
    let visitor = Visitor::support(&scene.host, &serving);
    (scene, serving, visitor)
}

/// Asserts that nothing on a page came to be markup.
#[track_caller]
fn is_harmless(page: &Page) {
    for live in ["<script>", "<img src=x"] {
        assert!(!page.html().contains(live), "{live} in\n{}", page.html());
    }
}

#[test]
fn client_names_and_descriptions_are_shown_as_text() {
    let (scene, _serving, mut visitor) = scene();
    let run = format!("/runs/{}", scene.sync().run().id());
    let page = visitor.page(&run);
    page.says(MARKUP).says(FORMULA).says("txet");
    for path in [run.clone(), format!("{run}?result=updated"), "/runs".to_owned(), "/firms/hartwell/runs".to_owned()] {
        is_harmless(&visitor.page(&path));
    }
    for id in 1..=4 {
        is_harmless(&visitor.page(&format!("/firms/hartwell/cases/{id}")));
    }
    visitor.page("/firms/hartwell/cases/1").says(MARKUP);
    visitor.page("/firms/hartwell/cases/4").says(&long());
    let preview = visitor.page("/firms/hartwell/connect?case=5");
    is_harmless(&preview);
    preview.says(MARKUP);
    is_harmless(&visitor.submit("/firms/hartwell/sync/case", &[("case", "1")]));
}

#[test]
fn what_was_looked_at_in_a_held_or_dry_run_is_text_too() {
    let (scene, mut serving, mut visitor) = scene();
    {
        let mut world = scene.vendors.world();
        (1..=4).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    }
    let path = visitor.sent("/firms/hartwell/sync/look", &[]);
    let mut again = visitor.again();
    serving.until("it has looked", || again.page(&path).text().contains("What clients would notice"));
    let page = visitor.page(&path);
    is_harmless(&page);
    page.says("Stage moves and closures").says(FORMULA);
}

#[test]
fn neither_the_csv_nor_the_mail_has_a_formula_or_a_header_of_somebody_s() {
    let (scene, mut serving, mut visitor) = scene();
    let etag = visitor.page("/firms/hartwell/rules").field("etag");
    let named = scene.host.read("rules/hartwell.yaml").replace("name: Hartwell Injury Law", "name: \"=Hartwell <b>\\\"\\u202e\"");
    visitor.post("/firms/hartwell/rules", &[("text", &named), ("etag", &etag)]);
    let path = visitor.sent("/firms/hartwell/sync", &[("mail_to", SUPPORT)]);
    let mail = || scene.host.files().into_iter().find(|path| path.extension().is_some_and(|kind| kind == "eml"));
    serving.until("the mail is written", || mail().is_some());
    let message = std::fs::read_to_string(mail().expect("mail")).expect("mail");
    let head = message.split_once("\r\n\r\n").expect("a head").0;
    assert_eq!(head.lines().filter(|line| line.starts_with("To:")).count(), 1, "{head}");
    assert!(!head.to_lowercase().contains("bcc:"), "{head}");
    let csv = visitor.get(&format!("{path}/report.csv")).answers(200);
    let mut lines = csv::Reader::from_reader(csv.body.as_bytes());
    let cells: Vec<String> = lines.records().flat_map(|line| line.expect("a line").iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.iter().any(|cell| cell.contains("cmd|")), "{cells:?}");
    for cell in &cells {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
    for path in ["/", "/firms", "/firms/hartwell", "/firms/hartwell/rules"] {
        assert!(!visitor.page(path).html().contains("<b>\""), "{path}");
    }
}

#[test]
fn what_a_vendor_says_of_a_refusal_is_text_in_letters_and_runs() {
    let mut world = World::of([1]);
    world.message(1, "from_client", MARKUP);
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    scene.vendors.next(1, Fault::Refused(422), any_note);
    let run = scene.host.run(&["messages", "hartwell", "--json"]).exits(1).run();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    for path in ["/letters".to_owned(), format!("/runs/{}", run.id()), "/firms/hartwell".to_owned()] {
        is_harmless(&visitor.page(&path));
    }
}

#[test]
fn what_is_typed_into_addresses_and_forms_comes_back_as_text() {
    let (_scene, _serving, mut visitor) = scene();
    let odd: String = url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect();
    let wide: String = url::form_urlencoded::byte_serialize(WIDE.as_bytes()).collect();
    let places = [
        "/firms?find=",
        "/audit?who=",
        "/audit?firm=",
        "/runs?kind=",
        "/runs?firm=",
        "/runs?before=",
        "/sign-in?to=/",
        "/firms/hartwell/runs?status=",
    ];
    for place in places {
        for typed in [&odd, &wide, &long()] {
            is_harmless(&visitor.page(&format!("{place}{typed}")));
        }
    }
    visitor.page(&format!("/firms?find={odd}")).says(MARKUP);
    let forms: [(&str, &[(&str, &str)]); 4] = [
        ("/people", &[("email", MARKUP), ("role", MARKUP), ("firm", MARKUP), ("password", MARKUP)]),
        ("/tokens", &[("name", MARKUP), ("role", "support"), ("days", MARKUP)]),
        ("/firms/hartwell/sync", &[("mail_to", MARKUP)]),
        ("/firms/hartwell/sync/case", &[("case", MARKUP)]),
    ];
    for (path, fields) in forms {
        let refused = Page(visitor.post(path, fields).answers(422));
        is_harmless(&refused);
        assert!(refused.html().contains("&#60;script&#62;"), "{path} has lost what was typed");
    }
    let stranger = Page(visitor.post("/sign-in", &[("email", MARKUP), ("password", MARKUP), ("to", MARKUP)]).answers(422));
    is_harmless(&stranger);
}
