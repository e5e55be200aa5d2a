//! A firm's file in the editor: checked, saved, refused, overtaken, put back, and its secrets never shown.

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::World;
use crate::support::visitor::{Visitor, text};

const FILE: &str = "rules/hartwell.yaml";
const EDITOR: &str = "/firms/hartwell/rules";

fn scene() -> (Scene, Serving, Visitor) {
    let scene = Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let serving = Serving::start(&scene.host);
    let visitor = Visitor::support(&scene.host, &serving);
    (scene, serving, visitor)
}

/// A file with another name of the firm.
fn renamed(text: &str) -> String {
    text.replace("Hartwell Injury Law", "Hartwell & Sons")
}

#[test]
fn what_is_typed_is_checked_and_nothing_is_written() {
    let (scene, _serving, mut visitor) = scene();
    let text = scene.host.read(FILE);
    let mut part = visitor.again().with("hx-request", "true");
    let faulty = part.post("/firms/hartwell/rules/check", &[("text", &format!("{text}stagez: 1\n"))]).answers(200);
    assert!(faulty.body.contains("stagez") && faulty.body.contains("hartwell.yaml:"), "{faulty:#?}");
    assert!(!faulty.body.contains("<html"), "{faulty:#?}");
    let well = part.post("/firms/hartwell/rules/check", &[("text", &text)]).answers(200);
    assert!(!well.body.contains("Error"), "{well:#?}");
    assert_eq!(scene.host.read(FILE), text);
    assert!(visitor.page(EDITOR).typed() == text);
}

#[test]
fn what_is_saved_is_in_use_at_once_and_keeps_its_comments() {
    let (scene, _serving, mut visitor) = scene();
    let text = scene.host.read(FILE);
    let opened = visitor.page(EDITOR);
    let etag = opened.field("etag");
    let wanted = renamed(&text) + "# Named anew.\n";
    // A browser sends its own line ends.
    let page = visitor.submit(EDITOR, &[("text", &wanted.replace('\n', "\r\n")), ("etag", &etag)]);
    page.says("Hartwell & Sons").says("applied");
    assert_eq!(scene.host.read(FILE), wanted);
    assert_eq!(page.typed(), wanted);
    assert_eq!(scene.outcomes()[0], "applied");
}

#[test]
fn what_has_faults_is_not_saved_and_what_was_typed_is_not_lost() {
    let (scene, _serving, mut visitor) = scene();
    let text = scene.host.read(FILE);
    let etag = visitor.page(EDITOR).field("etag");
    let typed = format!("{text}stagez: </textarea><script>alert(1)</script>\n");
    let refused = visitor.post(EDITOR, &[("text", &typed), ("etag", &etag)]).answers(422);
    let page = crate::support::visitor::Page(refused);
    page.says("Nothing was saved: the text has faults").says("stagez");
    assert!(!page.html().contains("<script>alert"), "{}", page.html());
    assert_eq!(page.typed(), typed);
    assert_eq!(scene.host.read(FILE), text);
    visitor.page("/firms/hartwell").says("Hartwell Injury Law");
}

#[test]
fn who_was_overtaken_sees_what_the_other_changed_and_may_save_over_it() {
    let (scene, mut serving, mut visitor) = scene();
    let text = scene.host.read(FILE);
    let etag = visitor.page(EDITOR).field("etag");
    let theirs = format!("{text}# Somebody else's line.\n");
    scene.host.write(FILE, &theirs);
    let mine = renamed(&text);
    let overtaken = visitor.post(EDITOR, &[("text", &mine), ("etag", &etag)]).answers(409);
    let page = crate::support::visitor::Page(overtaken);
    page.says("somebody else changed the file").says("# Somebody else's line.");
    assert_eq!((scene.host.read(FILE), page.typed()), (theirs, mine.clone()));
    serving.until("the other edit is seen", || scene.receipts().len() > 1);
    let next = page.field("etag");
    assert_ne!(next, etag);
    visitor.submit(EDITOR, &[("text", &mine), ("etag", &next)]);
    assert_eq!(scene.host.read(FILE), mine);
    // Without the mark of what was opened, nothing is written over.
    visitor.post(EDITOR, &[("text", &text)]).answers(409);
    assert_eq!(scene.host.read(FILE), mine);
}

