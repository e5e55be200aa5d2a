//! Sync with CasePeer: a look first, all cases with the CSV by mail, watched as it goes, cancelled; and one case.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Call, Fault, Gate, World};
use crate::support::visitor::{Page, STAFF, Visitor, text};

/// Three connected cases of which one has moved.
fn scene() -> (Scene, Serving, Visitor) {
    let mut world = World::of(1..=3);
    world.peer(1)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let serving = Serving::start(&scene.host);
    let visitor = Visitor::staff(&scene.host, &serving);
    (scene, serving, visitor)
}

/// Reads a run's page until it says so.
#[track_caller]
fn until_it_says(serving: &mut Serving, visitor: &Visitor, path: &str, words: &str) -> Page {
    let (mut again, mut last) = (visitor.again(), None);
    serving.until(words, || {
        let page = again.page(path);
        let says = page.text().contains(words);
        last = Some(page);
        says
    });
    last.expect("a page")
}

#[test]
fn a_look_writes_nothing_and_says_what_clients_would_notice() {
    let (scene, mut serving, mut visitor) = scene();
    visitor
        .page("/firms/hartwell/sync")
        .offers("/firms/hartwell/sync/look")
        .offers("/firms/hartwell/sync")
        .offers("/firms/hartwell/sync/case");
    let path = visitor.sent("/firms/hartwell/sync/look", &[]);
    let page = until_it_says(&mut serving, &visitor, &path, "What clients would notice");
    page.says("what it would do").says("1 client gets a satisfaction survey").says("stage: 3 → 6").offers("/firms/hartwell/sync");
    assert_eq!(page.field("mail_to"), STAFF);
    assert!(scene.vendors.journal().writes().is_empty());
    // And then it is done.
    let path = visitor.sent("/firms/hartwell/sync", &[("mail_to", "")]);
    until_it_says(&mut serving, &visitor, &path, "succeeded").says("1 updated").says("2 unchanged");
    assert_eq!(scene.vendors.world().status(1)["stage"], 6);
    let path = visitor.sent("/firms/hartwell/sync/look", &[]);
    until_it_says(&mut serving, &visitor, &path, "Nothing: no stage changes");
}

#[test]
fn the_csv_of_a_sync_of_all_cases_is_mailed_to_whoever_asked() {
    let (scene, mut serving, mut visitor) = scene();
    for wrong in ["jo", "jo@hartwell.example, x@evil.example", "jo@hartwell.example\nBcc: x@evil.example"] {
        let refused = Page(visitor.post("/firms/hartwell/sync", &[("mail_to", wrong)]).answers(422));
        refused.says("write one e-mail address, or none");
    }
    assert!(scene.kinds().is_empty());
    let path = visitor.sent("/firms/hartwell/sync", &[("mail_to", STAFF)]);
    let mail = || scene.host.files().into_iter().find(|path| path.extension().is_some_and(|kind| kind == "eml"));
    serving.until("the mail is written", || mail().is_some());
    let message = std::fs::read_to_string(mail().expect("mail")).expect("mail");
    let run = path.rsplit('/').next().expect("an id");
    assert!(message.contains(&format!("To: {STAFF}")) && message.contains(&format!("hartwell-{run}.csv")), "{message}");
    let csv = visitor.get(&format!("{path}/report.csv")).answers(200);
    assert_eq!(csv.body.lines().count(), 4, "{csv:#?}");
    let mut support = Visitor::support(&scene.host, &serving);
    support.page("/audit?action=run_begun").says(STAFF).says(run);
}

