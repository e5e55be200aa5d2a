//! Background tasks of the host: each does one thing again and again. The log has a line when a task begins to fail and one when it works
//! again, and `/metrics` says which one fails now.

use std::fmt::Display;
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;

/// How soon a task that failed is tried again, if it is not due sooner.
const RETRY: Duration = Duration::from_mins(1);

/// A task that is done every so often.
pub struct BackgroundTask {
    name: &'static str,
    period: Duration,
    /// 1 while it fails.
    failing: Gauge,
}

impl BackgroundTask {
    /// One that is done so often; the gauge becomes 1 while it fails.
    pub fn new(name: &'static str, period: Duration, failing: Gauge) -> BackgroundTask {
        BackgroundTask { name, period, failing }
    }

    /// Waits until this instance leads; `false` once nobody says any more who does, as when the host stops.
    pub async fn waits_to_lead(&self, leads: &mut watch::Receiver<bool>) -> bool {
        if !*leads.borrow() {
            self.rest();
        }
        leads.wait_for(|leads| *leads).await.is_ok()
    }

    /// It is not done here for now, so it does not fail here either.
    pub fn rest(&self) {
        self.failing.set(0);
    }

    /// Notes what came of doing it once; answers how long to wait before it is done again. The loop is its owner's, which knows what ends it.
    pub fn note<E: Display>(&self, outcome: Result<(), E>) -> Duration {
        let failed_before = self.failing.get() == 1;
        self.failing.set(outcome.is_err().into());
        match outcome {
            Ok(()) => {
                if failed_before {
                    tracing::info!(task = self.name, "background task works again");
                }
                self.period
            }
            Err(error) => {
                if !failed_before {
                    tracing::error!(task = self.name, %error, "background task failed; retrying");
                }
                self.period.min(RETRY)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_fails_is_tried_sooner_and_shows_until_it_works_again() {
        let gauge = Gauge::default();
        let daily = BackgroundTask::new("retention", Duration::from_hours(24), gauge.clone());
        assert_eq!(daily.note(Err("the store is away")), RETRY);
        assert_eq!(gauge.get(), 1);
        assert_eq!(daily.note(Ok::<_, &str>(())), Duration::from_hours(24));
        assert_eq!(gauge.get(), 0);
        let often = BackgroundTask::new("heartbeat", Duration::from_secs(3), gauge);
        assert_eq!(often.note(Err("the store is away")), Duration::from_secs(3));
    }
}
