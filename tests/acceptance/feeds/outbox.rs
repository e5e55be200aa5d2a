//! Staff's messages are sent through Case Status, each once, and staff can read what became of them.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Fault, Weather, World, any_message, any_receipt};

fn pass(scene: &Scene) -> crate::support::process::Finished {
    scene.host.run(&["outbox", "hartwell", "--json"])
}

fn sent(scene: &Scene, id: u64) -> Vec<String> {
    scene.vendors.world().sent(id).iter().map(|message| message["body"].as_str().unwrap_or_default().to_owned()).collect()
}

fn receipt(scene: &Scene, message: &str) -> Value {
    scene.vendors.world().receipt(message).cloned().unwrap_or_default()
}

#[test]
fn a_message_is_sent_as_the_primary_attorney_and_gets_its_receipt() {
    let mut world = World::of([1]);
    let id = world.outbound(1, "Please call.");
    let scene = Scene::new(world, &Rules::new());

    let run = pass(&scene).exits(0).run();

    assert_eq!((run.text("kind"), run.row(1).changes()), ("outbox", "1 message"));
    assert_eq!(sent(&scene, 1), ["Please call."]);
    assert_eq!(scene.vendors.world().sent(1)[0]["sender_email"], crate::support::vendors::ANN);
    assert_eq!(receipt(&scene, &id)["status"], "delivered");
    assert!(receipt(&scene, &id)["case_status_message_id"].is_string());
    // It does not come back as a note, and nothing is left to do.
    scene.host.run(&["messages", "hartwell", "--json"]).exits(0);
    assert!(scene.vendors.world().note_bodies(1).is_empty());
    pass(&scene).exits(0).run().counts(&[("attempted", 0)]);
}

#[test]
fn a_case_that_is_not_connected_gets_a_failed_receipt_that_staff_can_read() {
    let mut world = World::of([1]);
    world.unconnected(2);
    let id = world.outbound(2, "Welcome.");
    let other = world.outbound(1, "Hello.");
    let scene = Scene::new(world, &Rules::new());

    pass(&scene).exits(1).run().counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);

    let told = receipt(&scene, &id);
    assert_eq!(told["status"], "failed");
    assert!(told["error"].as_str().unwrap().contains("not connected to Case Status"), "{told}");
    assert_eq!(receipt(&scene, &other)["status"], "delivered");
}

#[test]
fn what_case_status_cannot_take_is_said_without_asking_it() {
    let mut world = World::of([1]);
    let id = world.outbound(1, &"x".repeat(5_001));
    let scene = Scene::new(world, &Rules::new());
    pass(&scene).exits(1);
    assert!(receipt(&scene, &id)["error"].as_str().unwrap().contains("5001 characters"));
    assert!(scene.vendors.journal().messages_sent().is_empty());
}

#[test]
fn an_answer_that_nobody_can_read_is_no_refusal() {
    let mut world = World::of([1]);
    let id = world.outbound(1, "once");
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.always(Fault::DoneThen(201), any_message);
    pass(&scene).exits(1);
    // It was sent: to tell staff that it was not would have them send it again.
    assert_eq!(receipt(&scene, &id), json!(null));
    scene.vendors.mend();
    pass(&scene).exits(0);
    assert_eq!(receipt(&scene, &id)["status"], "delivered");
    assert_eq!(sent(&scene, 1), ["once"]);
}

#[test]
fn a_message_whose_receipt_failed_is_not_sent_again() {
    let mut world = World::of([1]);
    let id = world.outbound(1, "once");
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.next(2, Fault::Refused(500), any_receipt);
    pass(&scene).exits(1);
    assert_eq!(receipt(&scene, &id), json!(null));
    scene.vendors.mend();
    pass(&scene).exits(0);
    assert_eq!(receipt(&scene, &id)["status"], "delivered");
    assert_eq!(scene.vendors.journal().messages_sent().len(), 1);
}

#[test]
fn thirty_messages_in_a_storm_with_kills_are_sent_once_each_and_in_order() {
    let mut world = World::of([1, 2, 3]);
    for number in 0..30 {
        world.outbound(number % 3 + 1, &format!("message {number}"));
    }
    let scene = Scene::new(world, &Rules::new().with("limits", "{ requests_per_second: 100000, timeout: 500ms }"));
    scene.vendors.weather(Weather { seed: 5, too_many: 0.05, refused: 0.05, done_then_500: 0.10, cut_off: 0.03, hang: 0.005 });
    for kill in 1..=2 {
        let mut running = scene.host.start(&["outbox", "hartwell", "--json"]);
        let applied = || scene.vendors.journal().messages_sent().iter().filter(|entry| entry.applied).count();
        running.until("some messages more", || applied() >= kill * 8);
        running.kill();
    }
    pass(&scene);
    scene.vendors.mend();
    pass(&scene).exits(0);
    for case in 1..=3 {
        let expected: Vec<String> = (0..30).filter(|number| number % 3 + 1 == case).map(|number| format!("message {number}")).collect();
        assert_eq!(sent(&scene, case), expected);
    }
    assert_eq!(scene.vendors.world().receipts.len(), 30);
}

#[test]
fn nothing_is_sent_where_the_key_is_refused() {
    let mut world = World::of([1]);
    world.outbound(1, "hello");
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.always(Fault::Unauthorized, |call| any_message(call) || call.path == "/firm");
    let run = pass(&scene).exits(1).run();
    assert_eq!(run.status(), "failed");
    assert!(run.text("reason").contains("refuses the key"));
    assert!(scene.vendors.world().receipts.is_empty());
}

#[test]
fn a_message_that_is_typed_here_takes_no_outbox_along_where_that_is_not_sent_by_itself() {
    let mut world = World::of([1, 2]);
    let waiting = world.outbound(2, "not yet");
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    serving.send(&support, "POST", "/api/v1/firms/hartwell/cases/1/messages", Some(&json!({ "body": "hello" })));
    serving.until("it is sent", || scene.vendors.world().sent(1).len() == 1);
    serving.stop();
    assert!(scene.vendors.world().receipt(&waiting).is_none());
}
