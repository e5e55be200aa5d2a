//! A store of the first release: its firms go on, and what it recorded is read and used.

use std::fs;
use std::path::Path;

use serde_json::json;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use crate::support::host::Scene;
use crate::support::postgres::block_on;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::store::{execute, number};
use crate::support::vendors::World;
use crate::support::visitor::Visitor;

/// The last step of its tables.
const LAST: u32 = 15;

const TOKEN: &str = "cbt_9975e12c6613e43e39ab7ef6e21d5064cf96fd840ee60060bd380a6348a5b1ed";

/// What it wrote: a firm that ran and has a held run, a token, a user who signs in with [`crate::support::visitor::PASSWORD`].
const ROWS: &str = "
insert into runs (id, firm, kind, revision, dry_run, status, reason, cases, started_at, finished_at) values
  ('r-first', 'hartwell', 'sync', '0123456789ab', 0, 'succeeded', null, '', 1764000000000, 1764000060000),
  ('r-held', 'hartwell', 'sync', '0123456789ab', 0, 'held', '2 cases would move', '', 1764086400000, 1764086460000);
insert into rows (run_id, integration_id, readable_id, client, result, changes, closes, recorded_at) values
  ('r-first', '1', 'PI-2024-0001', 'Ana', 'unchanged', '', 0, 1764000060000);
insert into tokens (hash, name, role, firm, created_at, expires_at, revoked_at) values
  ('739a5b8fcc5c44269dd825a047317e4bdc323c744216c76be1c5d842f8de3a00', 'ops', 'support', null, 1764000000000, null, null);
insert into users (email, role, firm, password, created_at, disabled_at) values ('support@example.com', 'support', null,
  '$argon2id$v=19$m=19456,t=2,p=1$Jf6JlzATeV1KX1VPOzc8tA$RAaEecMSjzMAAgihaytczpQMXFh7nrsh0eXbWChdam8', 1764000000000, null);
";

/// Makes the store as the first release made it.
fn set_up_as_the_first_release(scene: &Scene) {
    let kind = if scene.host.postgres().is_some() { "postgres" } else { "sqlite" };
    let steps = tempfile::tempdir().expect("a folder");
    let all = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind)).expect("a folder");
    for step in all.map(|step| step.expect("a file")) {
        let name = step.file_name().into_string().expect("a name");
        if name[..4].parse::<u32>().expect("a number") <= LAST {
            fs::copy(step.path(), steps.path().join(name)).expect("a file");
        }
    }
    block_on(async {
        let migrator = Migrator::new(steps.path()).await.expect("steps");
        let rows = || sqlx::raw_sql(AssertSqlSafe(ROWS));
        if let Some(postgres) = scene.host.postgres() {
            let mut store = PgConnection::connect(&postgres.url()).await.expect("a store");
            // The database comes with the tables of this release.
            sqlx::raw_sql("drop schema public cascade; create schema public").execute(&mut store).await.expect("an empty store");
            migrator.run(&mut store).await.expect("tables");
            rows().execute(&mut store).await.expect("rows");
        } else {
            fs::create_dir_all(scene.host.path("var")).expect("a folder");
            let file = format!("sqlite://{}?mode=rwc", scene.host.path("var/casebridge.db").display());
            let mut store = SqliteConnection::connect(&file).await.expect("a store");
            migrator.run(&mut store).await.expect("tables");
            rows().execute(&mut store).await.expect("rows");
            store.close().await.expect("a store");
        }
    });
}

#[test]
fn a_store_of_the_first_release_goes_on() {
    let scene = Scene::new(World::of([1, 2]), &Rules::new().with("schedule", NIGHTLY_ALONE));
    set_up_as_the_first_release(&scene);

    assert_eq!(scene.host.run(&["firm", "list", "--json"]).exits(0).json()[0]["state"], "on");
    scene.host.run(&["runs", "show", "r-first"]).exits(0);
    scene.vendors.world().restage(1, "Negotiation", "2026-06-10T12:00:00Z");
    scene.host.run(&["runs", "approve", "r-held"]).exits(0);
    assert_eq!(scene.vendors.journal().patches_of(1).len(), 1);

    // Its schedules run, and nobody has enabled it.
    let mut serving = Serving::start_with_new_firms(&scene.host);
    let nightly = "select cast(count(*) as text) from schedules where schedule = 'nightly_sync' and firm = $1";
    serving.until("its schedule is on record", || number(&scene.host, nightly, &["hartwell"]) == 1);
    serving.stop();
    execute(&scene.host, "update schedules set done = 0 where firm = $1", &["hartwell"]);
    scene.vendors.world().restage(2, "Negotiation", "2026-06-10T12:00:00Z");
    let mut serving = Serving::start_with_new_firms(&scene.host);
    serving.until("it is synced", || scene.vendors.journal().patches_of(2).len() == 1);

    let firms = serving.get_as(TOKEN, "/api/v1/firms").answers(200).json();
    assert_eq!((&firms["firms"][0]["firm"], &firms["firms"][0]["state"]), (&json!("hartwell"), &json!("on")));
    Visitor::signed_in(&serving, "support@example.com").page("/runs").says("r-held");
    serving.stop();
}
