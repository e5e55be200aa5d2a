//! What people read, as a whole: the output of commands, and the text of the console's pages. What differs from run to run is masked.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Fault, World, patch_of};
use crate::support::visitor::{Visitor, text};

/// Three cases: one moves, one is refused, one has a stage that no rule maps; and one that is not connected.
fn scene() -> Scene {
    let mut world = World::of([101, 102, 103, 104]);
    world.unconnected(105);
    world.restage(101, "Negotiation", "2026-11-02T12:00:00Z");
    world.restage(102, "Negotiation", "2026-11-02T12:00:00Z");
    world.restage(103, "Appeal", "2026-11-02T12:00:00Z");
    world.peer(104)["description"] = json!("Rear-end collision on I-5");
    let scene = Scene::new(world, &Rules::new().with("guard", "{ max_stage_changes: 100% }").with("schedule", NOTHING_BY_ITSELF));
    scene.vendors.always(Fault::Refused(422), patch_of(102));
    scene
}

/// What holds for every text here: whatever differs from run to run has one name.
fn settings(scene: &Scene) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    let folder = scene.host.path("").display().to_string();
    settings.add_filter(&regex_escaped(folder.trim_end_matches('/')), "[folder]");
    settings.add_filter(r"casebridge \d+\.\d+\.\d+", "casebridge [version]");
    // Columns are as wide as what they have.
    settings.add_filter(" {3,}", "   ");
    settings.add_filter(r"127\.0\.0\.1:\d+", "[address]");
    settings.add_filter(r"\b[0-9a-f]{12}\b", "[revision]");
    settings.add_filter(r"\b[0-9a-hjkmnp-tv-z]{26}\b|\b20\d{6}-\d{6}-[0-9a-z]+\b", "[run]");
    settings.add_filter(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?", "[time]");
    settings.add_filter(r"[A-Z][a-z]{2} \d+, 20\d\d \d+:\d\d [AP]M [A-Z]+", "[time]");
    settings
}

fn regex_escaped(text: &str) -> String {
    text.chars().flat_map(|letter| if letter.is_alphanumeric() { vec![letter] } else { vec!['\\', letter] }).collect()
}

/// What is read on a page, with a line for each block.
fn lines(html: &str) -> String {
    let ends = ["</h1>", "</h2>", "</h3>", "</p>", "</li>", "</tr>", "</dt>", "</dd>", "</summary>", "</label>", "</button>", "</nav>"];
    let (_, html) = html.split_once("<main").unwrap_or_default();
    let blocks = ends.iter().fold(format!("<main{html}"), |html, end| html.replace(end, "\u{1}"));
    let read = blocks.split('\u{1}').map(text).filter(|line| !line.is_empty());
    read.collect::<Vec<_>>().join("\n")
}

#[test]
fn commands() {
    let scene = scene();
    let mut said = String::new();
    let mut run = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let finished = scene.host.run(&words);
        said.push_str(&format!("$ casebridge {line}\n{}{}", finished.stdout, finished.stderr));
        said.push_str(&format!("(exit {})\n\n", finished.code.unwrap_or(-1)));
    };
    let lines = [
        "check",
        "firm list",
        "firm show hartwell",
        "firm enable hartwell",
        "plan hartwell",
        "explain hartwell 103",
        "sync hartwell",
        "sync hartwell --case 103",
        "sync osprey",
        "connect hartwell 105",
        "runs list",
        "runs list --status gone",
        "status",
        "letters list",
        "token list",
        "user list",
        "rules receipts hartwell",
        "firm disable hartwell --reason Moving",
    ];
    lines.into_iter().for_each(&mut run);
    settings(&scene).bind(|| insta::assert_snapshot!(said));
}

#[test]
fn pages() {
    let scene = scene();
    let run = scene.sync().exits(1).run();
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let mut read = String::new();
    let of_run = format!("/runs/{}", run.id());
    for path in [
        "/",
        "/firms/hartwell",
        "/firms/hartwell/connect",
        "/firms/hartwell/rules",
        "/runs",
        &of_run,
        "/scripts",
        "/letters",
        "/people",
        "/audit",
        "/account",
    ] {
        let page = visitor.get(path);
        read.push_str(&format!("# {} ({})\n\n{}\n\n", path.replace(run.id(), "[run]"), page.status, lines(&page.body)));
    }
    settings(&scene).bind(|| insta::assert_snapshot!(read));
}
