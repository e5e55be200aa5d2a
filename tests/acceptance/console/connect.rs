//! Connect to Case Status: a case is found, what will be pushed is shown, every problem with who can put it right, and confirmed once.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Fault, Vendor, World, phone, surname};
use crate::support::visitor::{Page, Visitor};

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF).with("limits", "{ requests_per_second: 100000, timeout: 1s, attempts: 1 }")
}

fn scene(change: impl FnOnce(&mut World)) -> (Scene, Serving, Visitor) {
    let mut world = World::of([101]);
    world.unconnected(102);
    change(&mut world);
    let scene = Scene::new(world, &rules());
    let serving = Serving::start(&scene.host);
    let visitor = Visitor::staff(&scene.host, &serving);
    (scene, serving, visitor)
}

fn preview(visitor: &mut Visitor, case: &str) -> Page {
    let typed: String = url::form_urlencoded::byte_serialize(case.as_bytes()).collect();
    Page(visitor.get(&format!("/firms/hartwell/connect?case={typed}")))
}

#[test]
fn what_will_be_pushed_is_shown_and_confirming_creates_exactly_one_case() {
    let (scene, _serving, mut visitor) = scene(|_| {});
    let page = preview(&mut visitor, "102");
    page.says("It can be connected").says(&surname(102)).says(&phone(102)).says("PI-102").says("Motor Vehicle").says("3 · Stage 3");
    assert!(scene.vendors.journal().writes().is_empty(), "a look writes nothing");
    page.offers("/firms/hartwell/connect");
    let case = page.field("case");
    assert_eq!(case, "102");
    let run = visitor.submit("/firms/hartwell/connect", &[("case", &case)]);
    run.says("Connect").says("succeeded").says("created");
    {
        let world = scene.vendors.world();
        assert_eq!(world.existing.iter().filter(|held| held["integration_id"] == "102").count(), 1);
        assert!(world.mark(102).is_some());
    }
    // A second click, and a second window, create nothing more.
    visitor.submit("/firms/hartwell/connect", &[("case", &case)]);
    assert_eq!(scene.vendors.world().existing.len(), 2);
    let again = preview(&mut visitor, "102");
    assert!(!again.has_form("") && !again.text().contains("What will be pushed"), "{}", again.text());
}

#[test]
fn a_pasted_url_is_a_case_and_what_is_none_is_said_at_the_field() {
    let (_scene, _serving, mut visitor) = scene(|_| {});
    preview(&mut visitor, " https://app.casepeer.com/case/102/notes ").says("It can be connected");
    for wrong in ["PI-102", "-1", "case", "https://evil.example/", "<script>alert(1)</script>", "99999999999999999999999"] {
        let page = preview(&mut visitor, wrong);
        assert_eq!(page.0.status, 422, "{wrong}");
        page.says("paste its CASEpeer URL");
        assert!(!page.html().contains("<script>alert"), "{wrong}");
        assert!(page.html().contains("aria-invalid=\"true\""), "{wrong}");
        visitor.post("/firms/hartwell/connect", &[("case", wrong)]).answers(422);
    }
}

#[test]
fn every_problem_is_shown_at_once_with_who_can_put_it_right() {
    let (scene, _serving, mut visitor) = scene(|world| {
        world.peer(102)["client"]["phones"] = json!([]);
        world.peer(102)["case_type"] = json!("Medical Malpractice");
        world.attorney(102, "nobody@hartwell.example");
    });
    let page = preview(&mut visitor, "102");
    page.says("It cannot be connected yet").says("What stands in the way");
    page.says("The firm's staff can put it right")
        .says("Your integration support can put it right")
        .says("phone")
        .says("Medical Malpractice");
    assert!(!page.html().contains("<button class=\"primary\">Confirm</button>"), "{}", page.html());
    // Whoever sends the form all the same gets the same reasons and no case.
    visitor.submit("/firms/hartwell/connect", &[("case", "102")]).says("failed");
    let world = scene.vendors.world();
    assert_eq!((world.existing.len(), world.mark(102)), (1, None));
}

#[test]
fn a_case_that_nobody_has_is_said_to_be_none() {
    let (scene, _serving, mut visitor) = scene(|_| {});
    let page = preview(&mut visitor, "999");
    assert!(!page.html().contains("<button class=\"primary\">Confirm</button>"), "{}", page.html());
    assert!(page.text().to_lowercase().contains("no case") || page.text().contains("does not have"), "{}", page.text());
    assert_eq!(scene.vendors.world().existing.len(), 1);
}

#[test]
fn a_vendor_that_does_not_answer_is_named_and_nothing_is_written() {
    let (scene, _serving, mut visitor) = scene(|_| {});
    scene.vendors.always(Fault::Refused(503), |call| call.vendor == Vendor::Casepeer);
    let page = preview(&mut visitor, "102");
    assert!(page.text().contains("CASEpeer had an error (503)") && !page.html().contains(">Confirm</button>"), "{}", page.html());
    scene.vendors.mend();
    assert!(scene.vendors.journal().writes().is_empty());
}

#[test]
fn staff_of_another_firm_learn_nothing_and_viewers_do_nothing() {
    let (mut scene, serving, _) = scene(|_| {});
    let osprey = crate::support::vendors::Vendors::boot(World::of([101]));
    scene.host.firm("osprey", &osprey, &rules());
    drop(serving);
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::signed_in(&serving, crate::support::visitor::STAFF);
    let nobody = visitor.get("/firms/nobody/connect?case=101").answers(404);
    let theirs = visitor.get("/firms/osprey/connect?case=101").answers(404);
    assert_eq!(nobody.body, theirs.body);
    visitor.post("/firms/osprey/connect", &[("case", "101")]).answers(404);
    for path in ["/firms/osprey", "/firms/osprey/sync", "/firms/osprey/runs", "/firms/osprey/cases/101"] {
        visitor.get(path).answers(404);
    }
    assert!(osprey.journal().writes().is_empty());
    let mut viewer = Visitor::viewer(&scene.host, &serving);
    viewer.get("/firms/hartwell/connect?case=102").answers(403);
    viewer.post("/firms/hartwell/connect", &[("case", "102")]).answers(403);
    assert!(!viewer.page("/firms/hartwell").html().contains("/firms/hartwell/connect"));
    assert_eq!(scene.vendors.world().existing.len(), 1);
}
