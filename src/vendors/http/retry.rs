//! How long to wait before asking again: exponential with jitter, and never earlier than the vendor asks for.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use jiff::Timestamp;

use super::Failure;

/// The longest that a vendor's `Retry-After` is followed within a run.
const LONGEST: Duration = Duration::from_mins(2);

/// The waits between the tries of one request.
pub struct Backoff {
    delays: ExponentialBackoff,
    tries: u32,
    attempts: u32,
}

impl Backoff {
    /// For a request that is tried `attempts` times.
    pub fn new(attempts: u32) -> Backoff {
        let delays = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(10))
            .without_max_times()
            .with_jitter()
            .build();
        Backoff { delays, tries: 1, attempts }
    }

    /// Waits before the next try; `false` when there are none left.
    pub async fn wait(&mut self, failure: &Failure) -> bool {
        if self.tries >= self.attempts {
            return false;
        }
        self.tries += 1;
        let delay = self.delays.next().unwrap_or(LONGEST);
        tokio::time::sleep(delay.max(failure.retry_after().unwrap_or_default())).await;
        true
    }
}

/// Reads `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3).
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let wait = if let Ok(seconds) = header.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let date = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
        // The date has whole seconds: one more, so as not to come early.
        let wait = Duration::try_from(date.duration_since(now)).unwrap_or_default();
        if wait.is_zero() { wait } else { wait + Duration::from_millis(50) }
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_comes_in_seconds_or_as_a_date() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        assert_eq!(retry_after("3", now), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Tue, 24 Nov 2026 10:00:07 GMT", now), Some(Duration::from_millis(7_050)));
        assert_eq!(retry_after("Tue, 24 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("86400", now), Some(LONGEST));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-3", now), None);
    }
}
