//! Until when a process may take something for so. One clock goes on whatever anybody sets and stands still while the machine is suspended;
//! the other one goes on then, and may be set. A deadline is over as soon as either says so.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    steady: Instant,
    wall: SystemTime,
}

impl Deadline {
    /// This moment.
    pub(super) fn now() -> Deadline {
        Deadline { steady: Instant::now(), wall: SystemTime::now() }
    }

    /// So much later.
    pub(super) fn later(self, by: Duration) -> Deadline {
        Deadline { steady: self.steady + by, wall: self.wall + by }
    }

    /// Whether it is still to come, by both.
    pub(super) fn is_ahead(self) -> bool {
        Instant::now() < self.steady && SystemTime::now() < self.wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn either_clock_ends_it() {
        let now = Deadline::now();
        assert!(now.later(HOUR).is_ahead());
        assert!(!now.is_ahead());
        let suspended = Deadline { steady: now.steady + HOUR, wall: now.wall };
        assert!(!suspended.is_ahead(), "an hour went by of which the steady clock knows nothing");
        let set_back = Deadline { steady: now.steady, wall: now.wall + HOUR };
        assert!(!set_back.is_ahead());
    }
}
