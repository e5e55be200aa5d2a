//! How many requests of one firm may be in flight at one vendor, and how many may start in a second.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::pace::Pace;
use super::shared_rate::{PermitSource, SharedRate};

/// Concurrency and rate together.
#[derive(Debug)]
pub(super) struct Limiter {
    in_flight: Semaphore,
    rate: Rate,
}

/// Who else keeps the rate.
#[derive(Debug)]
enum Rate {
    /// Nobody: it is this process's own.
    Own(DefaultDirectRateLimiter),
    /// Every instance of the host.
    Shared(SharedRate),
}

impl Limiter {
    /// `requests_per_second` is above 0 and at most 100,000. With `slots` it is shared with whoever takes from there.
    pub(super) fn new(concurrency: usize, requests_per_second: f64, slots: Option<Arc<dyn PermitSource>>) -> Limiter {
        let pace = Pace::of(requests_per_second);
        let rate = match slots {
            Some(slots) => Rate::Shared(SharedRate::new(slots, pace)),
            None => Rate::Own(own(pace)),
        };
        Limiter { in_flight: Semaphore::new(concurrency.max(1)), rate }
    }

    /// Waits for a turn; it lasts until the permit is dropped.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        let permit = self.in_flight.acquire().await.ok();
        match &self.rate {
            Rate::Own(rate) => rate.until_ready().await,
            // In a place of its own, so that requests are no larger where nobody shares anything.
            Rate::Shared(rate) => Box::pin(rate.until_ready()).await,
        }
        permit
    }
}

fn own(pace: Pace) -> DefaultDirectRateLimiter {
    let quota = Quota::with_period(pace.period).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    RateLimiter::direct(quota.allow_burst(pace.burst))
}
