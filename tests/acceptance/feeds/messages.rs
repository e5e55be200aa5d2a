//! Messages of Case Status become case notes: each once, in order within its case, whatever happens meanwhile.

use std::time::Duration;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, Weather, World, any_note};

const PREFIX: &str = "Received message from Case Status: Message from Case Status: ";

fn pass(scene: &Scene) -> crate::support::process::Finished {
    scene.host.run(&["messages", "hartwell", "--json"])
}

fn bodies(scene: &Scene, id: u64) -> Vec<String> {
    scene.vendors.world().note_bodies(id).iter().map(ToString::to_string).collect()
}

#[test]
fn each_message_becomes_one_note_with_the_prefix() {
    let mut world = World::of([1, 2]);
    world.message(1, "from_client", "Hello");
    world.message(1, "from_firm", "Good morning");
    world.message(2, "from_client", "When?");
    let scene = Scene::new(world, &Rules::new());

    let run = pass(&scene).exits(0).run();
    assert_eq!(run.text("kind"), "messages");
    assert_eq!((run.row(1).changes(), run.row(2).changes()), ("2 notes", "1 note"));
    assert_eq!(bodies(&scene, 1), [format!("{PREFIX}Hello"), format!("{PREFIX}Good morning")]);
    assert_eq!(bodies(&scene, 2), [format!("{PREFIX}When?")]);

    // What is a note already is not one again; what is new is.
    scene.vendors.world().message(2, "from_client", "Now?");
    pass(&scene).exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
    assert_eq!(bodies(&scene, 2).len(), 2);
    assert_eq!(scene.vendors.journal().notes().len(), 4);
}

#[test]
fn the_rules_say_which_messages_and_the_script_what_they_read() {
    let mut world = World::of([1]);
    world.message(1, "from_firm", "not this");
    world.message(1, "from_client", "");
    world.message(1, "from_client", "this");
    let rules = Rules::new().with("messages", "{ note_prefix: \"[CS] \", directions: [from_client] }").with("hooks", "h.rhai");
    let scene = Scene::new(world, &rules);
    scene.host.folder("scripts");
    scene.host.write("scripts/h.rhai", "fn note_text(message, text) { if message.body == \"\" { () } else { text + \"!\" } }\n");

    pass(&scene).exits(0);

    assert_eq!(bodies(&scene, 1), ["[CS] this!"]);
}

#[test]
fn a_firm_may_begin_with_what_comes_from_now_on() {
    let mut world = World::of([1]);
    world.message(1, "from_client", "old");
    let scene = Scene::new(world, &Rules::new().with("messages", "{ start: now }"));
    pass(&scene).exits(0);
    scene.vendors.world().message(1, "from_client", "new");
    pass(&scene).exits(0);
    assert_eq!(bodies(&scene, 1), [format!("{PREFIX}new")]);
}

#[test]
fn a_note_refused_for_good_is_a_letter_and_holds_nothing_up() {
    let mut world = World::of([1, 2]);
    world.message(1, "from_client", "one");
    world.message(1, "from_client", "two");
    world.message(2, "from_client", "three");
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.next(1, Fault::Refused(422), any_note);

    let run = pass(&scene).exits(1).run();

    run.counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);
    let notes = bodies(&scene, 1).len() + bodies(&scene, 2).len();
    assert_eq!(notes, 2);
    let letters = scene.host.run(&["letters", "list", "--json"]).exits(0).json();
    assert_eq!(letters.as_array().map(Vec::len), Some(1), "{letters}");
    assert!(letters[0]["reason"].as_str().unwrap().contains("422"), "{letters}");

    // Dropped it stays away; another one that is tried again arrives.
    let number = letters[0]["letter"].to_string();
    scene.host.run(&["letters", "retry", &number]).exits(0);
    pass(&scene).exits(0);
    assert_eq!(bodies(&scene, 1).len() + bodies(&scene, 2).len(), 3);
    assert_eq!(scene.host.run(&["letters", "list", "--json"]).json(), json!([]));
    scene.host.run(&["letters", "drop", &number]).exits(2);
}

#[test]
fn a_message_to_a_case_that_casepeer_no_longer_has_is_a_letter() {
    let mut world = World::of([1]);
    world.message(1, "from_client", "lost");
    world.cases.clear();
    let scene = Scene::new(world, &Rules::new());
    pass(&scene).exits(1).run().row(1).blames("no case of this number");
    pass(&scene).exits(0).run().counts(&[("attempted", 0)]);
}

#[test]
fn later_messages_of_a_case_wait_behind_one_that_may_yet_get_through() {
    let mut world = World::of([1]);
    (1..=3).for_each(|number| drop(world.message(1, "from_client", &number.to_string())));
    let scene = Scene::new(world, &Rules::new().resigned());
    scene.vendors.next(2, Fault::Refused(500), any_note);
    pass(&scene).exits(1);
    assert!(bodies(&scene, 1).is_empty());
    scene.vendors.mend();
    pass(&scene).exits(0);
    assert_eq!(bodies(&scene, 1), [1, 2, 3].map(|number| format!("{PREFIX}{number}")));
}

#[test]
fn four_hundred_messages_in_a_storm_with_three_kills_are_four_hundred_notes_in_order() {
    let ids: Vec<u64> = (1..=20).collect();
    let mut world = World::of(ids.iter().copied());
    for number in 0..400_u64 {
        world.message(ids[usize::try_from(number).unwrap() % ids.len()], "from_client", &format!("message {number}"));
    }
    let scene = Scene::new(world, &Rules::new().with("limits", "{ requests_per_second: 100000, timeout: 500ms }"));
    scene.vendors.weather(Weather { seed: 11, too_many: 0.05, refused: 0.05, done_then_500: 0.05, cut_off: 0.02, hang: 0.005 });

    for kill in 1..=3 {
        let mut running = scene.host.start(&["messages", "hartwell", "--json"]);
        let applied = || scene.vendors.journal().notes().iter().filter(|entry| entry.applied).count();
        running.until("some notes more", || applied() >= kill * 80);
        running.kill();
    }
    // A storm may leave some for a later pass.
    for _ in 0..5 {
        pass(&scene);
    }

    scene.vendors.mend();
    pass(&scene).exits(0);
    for id in ids {
        let expected: Vec<String> =
            (0..400).filter(|number| number % 20 + 1 == id).map(|number| format!("{PREFIX}message {number}")).collect();
        assert_eq!(bodies(&scene, id), expected, "case {id}");
    }
}

#[test]
fn a_hanging_vendor_does_not_keep_ctrl_c_waiting() {
    let mut world = World::of([1]);
    (1..=50).for_each(|number| drop(world.message(1, "from_client", &number.to_string())));
    let scene = Scene::new(world, &Rules::new());
    scene.vendors.always(Fault::Slow(Duration::from_millis(100)), any_note);
    let mut running = scene.host.start(&["messages", "hartwell", "--json"]);
    running.until("a note", || !scene.vendors.journal().notes().is_empty());
    running.interrupt();
    let run = running.wait().exits(130).run();
    assert_eq!(run.status(), "cancelled");
    assert!(bodies(&scene, 1).len() < 50);
    pass(&scene).exits(0);
    assert_eq!(bodies(&scene, 1).len(), 50);
}
