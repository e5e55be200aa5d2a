//! The store as any program may open it, for what cannot be brought about from outside within a test's time.

use std::future::Future;

use sqlx::{Connection, SqliteConnection};

use crate::host::Host;
use crate::serving::Serving;

/// Does something with the store.
pub fn with<T>(host: &Host, deed: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
    let url = format!("sqlite://{}", host.path("var/casebridge.db").display());
    block_on(async {
        let mut store = SqliteConnection::connect(&url).await.expect("a store");
        let done = deed(&mut store).await;
        store.close().await.expect("a store");
        done
    })
}

/// Makes a firm's nightly sync begin as soon as `serve` does: it is on record that one began and did not come to its end, as after a crash.
/// The firm's nightly sync must be on, and nothing else of it.
pub fn owe_a_nightly_sync(host: &Host, firm: &str) {
    let mut serving = Serving::start(host);
    let nightly = "schedule = 'nightly_sync' and firm = $1";
    serving.until("its schedule is on record", || {
        let sql = sqlx::AssertSqlSafe(format!("select done from schedules where {nightly}"));
        with(host, async |store| sqlx::query(sql).bind(firm).fetch_optional(store).await.expect("a store").is_some())
    });
    serving.stop();
    let sql = sqlx::AssertSqlSafe(format!("update schedules set done = 0 where {nightly}"));
    with(host, async |store| sqlx::query(sql).bind(firm).execute(store).await.expect("a row"));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
