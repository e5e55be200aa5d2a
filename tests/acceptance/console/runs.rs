//! A held run is approved by support alone, a run is taken back after a look; and letters are tried again or dropped.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Fault, World, any_note};
use crate::support::visitor::{Page, Visitor};

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

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

/// 40 connected cases of which 11 have moved: one more than may by themselves.
fn held() -> (Scene, String) {
    let mut world = World::of(1..=40);
    (1..=11).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &rules());
    let run = format!("/runs/{}", scene.sync().exits(3).run().id());
    (scene, run)
}

#[test]
fn support_approves_a_held_run_and_staff_do_not() {
    let (scene, run) = held();
    let mut serving = Serving::start(&scene.host);
    let mut staff = Visitor::staff(&scene.host, &serving);
    staff.page("/firms/hartwell").says("A run waits for approval");
    let page = staff.page(&run);
    page.says("It waits for approval").says("Approving moves 11 cases to another stage").says("Integration support approves it");
    assert!(!page.has_form(&format!("{run}/approve")));
    staff.post(&format!("{run}/approve"), &[]).answers(403);
    staff.post(&format!("{run}/undo"), &[("dry_run", "false")]).answers(403);
    assert!(scene.vendors.journal().writes().is_empty());

    let mut support = Visitor::support(&scene.host, &serving);
    support.page("/runs?status=held").says("hartwell");
    support.page(&run).offers(&format!("{run}/approve")).offers(&format!("{run}/cancel"));
    let path = support.sent(&format!("{run}/approve"), &[]);
    until_it_says(&mut serving, &support, &path, "succeeded").says("11 updated");
    assert_eq!(scene.vendors.world().status(11)["stage"], 6);
    support.post(&format!("{run}/approve"), &[]).answers(409);
    support.page("/audit?action=run_approved").says("hartwell");
    assert_eq!(scene.vendors.journal().patches().len(), 11);
}

#[test]
fn staff_put_a_held_run_away() {
    let (scene, run) = held();
    let serving = Serving::start(&scene.host);
    let mut staff = Visitor::staff(&scene.host, &serving);
    staff.submit(&format!("{run}/cancel"), &[]).says("cancelled");
    assert!(scene.vendors.journal().writes().is_empty());
    let mut support = Visitor::support(&scene.host, &serving);
    support.post(&format!("{run}/approve"), &[]).answers(409);
}

#[test]
fn a_run_is_taken_back_after_a_look_at_what_that_restores() {
    let mut world = World::of(1..=3);
    world.peer(1)["description"] = json!("Offer made");
    let scene = Scene::new(world, &rules());
    let run = format!("/runs/{}", scene.sync().exits(0).run().id());
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let undo = format!("{run}/undo");
    support.page(&run).says("Undo this run").offers(&undo);
    let look = support.sent(&undo, &[("dry_run", "true")]);
    let page = until_it_says(&mut serving, &support, &look, "Take it back now");
    page.says("updated description").offers(&undo);
    assert_eq!(scene.vendors.world().status(1)["description"], "Offer made");
    let path = support.sent(&undo, &[("dry_run", "false")]);
    until_it_says(&mut serving, &support, &path, "succeeded").says("Takes back run").says("1 updated");
    assert_eq!(scene.vendors.world().status(1)["description"], "Rear-end collision");
    support.page("/audit?action=run_undone").says("hartwell");
}

#[test]
fn a_letter_is_tried_again_or_dropped_once() {
    let mut world = World::of([1, 2]);
    world.message(1, "from_client", "one");
    world.message(2, "from_client", "two");
    let scene = Scene::new(world, &rules());
    scene.vendors.next(2, Fault::Refused(422), any_note);
    scene.host.run(&["messages", "hartwell"]).exits(1);
    let letters = scene.host.run(&["letters", "list", "--json"]).exits(0).json();
    let numbers: Vec<String> = letters.as_array().expect("letters").iter().map(|letter| letter["letter"].to_string()).collect();
    assert_eq!(numbers.len(), 2, "{letters}");
    let serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let [retry, drop] = [format!("/letters/{}/retry", numbers[0]), format!("/letters/{}/drop", numbers[1])];
    support.page("/letters").says("422").offers(&retry).offers(&drop);
    support.submit(&retry, &[]);
    support.submit(&drop, &[]).says("Is tried again at the next pass");
    support.page("/audit").says("letter retried").says("letter dropped");
    scene.host.run(&["messages", "hartwell"]).exits(0);
    support.page("/letters").says("No dead letters");
    for gone in [retry.as_str(), &drop, "/letters/x/drop"] {
        support.post(gone, &[]).answers(404);
    }
    let world = scene.vendors.world();
    assert_eq!(world.note_bodies(1).len() + world.note_bodies(2).len(), 1);
}
