//! Slots for requests, one behind the other, each with the moment from which it may be used and the one at which it is over.

use tokio::time::Instant;

use super::pace::Pace;

/// The right to start one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Not before this moment.
    pub from: Instant,
    /// Before this one.
    pub until: Instant,
}

/// What is left of a batch of slots.
#[derive(Debug)]
pub(super) struct PermitBatch {
    next: Instant,
    left: u32,
    pace: Pace,
}

impl PermitBatch {
    /// So many slots, evenly apart.
    pub(super) fn of(first: Instant, count: u32, pace: Pace) -> PermitBatch {
        PermitBatch { next: first, left: count, pace }
    }

    /// The next slot that is not over by `now`. Those that are over are gone: a process that stood still does not make up for it.
    pub(super) fn take(&mut self, now: Instant) -> Option<Slot> {
        if let Some(late) = now.checked_duration_since(self.next + self.pace.grace()) {
            let over = late.as_nanos() / self.pace.period.as_nanos().max(1) + 1;
            self.skip(u32::try_from(over).unwrap_or(u32::MAX));
        }
        if self.left == 0 {
            return None;
        }
        let slot = Slot { from: self.next, until: self.next + self.pace.grace() };
        self.skip(1);
        Some(slot)
    }

    fn skip(&mut self, count: u32) {
        let count = count.min(self.left);
        self.left -= count;
        // Where no clock goes there is no slot either.
        match self.pace.period.checked_mul(count).and_then(|by| self.next.checked_add(by)) {
            Some(next) => self.next = next,
            None => self.left = 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Ten a second: a slot may be used for a tenth of a second.
    fn pace() -> Pace {
        Pace::of(10.0)
    }

    fn from_start(train: &mut PermitBatch, start: Instant, now: u64) -> Option<u128> {
        train.take(start + Duration::from_millis(now)).map(|slot| (slot.from - start).as_millis())
    }

    #[test]
    fn slots_come_at_their_pace_and_run_out() {
        let start = Instant::now();
        let mut train = PermitBatch::of(start, 3, pace());
        assert_eq!([0; 4].map(|now| from_start(&mut train, start, now)), [Some(0), Some(100), Some(200), None]);
    }

    #[test]
    fn slots_whose_time_is_over_are_gone() {
        let start = Instant::now();
        let mut train = PermitBatch::of(start, 5, pace());
        assert_eq!(from_start(&mut train, start, 99), Some(0));
        // Those of 100 and 200 ms are over at 200 and 300.
        assert_eq!(from_start(&mut train, start, 300), Some(300));
        assert_eq!(from_start(&mut train, start, 10_000), None);
        assert_eq!(from_start(&mut train, start, 0), None);
    }

    #[test]
    fn a_train_that_was_kept_for_years_is_over() {
        let start = Instant::now();
        let mut train = PermitBatch::of(start, u32::MAX, Pace::of(100_000.0));
        assert_eq!(train.take(start + Duration::from_hours(24 * 365)), None);
    }
}
