//! The store as any program may open it, for what cannot be brought about from outside within a test's time. The same statements on SQLite and
//! on PostgreSQL.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

use crate::support::host::Host;
use crate::support::postgres::block_on;
use crate::support::serving::Serving;

/// Carries out a statement with these for `$1`, `$2` ….
pub fn execute(host: &Host, sql: &str, values: &[&str]) {
    lines(host, sql, values);
}

/// The one number that a query gives, which casts it to text.
pub fn number(host: &Host, sql: &str, values: &[&str]) -> i64 {
    lines(host, sql, values)[0][0].parse().expect("a number")
}

/// What a query of texts gives, line by line.
pub fn lines(host: &Host, sql: &str, values: &[&str]) -> Vec<Vec<String>> {
    block_on(async {
        let sql = AssertSqlSafe(sql.to_owned());
        if let Some(postgres) = host.postgres() {
            let mut store = PgConnection::connect(&postgres.url()).await.expect("a store");
            let query = values.iter().fold(sqlx::query(sql), |query, value| query.bind(*value));
            let rows = query.fetch_all(&mut store).await.expect("lines");
            rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
        } else {
            let mut store = SqliteConnection::connect(&file(host)).await.expect("a store");
            let query = values.iter().fold(sqlx::query(sql), |query, value| query.bind(*value));
            let rows = query.fetch_all(&mut store).await.expect("lines");
            store.close().await.expect("a store");
            rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
        }
    })
}

/// Does something with the store's file, which only SQLite has.
pub fn with<T>(host: &Host, deed: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
    block_on(async {
        let mut store = SqliteConnection::connect(&file(host)).await.expect("a store");
        let done = deed(&mut store).await;
        store.close().await.expect("a store");
        done
    })
}

/// Makes a firm's nightly sync begin as soon as `serve` does: it is on record that one began and did not come to its end, as after a crash.
/// The firm's nightly sync must be on, and nothing else of it.
pub fn owe_a_nightly_sync(host: &Host, firm: &str) {
    let mut serving = Serving::start(host);
    let count = "select cast(count(*) as text) from schedules where schedule = 'nightly_sync' and firm = $1";
    serving.until("its schedule is on record", || number(host, count, &[firm]) == 1);
    serving.stop();
    execute(host, "update schedules set done = 0 where schedule = 'nightly_sync' and firm = $1", &[firm]);
}

fn file(host: &Host) -> String {
    format!("sqlite://{}", host.path("var/casebridge.db").display())
}
