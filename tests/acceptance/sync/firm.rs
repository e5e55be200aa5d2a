//! `sync FIRM`: only what differs is written, nothing is imported, and every case has its line.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::{Rules, STAGES};
use crate::support::run::{COLUMNS, COUNTS};
use crate::support::vendors::{BOB, Fault, PETE, Vendor, World};

/// Makes case `id` differ in one attribute; answers the body that puts it right.
fn differ(world: &mut World, id: u64, attribute: u64) -> Value {
    match attribute {
        0 => {
            world.peer(id)["stage"] = json!("Demand Sent");
            json!({ "stage": 4 })
        }
        1 => {
            world.peer(id)["status"] = json!("closed");
            world.peer(id)["closed_on"] = json!("2026-10-30");
            json!({ "status": "closed", "closed_date": "2026-10-30" })
        }
        2 => {
            world.attorney(id, BOB);
            json!({ "primary_attorney_email": BOB })
        }
        3 => {
            world.peer(id)["staff"].as_array_mut().unwrap().push(json!({ "role": "attorney", "name": "Bob", "email": BOB }));
            json!({ "additional_attorney_emails": [BOB] })
        }
        4 => {
            world.peer(id)["staff"][1]["email"] = json!(PETE);
            json!({ "paralegal_emails": [PETE] })
        }
        5 => {
            world.peer(id)["description"] = json!("Rear-end collision, two cars");
            json!({ "description": "Rear-end collision, two cars" })
        }
        6 => {
            world.peer(id)["case_type"] = json!("Slip and Fall");
            json!({ "practice_area": "Slip and Fall" })
        }
        7 => {
            world.peer(id)["opened_on"] = json!("2024-02-04");
            json!({ "case_date": "2024-02-04" })
        }
        _ => {
            world.peer(id)["case_number"] = json!(format!("PI-2024-{id}"));
            json!({ "readable_id": format!("PI-2024-{id}") })
        }
    }
}

