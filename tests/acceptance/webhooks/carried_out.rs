//! What CASEpeer tells of is done at once, once, and in the end, whatever goes wrong in between.

use std::time::Duration;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::store::owe_a_nightly_sync;
use crate::support::vendors::{Call, Fault, Gate, Vendor, World, patch_of};
use crate::webhooks::sent::{event, other_firm, rules};

fn moved(scene: &Scene, ids: impl IntoIterator<Item = u64>) {
    ids.into_iter().for_each(|id| scene.vendors.world().peer(id)["stage"] = json!("Negotiation"));
}

#[test]
fn ten_changes_of_a_case_come_to_one_sync_and_a_later_one_to_another() {
    let scene = Scene::hooked(World::of([1, 2]), &rules());
    let mut serving = Serving::start(&scene.host);
    moved(&scene, [1]);
    let gate = Gate::closed();
    scene.vendors.next(1, Fault::Wait(gate.clone()), patch_of(1));
    (1..=10).for_each(|number| _ = serving.told_of_stage(number, 1).answers(202));
    serving.until("the stage is being written", || !scene.vendors.journal().patches_of(1).is_empty());
    // While it is: the case moves on.
    scene.vendors.world().peer(1)["stage"] = json!("Litigation");
    serving.told_of_stage(11, 1).answers(202);
    gate.open();
    serving.until("both stages were written", || scene.is_at(1, 7) && scene.events("done") == 11);
    serving.stop();
    assert_eq!(scene.kinds(), ["sync_case", "sync_case"]);
    assert_eq!((scene.looks_at(1), scene.looks_at(2)), (2, 0));
}

#[test]
fn a_closed_case_is_closed_and_a_case_that_nobody_has_is_no_trouble() {
    let scene = Scene::hooked(World::of([1]), &rules());
    let mut serving = Serving::start(&scene.host);
    {
        let mut world = scene.vendors.world();
        world.peer(1)["status"] = json!("closed");
        world.peer(1)["closed_on"] = json!("2026-10-30");
    }
    serving.told(&event(1, "case.closed", &json!({ "case_id": 1 }))).answers(202);
    serving.told(&event(2, "case.closed", &json!({ "case_id": 99 }))).answers(202);
    serving.until("it is closed", || scene.vendors.world().status(1)["status"] == "closed" && scene.events("done") == 2);
    serving.stop();
}

#[test]
fn an_event_outlives_a_process_that_is_killed_and_is_carried_out_once() {
    let scene = Scene::hooked(World::of([1, 2]), &rules());
    let serving = Serving::start(&scene.host);
    moved(&scene, [1]);
    let message = scene.vendors.world().outbound(2, "Please call.");
    serving.told_of_stage(1, 1).answers(202);
    scene.vendors.always(Fault::Slow(Duration::from_secs(1)), Call::is_message);
    serving.told(&scene.send_requested(2, &message)).answers(202);
    serving.running.kill();

    scene.vendors.mend();
    let mut serving = Serving::start(&scene.host);
    serving.until("all is done", || scene.is_at(1, 6) && scene.vendors.world().receipt(&message).is_some() && scene.events("done") == 2);
    serving.told_of_stage(1, 1).answers(200);
    serving.stop();
    assert_eq!(scene.vendors.journal().stages_applied(), [("1".to_owned(), 1)].into());
    assert_eq!(scene.vendors.world().sent(2).len(), 1);
}

#[test]
fn an_event_that_finds_the_firm_at_work_waits_for_it_and_no_other_firm_does() {
    let rules_by_night = Rules::new().with("schedule", NIGHTLY_ALONE).with("guard", "{ max_stage_changes: 100% }");
    let mut scene = Scene::hooked(World::of(1..=5), &rules_by_night);
    let okafor = other_firm(&mut scene.host, World::of([1]), "whsec-of-okafor-7");
    scene.host.write("casebridge.yaml", &scene.host.read("casebridge.yaml").replace("jobs: {", "jobs: { at_once: 1,"));
    owe_a_nightly_sync(&scene.host, "hartwell");
    moved(&scene, [1]);
    let gate = Gate::closed();
    scene.vendors.next(1, Fault::Wait(gate.clone()), Call::is_patch);
    let mut serving = Serving::start(&scene.host);
    serving.until("the nightly sync writes", || !scene.vendors.journal().patches().is_empty());
    // It has read this case already.
    moved(&scene, [2]);
    serving.told_of_stage(1, 2).answers(202);
    okafor.world().peer(1)["stage"] = json!("Negotiation");
    let body = event(1, "case.stage_changed", &json!({ "case_id": 1 })).to_string();
    let signature = crate::webhooks::sent::signed("whsec-of-okafor-7", &body, 0);
    let sent = crate::webhooks::sent::post(&serving.address, "/hooks/casepeer/okafor", &[("x-casepeer-signature", &signature)], &body);
    sent.expect("an answer").answers(202);
    serving.until("the other firm's stage is there", || okafor.world().status(1)["stage"] == 6);
    assert_eq!((scene.events("waiting"), scene.is_at(2, 3)), (1, true));
    gate.open();
    serving.until("the stage is there", || scene.is_at(2, 6) && scene.events("done") == 1);
    serving.stop();
}