#[test]
fn an_earlier_edit_is_put_back_and_the_later_ones_stay_on_record() {
    let (scene, _serving, mut visitor) = scene();
    let text = scene.host.read(FILE);
    let etag = visitor.page(EDITOR).field("etag");
    let page = visitor.submit(EDITOR, &[("text", &renamed(&text)), ("etag", &etag)]);
    let receipts: Vec<String> = links(page.html(), "/firms/hartwell/rules/receipts/");
    assert_eq!(receipts.len(), 2, "{receipts:?}");
    let newest = visitor.page(&receipts[0]);
    newest.says("Hartwell & Sons").says("Hartwell Injury Law");
    assert!(!newest.has_form(&format!("{}/put-back", receipts[0])), "it is what is there");
    let put_back = format!("{}/put-back", receipts[1]);
    let beside = visitor.page(&receipts[1]).offers(&put_back).says("Hartwell & Sons").field("etag");
    // Only what was shown is put back over what was shown beside it.
    visitor.post(&put_back, &[("etag", "another")]).answers(409);
    visitor.submit(&put_back, &[("etag", &beside)]).says("Hartwell Injury Law");
    assert_eq!(scene.host.read(FILE), text);
    assert_eq!(scene.receipts().len(), 3);
    visitor.page("/audit?action=rules_put_back").says("hartwell.yaml");
    visitor.get("/firms/hartwell/rules/receipts/999").answers(404);
    visitor.post("/firms/hartwell/rules/receipts/x/put-back", &[]).answers(404);
}

#[test]
fn a_file_with_line_ends_of_windows_keeps_them() {
    let (scene, mut serving, mut visitor) = scene();
    let text = scene.host.read(FILE).replace('\n', "\r\n");
    scene.host.write(FILE, &text);
    serving.until("the edit is seen", || scene.receipts().len() > 1);
    let etag = visitor.page(EDITOR).field("etag");
    visitor.submit(EDITOR, &[("text", &renamed(&text)), ("etag", &etag)]);
    assert_eq!(scene.host.read(FILE), renamed(&text));
    // A switch keeps them too.
    visitor.submit("/firms/hartwell/schedules/nightly_sync", &[("enabled", "true")]);
    let switched = renamed(&text).replace("nightly_sync: { enabled: false }", "nightly_sync: { enabled: true }");
    assert_eq!(scene.host.read(FILE), switched);
}

#[test]
fn no_page_shows_a_key_that_stands_in_the_file() {
    let (scene, mut serving, mut visitor) = scene();
    let key = scene.vendors.world().casepeer_key.clone();
    let kept = scene.host.read(FILE);
    scene.host.write(FILE, &kept.replace("${env:HARTWELL_CASEPEER_KEY}", &key));
    serving.until("the edit is seen", || scene.receipts().len() > 1);
    // The file itself shows in its editor, which is for those who may write it; what is kept of its edits does not.
    let receipts = links(visitor.page(EDITOR).html(), "/firms/hartwell/rules/receipts/");
    for path in receipts.iter().map(String::as_str).chain(["/firms/hartwell", "/audit", "/audit.csv", "/firms/hartwell/runs"]) {
        let shown = visitor.get(path).answers(200).body;
        assert!(!text(&shown).contains(&key), "{path} shows the key");
    }
}

/// The addresses of links that begin like this, in order.
fn links(html: &str, begin: &str) -> Vec<String> {
    let found = html.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(address, _)| address);
    found.filter(|address| address.starts_with(begin)).map(str::to_owned).collect()
}
