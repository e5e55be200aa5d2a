//! How work waits for a PostgreSQL that is away. Nothing of it has been done until there is a connection, so that it may be tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

/// After this, somebody who waits is told.
const NOTICED: Duration = Duration::from_secs(5);

/// How soon it is tried again where the database answers that it is not there.
const AGAIN: Duration = Duration::from_millis(500);

/// What PostgreSQL says while it stops, has crashed, or starts (class 57P), and while it has no connection left.
const PASSES: [&str; 4] = ["57P01", "57P02", "57P03", "53300"];

/// Waits for a database; a copy waits for the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct Outage {
    wait: Duration,
    is_noticed: Arc<AtomicBool>,
}

impl Outage {
    /// The same for work that waits so long.
    pub(super) fn waits(self, wait: Duration) -> Outage {
        Outage { wait, ..self }
    }

    /// Tries to connect until that succeeds, fails for another reason than an outage, or has lasted too long.
    pub(super) async fn wait_out<'p, T>(&self, connect: impl Fn() -> BoxFuture<'p, Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        let began = Instant::now();
        loop {
            let mut connecting = connect();
            let outcome = match timeout(NOTICED, &mut connecting).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    self.notice();
                    connecting.await
                }
            };
            match outcome {
                Err(error) if is_outage(&error) && began.elapsed() < self.wait => {
                    self.notice();
                    sleep(AGAIN).await;
                }
                outcome => {
                    if outcome.is_ok() && self.is_noticed.swap(false, Ordering::Relaxed) {
                        tracing::info!("PostgreSQL answers again");
                    }
                    return outcome;
                }
            }
        }
    }

    fn notice(&self) {
        if self.wait > Duration::ZERO && !self.is_noticed.swap(true, Ordering::Relaxed) {
            let minutes = self.wait.as_secs().div_ceil(60);
            tracing::warn!("PostgreSQL does not answer: work waits up to {minutes} min and then goes on (`database.wait`)");
        }
    }
}

fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| PASSES.contains(&&*code)),
        _ => false,
    }
}
