//! Dead letters of what could not be read: a retry reads it again, and the letter stays until it came over.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, Vendor, World};

fn letters(scene: &Scene) -> Vec<Value> {
    scene.host.run(&["letters", "list", "--json"]).exits(0).json().as_array().expect("letters").clone()
}

fn retry(scene: &Scene, letter: &Value) {
    scene.host.run(&["letters", "retry", &letter["letter"].to_string()]).exits(0);
}

/// The second item of a feed has this in this field.
fn second(field: &'static str, value: Value) -> Fault {
    Fault::Altered(Arc::new(move |page| {
        let items = page["data"].as_array_mut().expect("items");
        items
            .iter_mut()
            .filter(|item| item["id"].as_str().is_some_and(|id| id.ends_with('2')))
            .for_each(|item| item[field] = value.clone());
    }))
}

/// The second item is in no page.
fn without_second() -> Fault {
    Fault::Altered(Arc::new(|page| {
        let items = page["data"].as_array_mut().expect("items");
        items.retain(|item| !item["id"].as_str().is_some_and(|id| id.ends_with('2')));
    }))
}

fn feed(path: &'static str) -> impl Fn(&Call) -> bool + Send + 'static {
    move |call| call.is(Vendor::CaseStatus, "GET", path)
}

#[test]
fn a_message_that_could_not_be_read_is_read_again_until_it_is_a_note() {
    let mut world = World::of([1]);
    ["one", "two", "three"].into_iter().for_each(|text| drop(world.message(1, "from_client", text)));
    let scene = Scene::new(world, &Rules::new());
    let pass = || scene.host.run(&["messages", "hartwell", "--json"]);
    scene.vendors.always(second("sent_at", json!("yesterday")), feed("/messages"));
    pass().exits(0);
    let [letter] = &letters(&scene)[..] else { panic!("one letter") };
    assert_eq!(scene.vendors.take_journal().notes().len(), 2);

    // Nobody reads the feed anew before somebody asks for it; then it is read, and is as odd as before.
    pass().exits(0);
    assert_eq!(scene.vendors.take_journal().iter().filter(|entry| feed("/messages")(&entry.call)).count(), 1);
    retry(&scene, letter);
    assert!(letters(&scene)[0]["retried_at"].is_string());
    pass().exits(0);
    assert_eq!((letters(&scene).len(), &letters(&scene)[0]["retried_at"]), (1, &json!(null)));

    retry(&scene, letter);
    scene.vendors.mend();
    // Another account's message of this name is not the firm's.
    let own = scene.vendors.world().case_status_account.clone();
    scene.vendors.world().case_status_account = ("okafor".to_owned(), "Okafor".to_owned());
    pass().exits(1);
    assert!(letters(&scene)[0]["retried_at"].is_string());
    scene.vendors.world().case_status_account = own;
    scene.host.run(&["firm", "trust", "hartwell", "--account"]).exits(0);
    pass().exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
    assert_eq!((letters(&scene).len(), scene.vendors.world().note_bodies(1).len()), (0, 3));
}

#[test]
fn a_document_that_could_not_be_read_is_read_again_until_it_is_filed() {
    let mut world = World::of([1]);
    for name in ["one.pdf", "two.pdf"] {
        world.document(1, name, &b"%PDF"[..]);
    }
    let scene = Scene::new(world, &Rules::new());
    let pass = || scene.host.run(&["documents", "hartwell", "--json"]);
    scene.vendors.always(second("size", json!("large")), feed("/documents"));
    pass().exits(0);
    let [letter] = &letters(&scene)[..] else { panic!("one letter") };
    // What is not in the feed any more cannot come over: its letter says so and stays.
    retry(&scene, letter);
    scene.vendors.mend();
    scene.vendors.always(without_second(), feed("/documents"));
    pass().exits(0);
    assert_eq!(letters(&scene)[0]["reason"], "Case Status does not list it any more");

    retry(&scene, letter);
    scene.vendors.mend();
    pass().exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
    assert_eq!(letters(&scene).len(), 0);
    assert_eq!(scene.vendors.take_journal().documents().len(), 2);
}