#[test]
fn a_run_is_watched_until_it_has_ended() {
    let (scene, _serving, mut visitor) = scene();
    let gate = Gate::closed();
    scene.vendors.always(Fault::Wait(gate.clone()), Call::is_patch);
    let path = visitor.sent("/firms/hartwell/sync", &[]);
    let page = visitor.page(&path);
    page.says("running").offers(&format!("{path}/cancel"));
    assert!(page.html().contains(&format!("sse-connect=\"{path}/events\"")), "{}", page.html());
    let mut events = visitor.watch(&format!("{path}/events"));
    assert!(events.any(|line| line == "event: progress"));
    gate.open();
    assert!(events.any(|line| line == "event: ended"));
    let last: Vec<String> = events.collect();
    assert!(last.iter().any(|line| line.contains("succeeded")), "{last:?}");
    // It comes to an end, and an ended run is said to have ended at once.
    assert!(visitor.watch(&format!("{path}/events")).any(|line| line == "event: ended"));
    visitor.page(&path).says("succeeded").says("1 updated");
}

#[test]
fn a_busy_firm_is_said_to_be_busy_and_its_run_is_cancelled() {
    let (scene, mut serving, mut visitor) = scene();
    let gate = Gate::closed();
    scene.vendors.always(Fault::Wait(gate.clone()), Call::lists_cases);
    let path = visitor.sent("/firms/hartwell/sync", &[]);
    for (form, fields) in [("/firms/hartwell/sync", &[][..]), ("/firms/hartwell/sync/case", &[("case", "2")])] {
        let busy = Page(visitor.post(form, fields).answers(409));
        busy.says("another run of this firm is under way; wait for its end");
    }
    let mut viewer = Visitor::viewer(&scene.host, &serving);
    viewer.page(&path).says("running");
    viewer.post(&format!("{path}/cancel"), &[]).answers(403);
    assert_eq!(visitor.sent(&format!("{path}/cancel"), &[]), path);
    until_it_says(&mut serving, &visitor, &path, "stopped before anything was written");
    gate.open();
    visitor.post(&format!("{path}/cancel"), &[]).answers(409);
    assert!(scene.vendors.journal().writes().is_empty());
}

#[test]
fn one_case_is_synced_and_shown_attribute_by_attribute() {
    let (scene, _serving, mut visitor) = scene();
    let before = visitor.page("/firms/hartwell/cases/1");
    before.says("stage Negotiation").offers("/firms/hartwell/sync/case");
    let page = visitor.submit("/firms/hartwell/sync/case", &[("case", "https://app.casepeer.com/case/1")]);
    page.says("What the sync did The run updated").says("stage 3 6");
    assert_eq!((scene.vendors.world().status(1)["stage"].clone(), scene.vendors.journal().patches().len()), (json!(6), 1));
    visitor.submit("/firms/hartwell/sync/case", &[("case", "1")]).says("unchanged").says("Both sides agreed already");
    let wrong = Page(visitor.post("/firms/hartwell/sync/case", &[("case", "Zyskowski")]).answers(422));
    wrong.says("paste its CASEpeer URL");
    assert_eq!(wrong.field("case"), "Zyskowski");
    visitor.get("/firms/hartwell/cases/Zyskowski").answers(404);
    let unknown = visitor.submit("/firms/hartwell/sync/case", &[("case", "999")]);
    unknown.says("What the sync did");
    assert_eq!(scene.vendors.journal().patches().len(), 1);
}

#[test]
fn a_vendor_that_is_down_is_named_on_every_page_that_asks_it() {
    let (scene, mut serving, mut visitor) = scene();
    scene.host.write("rules/hartwell.yaml", &Rules::new().with("schedule", NOTHING_BY_ITSELF).resigned().text("hartwell", &scene.vendors));
    serving.until("the edit is seen", || scene.receipts().len() > 1);
    scene.vendors.always(Fault::Refused(503), |_| true);
    let page = visitor.get("/firms/hartwell/cases/1").answers(502);
    assert!(text(&page.body).contains("The case cannot be looked at now"), "{page:#?}");
    let path = visitor.sent("/firms/hartwell/sync", &[]);
    let run = until_it_says(&mut serving, &visitor, &path, "failed");
    assert!(run.text().contains("CASEpeer") || run.text().contains("Case Status"), "{}", run.text());
    visitor.page("/firms/hartwell").says("The last sync failed");
}