#[test]
fn of_900_connected_cases_the_45_that_differ_are_written_once_and_only_where_they_differ() {
    // Ids of three lengths, so that an order by text shows.
    let mut world = World::of(95..995);
    (2_000..2_100).for_each(|id| world.unconnected(id));
    let expected: Vec<(u64, Value)> = (0..45).map(|at| (95 + at * 20, differ(&mut world, 95 + at * 20, at % 9))).collect();
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    let journal = scene.vendors.take_journal();
    let mut written: Vec<(u64, Value)> =
        journal.writes().into_iter().map(|entry| (entry.case().parse().unwrap(), entry.call.body.clone())).collect();
    written.sort_by_key(|(id, _)| *id);
    assert_eq!(written, expected);
    assert!(journal.patches().iter().all(|entry| entry.applied && entry.status == Some(200)));
    run.counts(&[("attempted", 900), ("updated", 45), ("unchanged", 855)]);
    assert_eq!(run.status(), "succeeded");

    // More than 100 cases: the rows are those with something to say; the CSV has all, in the order of numbers.
    let ids = |rows: &[Value]| -> Vec<u64> { rows.iter().map(|row| row["integration_id"].as_str().unwrap().parse().unwrap()).collect() };
    assert_eq!(ids(run.rows()), expected.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let report = run.report(&scene.host);
    let reported: Vec<u64> = report.iter().map(|line| line["integration_id"].parse().unwrap()).collect();
    assert_eq!(reported, (95..995).collect::<Vec<_>>());
    assert_eq!(report.iter().filter(|line| line["result"] == "updated").count(), 45);
    assert_eq!(run.row(95).changes(), "stage: 3 → 4");
    assert_eq!(run.row(95 + 20 * 5).changes(), "description");

    let again = scene.sync().exits(0).run();
    assert_eq!(scene.vendors.journal().writes().len(), 0);
    again.counts(&[("attempted", 900), ("unchanged", 900)]);
    assert_eq!(again.rows(), [] as [Value; 0]);
    assert_eq!(again.report(&scene.host).len(), 900);
}

#[test]
fn both_sides_are_read_in_pages_of_200_and_casepeer_only_where_connected() {
    let mut world = World::of(1..=450);
    world.unconnected(9_000);
    let scene = Scene::new(world, &Rules::new());

    scene.sync().exits(0);

    let journal = scene.vendors.journal();
    let lists: Vec<_> = journal.iter().filter(|entry| entry.call.lists_cases()).collect();
    let of = |vendor: Vendor| lists.iter().filter(move |entry| entry.call.vendor == vendor);
    assert_eq!((of(Vendor::Casepeer).count(), of(Vendor::CaseStatus).count()), (3, 3));
    assert!(lists.iter().all(|entry| entry.call.query["limit"] == "200"));
    assert!(of(Vendor::Casepeer).all(|entry| entry.call.query["connected"] == "true"));
    // Nothing is asked case by case where nothing differs.
    assert!(journal.iter().all(|entry| entry.call.path.matches('/').count() == 1), "{journal:?}");
}

#[test]
fn the_json_is_the_run_and_nothing_else() {
    let mut world = World::of([7, 8]);
    world.peer(7)["stage"] = json!("Negotiation");
    world.peer(7)["description"] = json!("Settled?");
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let expected = ["run_id", "firm", "kind", "revision", "dry_run", "status", "report", "counts", "started_at", "finished_at", "rows"];
    assert_eq!(keys(&run.0), set(&expected));
    assert_eq!(keys(&run.0["counts"]), set(&COUNTS));
    assert_eq!((run.text("firm"), run.text("kind"), &run.0["dry_run"]), ("hartwell", "sync", &json!(false)));
    assert!(!run.text("revision").is_empty() && !run.id().is_empty());
    let [started, finished] = ["started_at", "finished_at"].map(|key| run.text(key).parse::<jiff::Timestamp>().expect("a time"));
    assert!(started <= finished);

    // Up to 100 cases, every one has its row.
    assert_eq!(run.rows().len(), 2);
    run.rows().iter().for_each(|row| assert_eq!(keys(row), set(&COLUMNS)));
    let row = run.row(7);
    assert_eq!((row.result(), row.changes()), ("updated", "stage: 3 → 6; description"));
    assert_eq!((&row.0["readable_id"], &row.0["client"]), (&json!("PI-7"), &json!("Jane Zyskowski7")));
    assert_eq!((run.row(8).result(), run.row(8).changes(), run.row(8).reason()), ("unchanged", "", ""));
}

#[test]
fn a_case_that_one_side_lacks_is_skipped_with_a_reason_and_never_imported() {
    let mut world = World::of([10, 20, 30]);
    world.cases.remove(&10);
    world.existing.retain(|held| held["integration_id"] != "20");
    world.unconnected(40);
    let scene = Scene::new(world, &Rules::new());

    let run = scene.sync().exits(0).run();

    run.counts(&[("attempted", 1), ("unchanged", 1), ("skipped", 2)]);
    assert_eq!(run.status(), "succeeded");
    for id in [10, 20] {
        assert_eq!(run.row(id).result(), "skipped");
        assert_ne!(run.row(id).reason(), "");
    }
    assert_eq!(run.reported(&scene.host, "skipped"), ["10", "20"].map(str::to_owned).into());
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn attributes_that_the_firm_does_not_sync_are_never_touched() {
    let mut world = World::of([5]);
    (0..9).for_each(|attribute| {
        differ(&mut world, 5, attribute);
    });
    let scene = Scene::new(world, &Rules::new().with("sync", "{ attributes: [description, case_date] }"));

    let run = scene.sync().exits(0).run();

    let journal = scene.vendors.journal();
    let bodies: Vec<&Value> = journal.writes().into_iter().map(|entry| &entry.call.body).collect();
    assert_eq!(bodies, [&json!({ "description": "Rear-end collision, two cars", "case_date": "2024-02-04" })]);
    run.counts(&[("attempted", 1), ("updated", 1)]);
}

#[test]
fn a_paused_nightly_sync_does_not_keep_anyone_from_syncing() {
    let mut world = World::of([5]);
    world.peer(5)["stage"] = json!("Litigation");
    let scene = Scene::new(world, &Rules::new().with("schedule", "{ nightly_sync: { enabled: false } }"));

    scene.sync().exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
    assert_eq!(scene.vendors.world().status(5)["stage"], 7);
}

#[test]
fn no_vendor_has_more_requests_at_once_than_the_firm_allows() {
    let mut world = World::of(1..=200);
    (1..=30).for_each(|id| world.peer(id)["description"] = json!("Rolled over"));
    let scene = Scene::new(world, &Rules::new().with("limits", "{ requests_per_second: 100000, concurrency: 4 }"));
    scene.vendors.always(Fault::Slow(std::time::Duration::from_millis(20)), |_| true);

    scene.sync().exits(0).run().counts(&[("attempted", 200), ("updated", 30), ("unchanged", 170)]);

    // A store that others may share leaves their part to messages: three quarters are for syncs.
    let allowed = if scene.host.postgres().is_some() { 3 } else { 4 };
    assert!(scene.vendors.peak(Vendor::Casepeer) <= allowed);
    assert_eq!(scene.vendors.peak(Vendor::CaseStatus), allowed);
}

#[test]
fn defaults_of_all_firms_hold_where_a_firm_says_nothing() {
    let mut world = World::of([5, 6]);
    world.status(5)["status"] = json!("closed");
    world.peer(6)["stage"] = json!("treating");
    world.status(6)["stage"] = json!(1);
    let scene = Scene::new(world, &Rules::new().with("stages", &format!("  match: exact\n{STAGES}")));
    scene.host.write("rules/_defaults.yaml", "sync: { reopen: true }\nstages: { match: ignore_case }\n");

    scene.sync().exits(0);

    assert_eq!(scene.vendors.world().status(5)["status"], "open");
    // Here the firm says something of its own.
    assert_eq!(scene.vendors.world().status(6)["stage"], 1);
}
