//! How work waits for a PostgreSQL that is away. Nothing has been done until there is a connection; what breaks off later may have been done,
//! and is tried again only where doing it twice is doing it once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

use crate::store::StoreError;

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
    pub(super) async fn connect<'w, T>(&self, connect: impl Fn() -> BoxFuture<'w, Result<T, StoreError>>) -> Result<T, StoreError> {
        let connect = || {
            let mut connecting = connect();
            Box::pin(async move {
                if let Ok(outcome) = timeout(NOTICED, &mut connecting).await {
                    return outcome;
                }
                self.notice();
                connecting.await
            })
        };
        self.outlast(connect).await
    }

    /// Does work that may be done twice until it is done, fails for another reason than an outage, or the outage has lasted too long.
    pub(super) async fn outlast<T, F>(&self, work: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let began = Instant::now();
        loop {
            match work().await {
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
            tracing::warn!("PostgreSQL does not answer: runs wait for it up to {minutes} min (`database.wait`), and then fail");
        }
    }
}

fn is_outage(error: &StoreError) -> bool {
    match error {
        StoreError::Database(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => true,
        StoreError::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| PASSES.contains(&&*code)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// A database that is away for so many seconds, of which a try takes thirty, and how long somebody waited for it.
    async fn away(seconds: u64, wait: Duration) -> (Result<(), StoreError>, u64) {
        let began = Instant::now();
        let outage = Outage::default().waits(wait);
        let connected = outage.connect(|| {
            Box::pin(async move {
                let left = seconds.saturating_sub(began.elapsed().as_secs());
                sleep(Duration::from_secs(left.min(30))).await;
                if left <= 30 { Ok(()) } else { Err(sqlx::Error::PoolTimedOut.into()) }
            })
        });
        (connected.await, began.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn work_waits_as_long_as_it_is_told_and_others_for_one_try() {
        let (connected, waited) = away(540, Duration::from_mins(10)).await;
        assert!(connected.is_ok() && waited == 540, "{waited}");
        let (connected, waited) = away(3_600, Duration::from_mins(10)).await;
        assert!(connected.is_err() && (600..640).contains(&waited), "{waited}");
        let (connected, waited) = away(540, Duration::ZERO).await;
        assert!(connected.is_err() && waited == 30, "{waited}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_outage_is_said_at_once() {
        let (tries, outage) = (AtomicU64::new(0), Outage::default().waits(Duration::from_mins(10)));
        let refused = outage.connect(|| {
            tries.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Err::<(), _>(sqlx::Error::RowNotFound.into()) })
        });
        assert!(refused.await.is_err());
        assert_eq!(tries.load(Ordering::Relaxed), 1);
    }
}
