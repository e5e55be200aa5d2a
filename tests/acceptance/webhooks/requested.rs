//! What staff ask for in CASEpeer: a case is connected and whoever asked is told; a message is sent once, whichever way it came.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::serving::Serving;
use crate::support::vendors::{Fault, Vendor, World, any_mark, surname};
use crate::webhooks::sent::{event, rules};

const SAM: &str = "sam@hartwell.example";

fn connect(number: u64, case: u64, asker: &Value) -> Value {
    event(number, "case.connect_requested", &json!({ "case_id": case, "requested_by": asker }))
}

#[test]
fn a_case_is_connected_and_whoever_asked_is_told_what_was_pushed() {
    let mut world = World::of([1]);
    world.unconnected(2);
    let scene = Scene::hooked(world, &rules());
    let mut serving = Serving::start(&scene.host);
    serving.told(&connect(1, 2, &json!(SAM))).answers(202);
    serving.until("mail is there", || scene.letters().len() == 1);
    serving.told(&connect(2, 2, &json!(SAM))).answers(202);
    serving.until("more mail is there", || scene.letters().len() == 2);
    // Who cannot be written to is not, and the case is connected all the same.
    scene.vendors.world().unconnected(3);
    serving.told(&connect(3, 3, &json!("somebody"))).answers(202);
    serving.until("it is connected", || scene.events("done") == 3);
    serving.stop();

    assert!(scene.vendors.world().mark(2).is_some() && scene.vendors.world().mark(3).is_some());
    assert_eq!(scene.vendors.journal().posts().len(), 2);
    let letters = scene.letters();
    assert_eq!(letters.len(), 2, "{letters:?}");
    for word in [SAM, "PI-2", "is connected to Case Status", "Motor Vehicle", "stage", "ann@hartwell.example", "pam@hartwell.example"] {
        assert!(letters[0].contains(word), "{word} in {}", letters[0]);
    }
    assert!(letters[1].contains("already"), "{}", letters[1]);
    assert!(letters.iter().all(|letter| !letter.contains(&surname(2)) && !letter.contains("attachment")), "{letters:?}");
}

#[test]
fn every_problem_is_told_with_who_can_put_it_right() {
    let mut world = World::new();
    world.unconnected(2);
    world.attorney(2, "nobody@hartwell.example");
    world.peer(2)["client"]["phones"] = json!([]);
    world.unconnected(3);
    world.peer(3)["stage"] = json!("Nobody Knows");
    let scene = Scene::hooked(world, &rules());
    let mut serving = Serving::start(&scene.host);
    serving.told(&connect(1, 2, &json!(SAM))).answers(202);
    serving.until("mail is there", || scene.letters().len() == 1);
    let letter = scene.letters().remove(0);
    for word in ["could not be connected", "nobody@hartwell.example", "phone", "firm's staff"] {
        assert!(letter.contains(word), "{word} in {letter}");
    }
    // What support has to put right is told to support as well.
    serving.told(&connect(2, 3, &json!(SAM))).answers(202);
    serving.until("more mail is there", || scene.letters().iter().any(|letter| letter.contains("Nobody Knows")));
    serving.told(&connect(3, 77, &json!(SAM))).answers(202);
    serving.until("more mail is there", || scene.letters().iter().any(|letter| letter.contains("no case of this number")));
    serving.stop();
    assert!(scene.vendors.journal().writes().is_empty());
}

#[test]
fn a_mark_that_fails_is_made_good_and_the_case_is_created_once() {
    let mut world = World::new();
    world.unconnected(2);
    let scene = Scene::hooked(world, &rules().resigned());
    scene.vendors.next(2, Fault::Refused(500), any_mark);
    let mut serving = Serving::start(&scene.host);
    serving.told(&connect(1, 2, &json!(SAM))).answers(202);
    serving.until("mail is there", || scene.letters().len() == 1);
    serving.until("it is done", || scene.events("done") == 1);
    serving.stop();
    assert!(scene.vendors.world().mark(2).is_some());
    assert_eq!(scene.vendors.journal().posts().iter().filter(|entry| entry.applied).count(), 1);
    assert!(scene.letters()[0].contains("is connected to Case Status"), "{}", scene.letters()[0]);
}

