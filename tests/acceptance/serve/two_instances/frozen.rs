//! An instance that stands still while it writes, and wakes long after another one has taken its work over.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};

use super::Two;
use crate::support::store::number;

/// Longer than any claim holds, which is 15 seconds.
const STILL: Duration = Duration::from_secs(20);

#[test]
fn one_that_stood_still_and_wakes_writes_nothing_more() {
    frozen(&Two::owing_a_night());
}

#[test]
fn one_that_stands_still_within_a_transaction_keeps_nobody_out() {
    let two = Two::owing_a_night();
    let ([mut first, mut second], gate) = two.writing();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let locking = runtime.block_on(async {
        let mut connection = PgConnection::connect(&two.postgres.url()).await.expect("a connection");
        sqlx::raw_sql("begin; lock table rows in exclusive mode").execute(&mut connection).await.expect("a lock");
        connection
    });
    gate.open();
    let waiting = "select cast(count(*) as text) from pg_stat_activity where wait_event_type = 'Lock'";
    first.until("it is within a transaction", || number(&two.second, waiting, &[]) == 1);
    first.running.freeze();
    // The statement that waited is carried out, and nobody hears that it was.
    runtime.block_on(locking.close()).expect("a connection");

    second.until("the other one has finished the run", || two.has_succeeded());
    let heard = first.running.stderr();
    first.running.wake();
    first.until("it knows that it was taken for dead", || heard.text().contains("lease lost"));
    first.stop();
    second.stop();
    two.each_case_was_moved_once();
}

pub fn frozen(two: &Two) {
    let ([mut first, mut second], gate) = two.writing();
    let since = Instant::now();
    first.running.freeze();
    second.until("the other one has finished the run", || two.has_succeeded());
    second.until("the first one has stood still for long", || since.elapsed() >= STILL);
    let asked = two.scene.vendors.journal().len();

    // The answers that it waited for are there, too.
    gate.open();
    first.running.wake();
    let heard = first.running.stderr();
    first.until("it knows that it was taken for dead", || heard.text().contains("lease lost"));
    first.stop();
    second.stop();
    let after = two.scene.vendors.journal();
    assert!(after[asked..].iter().all(|entry| !entry.call.is_write()), "{:#?}", &after[asked..]);
    two.each_case_was_moved_once();
}