#[test]
fn vendors_that_fail_for_a_while_are_asked_again() {
    let scene = Scene::hooked(World::of([1, 2, 3]), &rules().resigned());
    let mut serving = Serving::start(&scene.host);
    moved(&scene, [1]);
    let message = scene.vendors.world().outbound(2, "Please call.");
    scene.vendors.world().unconnected(4);
    scene.vendors.always(Fault::Refused(503), |call| call.vendor == Vendor::CaseStatus);
    serving.told_of_stage(1, 1).answers(202);
    serving.told(&scene.send_requested(2, &message)).answers(202);
    serving.told(&event(3, "case.connect_requested", &json!({ "case_id": 4, "requested_by": "sam@hartwell.example" }))).answers(202);
    serving.until("each was tried", || {
        let kinds = scene.kinds();
        ["sync_case", "outbox", "connect"].iter().all(|kind| kinds.iter().any(|known| known == kind))
    });
    assert_eq!((scene.events("waiting"), scene.letters().iter().filter(|letter| letter.contains("sam@")).count()), (3, 0));
    scene.vendors.mend();
    serving.until("all is done", || scene.events("done") == 3);
    serving.stop();
    assert!(scene.is_at(1, 6) && scene.vendors.world().receipt(&message).is_some() && scene.vendors.world().mark(4).is_some());
    assert_eq!(scene.vendors.world().sent(2).len(), 1);
}

#[test]
fn a_firm_whose_key_is_refused_waits_and_goes_on_when_its_rules_change() {
    let scene = Scene::hooked(World::of([1]), &rules());
    moved(&scene, [1]);
    scene.vendors.always(Fault::Unauthorized, |call| call.vendor == Vendor::CaseStatus);
    let mut serving = Serving::start(&scene.host);
    serving.told_of_stage(1, 1).answers(202);
    serving.until("people are told", || scene.subjects().len() == 1);
    let asked = scene.vendors.journal().len();
    serving.told_of_stage(2, 1).answers(202);
    serving.goes_on_for(Duration::from_secs(4));
    assert_eq!((scene.vendors.journal().len(), scene.events("waiting")), (asked, 2));
    scene.vendors.mend();
    scene.host.run(&["firm", "set", "hartwell", "name=Hartwell & Sons"]).exits(0);
    serving.until("the stage is there", || scene.is_at(1, 6) && scene.events("done") == 2);
    serving.stop();
}

#[test]
fn what_the_guard_holds_is_told_once_and_waits_for_an_approval() {
    let scene = Scene::hooked(World::of(1..=4), &rules().with("guard", "{ max_stage_changes: 25%, from_cases: 1 }"));
    moved(&scene, 1..=3);
    let mut serving = Serving::start(&scene.host);
    serving.told_of_stage(1, 1).answers(202);
    serving.until("the first is done", || scene.events("done") == 1);
    serving.told_of_stage(2, 2).answers(202);
    serving.told_of_stage(3, 3).answers(202);
    serving.until("the others are held", || scene.events("done") == 3);
    serving.until("people are told", || !scene.subjects().is_empty());
    serving.stop();
    assert_eq!([1, 2, 3].map(|case| scene.is_at(case, 6)), [true, false, false]);
    let subjects = scene.subjects();
    assert!(subjects.len() == 1 && subjects[0].contains("held"), "{subjects:?}");
    let runs = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    scene.host.run(&["runs", "approve", runs[0]["run_id"].as_str().unwrap(), "--json"]).exits(0);
    assert!(scene.is_at(3, 6));
}

#[test]
fn what_people_have_to_put_right_is_told_once_and_not_tried_again() {
    let stages = format!("  unmapped: fail\n{}", crate::support::rules::STAGES);
    let scene = Scene::hooked(World::of(1..=3), &rules().with("stages", &stages));
    moved(&scene, [1]);
    [2, 3].into_iter().for_each(|case| scene.vendors.world().peer(case)["stage"] = json!("Nobody Knows"));
    let mut serving = Serving::start(&scene.host);
    (1..=3).for_each(|case| _ = serving.told_of_stage(case, case).answers(202));
    serving.until("all are done with", || scene.events("done") == 3);
    serving.until("people are told", || !scene.subjects().is_empty());
    serving.stop();
    let subjects = scene.subjects();
    assert!(subjects.len() == 1 && subjects[0].contains("failed"), "{subjects:?}");
    assert!(scene.is_at(1, 6));
    assert_eq!(scene.kinds().len(), 3);
}

#[test]
fn a_log_of_events_names_no_client_and_says_nothing_that_staff_typed() {
    let mut scene = Scene::hooked(World::of([1]), &rules());
    scene.host.set("RUST_LOG", "trace");
    let mut serving = Serving::start(&scene.host);
    let message = scene.vendors.world().outbound(1, "Zanzibar is confidential.");
    serving.told(&scene.send_requested(1, &message)).answers(202);
    scene.vendors.world().unconnected(4);
    serving.told(&event(2, "case.connect_requested", &json!({ "case_id": 4, "requested_by": "sam@hartwell.example" }))).answers(202);
    serving.until("both are done", || scene.events("done") == 2);
    let log = serving.stop().stderr;
    for word in ["Zanzibar", "Zyskowski", "13105550004", "sam@hartwell.example", crate::webhooks::sent::SECRET] {
        assert!(!log.contains(word), "{word} in {log}");
    }
    assert!(log.contains("case.connect_requested"), "{log}");
}