#[test]
fn whoever_asked_is_told_when_vendors_were_down_for_an_hour() {
    let mut world = World::of([1]);
    world.unconnected(2);
    let scene = Scene::hooked(world, &rules().resigned());
    scene.vendors.always(Fault::Refused(503), |call| call.vendor == Vendor::CaseStatus);
    let mut serving = Serving::start(&scene.host);
    serving.told(&connect(1, 2, &json!(SAM))).answers(202);
    serving.told_of_stage(2, 1).answers(202);
    serving.until("both were tried", || scene.kinds().len() == 2);
    assert!(scene.letters().is_empty());
    // Two hours pass.
    crate::support::store::execute(&scene.host, "update events set received_at = received_at - 7200000, next_try_at = 0", &[]);
    serving.until("mail is there", || scene.letters().len() == 1);
    serving.until("it is put aside", || scene.events("dead") == 1);
    let letter = scene.letters().remove(0);
    for word in [SAM, "could not be connected", "Case Status", "later"] {
        assert!(letter.contains(word), "{word} in {letter}");
    }
    // The stage is tried for a day.
    assert_eq!(scene.events("waiting"), 1);
    let later = "update events set received_at = received_at - 86400000, next_try_at = 0 where state = 'waiting'";
    crate::support::store::execute(&scene.host, later, &[]);
    serving.until("it is put aside too", || scene.events("dead") == 2);
    assert!(serving.stop().stderr.contains("event given up"));
}

#[test]
fn a_message_is_sent_once_though_the_outbox_lists_it_too() {
    let mut world = World::of([1, 2]);
    let first = world.outbound(1, "first");
    let second = world.outbound(1, "second");
    let scene = Scene::hooked(world, &rules());
    let mut serving = Serving::start(&scene.host);
    serving.told(&scene.send_requested(1, &second)).answers(202);
    serving.until("it has its receipt", || scene.vendors.world().receipt(&second).is_some());
    // The same under another id, and what a pass over the outbox has sent already.
    serving.told(&scene.send_requested(2, &second)).answers(202);
    serving.told(&scene.send_requested(3, &first)).answers(202);
    serving.until("all are done", || scene.events("done") == 3);
    scene.host.run(&["outbox", "hartwell", "--json"]).exits(0);
    let metrics = serving.get("/metrics").answers(200).body;
    assert!(metrics.contains(r#"casebridge_events_total{type="message.send_requested",outcome="done"} "#), "{metrics}");
    serving.stop();
    let bodies: Vec<_> = scene.vendors.world().sent(1).iter().map(|sent| sent["body"].clone()).collect();
    assert_eq!(bodies, ["first", "second"]);
    assert_eq!(scene.vendors.journal().messages_sent().len(), 2);
    // An event that comes between a receipt and the note of it has the receipt put once more, which changes nothing.
    assert!((2..=3).contains(&scene.vendors.journal().receipts().len()));
    // Nothing of what staff typed is kept.
    let kept = crate::support::store::number(&scene.host, "select cast(count(*) as text) from events where body is not null", &[]);
    assert_eq!(kept, 0);
}

#[test]
fn a_message_that_the_outbox_does_not_list_is_sent_in_its_order() {
    let mut world = World::of([1]);
    let ids: Vec<String> = ["first", "second", "third"].iter().map(|body| world.outbound(1, body)).collect();
    let scene = Scene::hooked(world, &rules().resigned());
    // What CASEpeer has told of has left the listing, and still takes its receipt.
    scene.vendors.world().unlisted.extend([ids[0].clone(), ids[2].clone()]);
    scene.vendors.always(Fault::Refused(500), |call| call.is(Vendor::Casepeer, "GET", "/outbox"));
    let mut serving = Serving::start(&scene.host);
    // They come in another order than they were typed in, while nothing can be sent.
    serving.told(&scene.send_requested(3, &ids[2])).answers(202);
    serving.until("a pass has failed", || scene.kinds() == ["outbox"]);
    serving.told(&scene.send_requested(1, &ids[0])).answers(202);
    scene.vendors.mend();
    serving.until("all have their receipts", || ids.iter().all(|id| scene.vendors.world().receipt(id).is_some()));
    serving.until("both are done", || scene.events("done") == 2);
    serving.stop();
    let bodies: Vec<_> = scene.vendors.world().sent(1).iter().map(|sent| sent["body"].clone()).collect();
    assert_eq!(bodies, ["first", "second", "third"]);
    assert_eq!(scene.vendors.journal().messages_sent().len(), 3);
}

#[test]
fn a_message_that_cannot_be_sent_gets_a_receipt_that_says_why() {
    let mut world = World::of([1]);
    world.unconnected(2);
    let id = world.outbound(2, "Welcome.");
    let scene = Scene::hooked(world, &rules());
    scene.vendors.world().unlisted.insert(id.clone());
    let mut serving = Serving::start(&scene.host);
    serving.told(&scene.send_requested(1, &id)).answers(202);
    serving.until("it has its receipt", || scene.vendors.world().receipt(&id).is_some() && scene.events("done") == 1);
    // Staff have read it: the same message told of once more changes nothing.
    serving.told(&scene.send_requested(2, &id)).answers(202);
    serving.until("it is done", || scene.events("done") == 2);
    serving.stop();
    assert!(scene.vendors.world().receipt(&id).unwrap()["error"].as_str().unwrap().contains("not connected"));
    assert_eq!(scene.vendors.journal().receipts().len(), 1);
}
