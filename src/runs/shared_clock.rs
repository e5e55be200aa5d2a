//! The store's clock as this process's own clock shows it: the one that all instances go by when they share a limit.

use std::time::Duration;

use tokio::time::Instant;

/// By so much two clocks may part in a second, in parts of a million: far more than clocks do that are being corrected.
const DRIFT: u32 = 1_000;

/// How the two clocks stand to each other, as far as questions and answers have shown it.
#[derive(Debug)]
pub(super) struct SharedClock {
    start: Instant,
    known: Option<Offset>,
}

/// The store's clock shows at most so many nanoseconds less than the time since the start, as was seen at that moment.
#[derive(Debug, Clone, Copy)]
struct Offset {
    behind: i64,
    seen: Instant,
}

impl SharedClock {
    pub(super) fn new(start: Instant) -> SharedClock {
        SharedClock { start, known: None }
    }

    /// The store's clock showed `shared` nanoseconds at a moment between these two.
    ///
    /// Of many answers the quickest says most. What an answer that was long on its way seems to say is left aside, so that it does not
    /// move what was reserved.
    pub(super) fn learn(&mut self, asked: Instant, shared: i64, answered: Instant) {
        let (at_least, at_most) = (self.since_start(asked).saturating_sub(shared), self.since_start(answered).saturating_sub(shared));
        let behind = match self.known {
            Some(known) => {
                let aged = known.behind.saturating_add(nanoseconds(answered.duration_since(known.seen) * DRIFT / 1_000_000));
                // The store's clock was set back, or it is another store.
                if at_least > aged { at_most } else { at_most.min(aged) }
            }
            None => at_most,
        };
        self.known = Some(Offset { behind, seen: answered });
    }

    /// This process's moment at which the store's clock shows so many nanoseconds: never one before it.
    pub(super) fn moment(&self, shared: i64) -> Instant {
        let behind = self.known.map_or(0, |known| known.behind);
        let since_start = u64::try_from(shared.saturating_add(behind)).unwrap_or_default();
        self.start.checked_add(Duration::from_nanos(since_start)).unwrap_or(self.start)
    }

    fn since_start(&self, moment: Instant) -> i64 {
        nanoseconds(moment.duration_since(self.start))
    }
}

/// As nanoseconds, of which 64 bits hold those of 292 years.
pub(super) fn nanoseconds(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    /// The store's clock is 5 s behind the start of this process, and each question is on its way for so many milliseconds, there and
    /// back.
    fn learnt(trips: &[(u64, u64)]) -> (SharedClock, Instant) {
        let start = Instant::now();
        let mut clock = SharedClock::new(start);
        for (second, (there, back)) in (0..).zip(trips) {
            let asked = start + Duration::from_secs(10 + second);
            let reached = asked + Duration::from_millis(*there);
            clock.learn(asked, nanoseconds(reached - start) - 5_000 * MS, reached + Duration::from_millis(*back));
        }
        (clock, start)
    }

    /// How many milliseconds late the moment is at which the store's clock shows 20 s.
    fn late(clock: &SharedClock, start: Instant) -> f64 {
        (clock.moment(20_000 * MS) - start).as_secs_f64() * 1_000.0 - 25_000.0
    }

    #[test]
    fn the_quickest_answer_says_most_and_a_slow_one_moves_nothing() {
        let (clock, start) = learnt(&[(30, 40), (1, 2), (900, 3_000)]);
        let late = late(&clock, start);
        assert!((2.0..10.0).contains(&late), "2 ms, and what clocks may part by in five seconds: {late}");
    }

    #[test]
    fn a_clock_that_was_set_is_learnt_anew() {
        for set_by in [-3_600_000 * MS, 3_600_000 * MS] {
            let (mut clock, start) = learnt(&[(1, 1), (1, 1)]);
            let asked = start + Duration::from_secs(15);
            clock.learn(asked, 10_000 * MS + set_by, asked + Duration::from_millis(4));
            let moment = clock.moment(10_000 * MS + set_by);
            assert_eq!(moment, asked + Duration::from_millis(4));
        }
    }

    #[test]
    fn nothing_is_ever_too_early() {
        for trips in [[(0, 0), (0, 50)], [(50, 0), (0, 1)], [(7, 7), (500, 500)]] {
            let (clock, start) = learnt(&trips);
            assert!(late(&clock, start) >= 0.0, "{trips:?}");
        }
    }
}
