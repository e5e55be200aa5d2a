//! `connect`: a case goes to Case Status with all it needs, once, and CASEpeer is told.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::{ANN, BOB, PAM, Vendor, World, surname};

/// A firm with these cases in CASEpeer and none in Case Status.
fn firm(ids: impl IntoIterator<Item = u64>) -> Scene {
    let mut world = World::new();
    ids.into_iter().for_each(|id| world.unconnected(id));
    Scene::new(world, &Rules::new())
}

/// The integration ids of the cases that Case Status has.
fn held(scene: &Scene) -> Vec<String> {
    scene.vendors.world().existing.iter().map(|held| held["integration_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_case_is_created_with_all_it_needs_and_then_marked() {
    let scene = firm([48_213]);
    {
        let mut world = scene.vendors.world();
        world.peer(48_213)["stage"] = json!("Demand Prep");
        world.peer(48_213)["staff"].as_array_mut().unwrap().push(json!({ "role": "attorney", "name": "Bob", "email": BOB }));
    }

    let run = scene.connect(48_213).exits(0).run();

    let journal = scene.vendors.journal();
    let writes = journal.writes();
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(writes[0].call.is(Vendor::CaseStatus, "POST", "/cases"));
    assert!(writes[0].call.idempotency_key.as_ref().is_some_and(|key| (1..=128).contains(&key.len())));
    assert!(writes[1].call.is(Vendor::Casepeer, "PUT", "/cases/48213/connection"));
    assert_eq!(writes[1].call.body, json!({ "case_status_case_id": "cs-48213" }));

    let mut body = writes[0].call.body.clone();
    // Whether nothing is said of an address or null makes no difference.
    if body["client"]["email"].is_null() {
        body["client"].as_object_mut().unwrap().remove("email");
    }
    let expected = json!({
        "integration_id": "48213", "readable_id": "PI-48213", "practice_area": "Motor Vehicle", "stage": 4,
        "primary_attorney_email": ANN, "additional_attorney_emails": [BOB], "paralegal_emails": [PAM],
        "description": "Rear-end collision", "case_date": "2024-02-03", "create_client": true,
        "client": { "first_name": "Jane", "last_name": surname(48_213), "phone": "+13105558213" }
    });
    assert_eq!(body, expected);

    run.counts(&[("attempted", 1), ("created", 1)]);
    assert_eq!((run.status(), run.text("kind"), &run.0["dry_run"]), ("succeeded", "connect", &json!(false)));
    assert_eq!(run.row(48_213).result(), "created");
    assert_eq!(run.reported(&scene.host, "created"), ["48213".to_owned()].into());
    assert_eq!(scene.vendors.world().peer(48_213)["connected"], true);

    // What was created is what a sync wants: there is nothing for it to do.
    scene.vendors.take_journal();
    scene.sync().exits(0).run().counts(&[("attempted", 1), ("unchanged", 1)]);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn phones_are_tried_by_label_and_sent_as_e164() {
    let phones = |phones: Value| {
        let scene = firm([1]);
        scene.vendors.world().peer(1)["client"]["phones"] = phones;
        scene.connect(1).exits(0);
        scene.vendors.journal().posts()[0].call.body["client"]["phone"].as_str().unwrap().to_owned()
    };
    let phone = |label: &str, number: &str| json!({ "label": label, "number": number });
    assert_eq!(phones(json!([phone("home", "(213) 555-7777"), phone("MOBILE", "310.555.8888 ext 2")])), "+13105558888");
    // A label that is tried first has no say where its number is none.
    assert_eq!(phones(json!([phone("mobile", "555-1212"), phone("home", "(213) 555-7777")])), "+12135557777");
    assert_eq!(phones(json!([phone("fax", "213-555-7777"), phone("voice", "1 310 555 8888")])), "+13105558888");
    assert_eq!(phones(json!([phone("spouse", "none"), phone("aunt", "+44 20 7946 0958")])), "+442079460958");
}

#[test]
fn a_preview_writes_nothing() {
    let scene = firm([1, 2]);
    scene.vendors.world().peer(2)["client"]["phones"] = json!([]);

    let run = scene.host.run(&["connect", "hartwell", "1", "--dry-run", "--json"]).exits(0).run();
    run.counts(&[("attempted", 1), ("created", 1)]);
    assert_eq!((&run.0["dry_run"], run.row(1).result()), (&json!(true), "created"));

    let refused = scene.host.run(&["connect", "hartwell", "2", "--dry-run", "--json"]).exits(1).run();
    refused.counts(&[("attempted", 1), ("failed", 1)]);
    refused.row(2).blames("phone");

    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn several_cases_are_connected_at_once() {
    let scene = firm([1, 20, 300]);
    let run = scene.host.run(&["connect", "hartwell", "1", "https://my.casepeer.com/case/20/notes/", "300", "--json"]).exits(0).run();
    run.counts(&[("attempted", 3), ("created", 3)]);
    assert_eq!(held(&scene).len(), 3);
}

#[test]
fn ids_come_from_a_file_with_one_a_line() {
    let scene = firm(1..=5);
    scene.host.write("ids.txt", "# cases for Monday\n1\n\n  3  \n# 4 comes later\n5\n\n");

    let run = scene.host.run(&["connect", "hartwell", "--from", "ids.txt", "--json"]).exits(0).run();
    run.counts(&[("attempted", 3), ("created", 3)]);
    let mut ids = held(&scene);
    ids.sort();
    assert_eq!(ids, ["1", "3", "5"]);
}

#[test]
fn ids_come_from_the_first_column_of_a_csv() {
    let scene = firm(1..=5);
    scene.host.write("ids.csv", "integration_id,client\n2,\"Doe, Jane\"\n\n# 3,later\n4,Roe\n");

    let run = scene.host.run(&["connect", "hartwell", "--from", "ids.csv", "--json"]).exits(0).run();
    run.counts(&[("attempted", 2), ("created", 2)]);
    let mut ids = held(&scene);
    ids.sort();
    assert_eq!(ids, ["2", "4"]);
}

#[test]
fn a_file_with_anything_else_is_refused_before_a_vendor_is_asked() {
    let scene = firm([1]);
    scene.host.write("ids.txt", "1\ntwo\n");
    let finished = scene.host.run(&["connect", "hartwell", "--from", "ids.txt", "--json"]).exits(2);
    assert!(finished.said().contains("ids.txt:2"), "{}", finished.said());
    scene.host.run(&["connect", "hartwell", "--from", "nowhere.txt", "--json"]).exits(2);
    scene.host.run(&["connect", "hartwell", "--json"]).exits(2);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn the_same_case_named_twice_is_one_case() {
    let scene = firm([1]);
    let run = scene.host.run(&["connect", "hartwell", "1", "1", "--json"]).exits(0).run();
    run.counts(&[("attempted", 1), ("created", 1)]);
    assert_eq!(scene.vendors.journal().posts().len(), 1);
}
