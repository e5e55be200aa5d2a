//! Many times of one thing, in order.

use std::time::Duration;

/// How long something took, each time that it was done.
pub struct Times(Vec<Duration>);

impl Times {
    /// Of these.
    pub fn of(mut times: Vec<Duration>) -> Times {
        assert!(!times.is_empty(), "nothing was measured");
        times.sort();
        Times(times)
    }

    /// So many of a hundred took no longer.
    pub fn percentile(&self, of_a_hundred: usize) -> Duration {
        self.0[(self.0.len() * of_a_hundred).div_ceil(100).clamp(1, self.0.len()) - 1]
    }

    /// The longest.
    pub fn max(&self) -> Duration {
        self.percentile(100)
    }
}
