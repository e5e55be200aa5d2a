//! What a schedule asks for now: run an occurrence, record that some were missed, or wait.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Occurrences;
use crate::rules::Schedule;

/// How long after its start an occurrence still counts as on time, since waking up and looking at thousands of firms takes a while.
pub const ON_TIME: Duration = Duration::from_mins(1);

/// Missed occurrences are counted up to this many.
pub const MOST_COUNTED: usize = 1_000;

/// One time that a schedule asks for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueOccurrence {
    /// The time that the cron expression names: what the occurrence is known by, and what `catch_up` counts from.
    pub nominal: Timestamp,
    /// When it starts: the nominal time and the firm's jitter.
    pub start: Timestamp,
}

/// Occurrences that nothing was run for while the host was down, and that will not be run any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// The nominal time of the first.
    pub first: Timestamp,
    /// The nominal time of the last.
    pub last: Timestamp,
    /// How many, at most [`MOST_COUNTED`].
    pub count: usize,
}

/// What is to be done about a schedule now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Run this now. If the firm's last run of this kind is still going, it is recorded as skipped and not run later.
    pub run: Option<DueOccurrence>,
    /// Record that these were missed.
    pub missed: Option<Missed>,
    /// The next one, for which to ask again at its start. `None` where the schedule is off, or past the year 2100.
    pub next: Option<DueOccurrence>,
    /// The `since` of the next question: every occurrence up to here is settled with this answer, be it run, skipped or missed.
    pub handled: Timestamp,
}

/// What `schedule` of a firm in `zone` asks for at `now`.
///
/// `since` is the nominal time of the last occurrence that was handled ([`Due::handled`]), or the moment from which the schedule
/// has held if that is later: a firm that is new, a schedule that was switched on, and a cron expression that was edited just now
/// have missed nothing. Nothing up to `since` is ever due, so a clock that is set back runs nothing twice.
///
/// The latest occurrence that has started by now is run if it is on time ([`ON_TIME`]) or, counted from its nominal time,
/// within `catch_up`. So what was missed while the host was down is run once or not at all. Of times of the day, those that
/// are not run are `missed`. Of an interval, those before the one that is run are covered by it, and without `catch_up` an
/// interval simply goes on with the next and has missed nothing.
pub fn due(schedule: &Schedule, zone: &TimeZone, since: Timestamp, now: Timestamp, jitter: Duration) -> Due {
    let occurrences = Occurrences::new(&schedule.cron, zone);
    let occurrence = |nominal| DueOccurrence { nominal, start: later(nominal, jitter) };
    let nothing = Due { run: None, missed: None, next: None, handled: since };
    if !schedule.enabled {
        return nothing;
    }
    let Some(first) = occurrences.next(since).map(occurrence) else { return nothing };
    if first.start > now {
        return Due { next: Some(first), ..nothing };
    }
    let started_by = now.checked_sub(jitter).unwrap_or(Timestamp::MIN);
    let latest = occurrence(occurrences.latest(since, started_by).unwrap_or(first.nominal));
    let interval = schedule.cron.interval().is_some();
    let in_time = now <= later(latest.start, ON_TIME) || schedule.catch_up.is_some_and(|catch_up| now <= later(latest.nominal, catch_up));
    let missed = match (in_time, interval) {
        (true, false) => occurrences.latest(since, before(latest.nominal)),
        (false, false) => Some(latest.nominal),
        (false, true) => schedule.catch_up.map(|_| latest.nominal),
        (true, true) => None,
    };
    let count = |last: Timestamp| occurrences.after(since).take(MOST_COUNTED).take_while(|nominal| *nominal <= last).count();
    Due {
        run: in_time.then_some(latest),
        missed: missed.map(|last| Missed { first: first.nominal, last, count: count(last) }),
        next: occurrences.next(latest.nominal).map(occurrence),
        handled: latest.nominal,
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn before(moment: Timestamp) -> Timestamp {
    moment.checked_sub(Duration::from_nanos(1)).unwrap_or(Timestamp::MIN)
}
