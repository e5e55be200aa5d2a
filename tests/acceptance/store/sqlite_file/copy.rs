//! `casebridge store copy`: a store of SQLite's becomes one of PostgreSQL's, row by row the same, and the other way round.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::secrets::sealed::sealed;
use crate::support::host::Scene;
use crate::support::postgres::{self, Postgres};
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Call, Fault, Gate, any_note};
use crate::support::visitor::{PASSWORD, SUPPORT, Visitor, add};

const FILE: &str = "sqlite://var/casebridge.db";

/// A host that has done much of what a host does.
fn lived_in() -> (Scene, String) {
    let scene = sealed(&Rules::new().with("schedule", NOTHING_BY_ITSELF));
    {
        let mut world = scene.vendors.world();
        world.peer(1)["stage"] = json!("Negotiation");
        world.message(1, "from_client", "refused for good");
        world.message(2, "from_client", "a text of more than ASCII: für Ö, 日本, 🙂, \"quotes\" and 'others'");
    }
    scene.vendors.next(1, Fault::Refused(422), any_note);
    scene.host.run(&["plan", "hartwell"]).exits(0);
    scene.sync().exits(0);
    scene.host.run(&["messages", "hartwell", "--json"]).exits(1);
    scene.script("log.info(\"said by a script\");\n");
    scene.run_script(&[]);
    add(&scene.host, SUPPORT, &["support"]);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    Visitor::signed_in(&serving, SUPPORT).page("/");
    serving.stop();
    (scene, support)
}

fn copy(scene: &Scene, from: &str, to: &str) -> Finished {
    scene.host.run(&["store", "copy", from, to, "--json"])
}

/// The number of rows of each table, all of which are equal.
#[track_caller]
fn rows(copied: &Value) -> BTreeMap<String, u64> {
    assert_eq!(copied["copied"], true, "{copied:#}");
    let tables = copied["tables"].as_array().expect("tables");
    assert!(tables.iter().all(|table| table["rows"] == table["equal"]), "{copied:#}");
    let row = |table: &Value| (table["table"].as_str().expect("a name").to_owned(), table["rows"].as_u64().expect("a number"));
    tables.iter().map(row).collect()
}

fn known(scene: &Scene) -> Vec<Value> {
    let asked: [&[&str]; 5] =
        [&["runs", "list"], &["letters", "list"], &["token", "list"], &["user", "list"], &["rules", "receipts", "hartwell"]];
    let answer = |arguments: &&[&str]| scene.host.run(&[arguments, &["--json"][..]].concat()).exits(0).json();
    asked.iter().map(answer).collect()
}

#[test]
fn a_store_moves_to_postgresql_and_back_and_every_row_is_equal() {
    let (mut scene, support) = lived_in();
    let postgres = Postgres::start();
    let before = known(&scene);

    let there = rows(&copy(&scene, FILE, &postgres.url()).exits(0).json());
    for table in ["runs", "rows", "effects", "revisions", "migrations", "log_lines", "inbox", "cursors", "letters", "receipts"] {
        assert!(there[table] > 0, "{table}: {there:#?}");
    }
    for table in ["users", "sessions", "tokens", "audit", "sealed_secrets", "sealed_secret_changes", "good_rules"] {
        assert!(there[table] > 0, "{table}: {there:#?}");
    }

    // It is served as the first one was: sealed secrets open, tokens and passwords hold, and numbers go on.
    scene.host.set("CASEBRIDGE_DATABASE_URL", &postgres.url());
    assert_eq!(known(&scene), before);
    scene.vendors.world().peer(2)["stage"] = json!("Negotiation");
    scene.sync().exits(0).run().counts(&[("attempted", 3), ("updated", 1), ("unchanged", 2)]);
    let serving = Serving::start(&scene.host);
    serving.get_as(&support, "/api/v1/firms").answers(200);
    Visitor::signed_in(&serving, SUPPORT).page("/");
    serving.stop();

    let latest = known(&scene);
    let back = rows(&copy(&scene, &postgres.url(), "sqlite://var/back.db").exits(0).json());
    assert!(back["runs"] == there["runs"] + 1 && back["sessions"] == there["sessions"] + 1, "{back:#?}");
    scene.host.set("CASEBRIDGE_DATABASE_URL", "sqlite://var/back.db");
    assert_eq!(known(&scene), latest);
    scene.sync().exits(0).run().counts(&[("attempted", 3), ("unchanged", 3)]);
}

#[test]
fn thousands_of_rows_move_too() {
    let (scene, _) = lived_in();
    // As many as take several batches, and not in the order of their names.
    let more = "insert into cursors (firm, feed, cursor, moved_at)
        with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 4500)
        select case when number % 2 = 0 then 'Z' else 'ä-' end || number, 'messages', 'c' || number, number from numbers";
    crate::support::store::execute(&scene.host, more, &[]);
    let postgres = Postgres::start();
    let there = rows(&copy(&scene, FILE, &postgres.url()).exits(0).json());
    // Beside those, hartwell's mark of its messages and the sizes of its two listings.
    assert_eq!(there["cursors"], 4503);
    let back = rows(&copy(&scene, &postgres.url(), "sqlite://var/back.db").exits(0).json());
    assert_eq!(back, there);
}

#[test]
fn nothing_is_copied_onto_something_nor_from_what_is_at_work() {
    let (scene, _) = lived_in();
    let postgres = Postgres::start();
    let is_refused = |finished: Finished, words: &str| {
        let finished = finished.exits(2);
        assert!(finished.stderr.contains(words), "{}", finished.stderr);
        assert!(!finished.said().contains(postgres::PASSWORD), "{}", finished.said());
    };
    is_refused(copy(&scene, "sqlite://var/none.db", &postgres.url()), "no store");
    assert!(!scene.host.path("var/none.db").exists());
    is_refused(copy(&scene, FILE, &postgres.url().replace("postgres://", "mysql://")), "names neither");

    let serving = Serving::start(&scene.host);
    is_refused(copy(&scene, FILE, &postgres.url()), "casebridge serve");
    serving.stop();

    scene.vendors.world().peer(2)["stage"] = json!("Negotiation");
    let gate = Gate::closed();
    scene.vendors.always(Fault::Wait(gate.clone()), Call::is_patch);
    let mut running = scene.host.start(&["sync", "hartwell", "--json"]);
    running.until("it writes", || scene.vendors.journal().patches().len() == 2);
    is_refused(copy(&scene, FILE, &postgres.url()), "still at work");
    gate.open();
    running.wait().exits(0);

    rows(&copy(&scene, FILE, &postgres.url()).exits(0).json());
    is_refused(copy(&scene, FILE, &postgres.url()), "not empty");
    is_refused(copy(&scene, &postgres.url(), FILE), "not empty");
}

#[test]
fn it_is_said_to_people_and_no_password_with_it() {
    let (scene, _) = lived_in();
    let postgres = Postgres::start();
    let copied = scene.host.run(&["store", "copy", FILE, &postgres.url()]).exits(0);
    assert!(copied.stdout.contains("every one is equal") && copied.stdout.contains("sealed_secrets"), "{}", copied.stdout);
    for secret in [postgres::PASSWORD, PASSWORD] {
        assert!(!copied.said().contains(secret), "{}", copied.said());
    }
    let wrong = postgres.url().replace(postgres::PASSWORD, "guessed-4711");
    let refused = copy(&scene, FILE, &wrong).exits(1);
    assert!(refused.stderr.contains("store") && !refused.said().contains("guessed-4711"), "{}", refused.said());
}
