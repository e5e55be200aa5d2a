//! A rate as what limits work with: how far apart requests start, and how many may start at once.

use std::num::NonZeroU32;
use std::time::Duration;

/// How far apart requests start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// From the start of one to the start of the next, on average.
    pub period: Duration,
    /// So many may start at once.
    pub burst: NonZeroU32,
}

impl Pace {
    /// `requests_per_second` is above 0 and at most 100,000. What may come at once is a fiftieth of a second's share, so that a
    /// low rate is even and a high one is not held up by the clock's ticks.
    pub(super) fn of(requests_per_second: f64) -> Pace {
        let period = Duration::from_secs_f64(1.0 / requests_per_second.clamp(1e-6, 100_000.0));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 2,000, by the clamp
        let burst = (requests_per_second / 50.0).clamp(1.0, 2_000.0) as u32;
        Pace { period, burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN) }
    }

    /// How many requests may start within `span`, at least one.
    pub(super) fn within(self, span: Duration) -> u32 {
        u32::try_from(span.as_nanos() / self.period.as_nanos().max(1)).unwrap_or(u32::MAX).max(1)
    }

    /// How much later than its moment a request may start: as much as puts a burst's worth of them next to each other.
    pub(super) fn grace(self) -> Duration {
        self.period * self.burst.get()
    }
}
