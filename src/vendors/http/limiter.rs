//! How many requests of one firm may be in flight at one vendor, and how many may start in a second.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Concurrency and rate together.
#[derive(Debug)]
pub(super) struct Limiter {
    in_flight: Semaphore,
    rate: DefaultDirectRateLimiter,
}

impl Limiter {
    /// `requests_per_second` is above 0 and at most 100,000. What may come at once is a fiftieth of a second's share, so that a
    /// low rate is even and a high one is not held up by the clock's ticks.
    pub(super) fn new(concurrency: usize, requests_per_second: f64) -> Limiter {
        let period = Duration::from_secs_f64(1.0 / requests_per_second.clamp(1e-6, 100_000.0));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 2,000, by the clamp
        let burst = (requests_per_second / 50.0).clamp(1.0, 2_000.0) as u32;
        let quota = Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        let quota = quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
        Limiter { in_flight: Semaphore::new(concurrency.max(1)), rate: RateLimiter::direct(quota) }
    }

    /// Waits for a turn; it lasts until the permit is dropped.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        let permit = self.in_flight.acquire().await.ok();
        self.rate.until_ready().await;
        permit
    }
}
