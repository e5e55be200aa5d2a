//! The zones that schedules are tried in, and how times and schedules are written in these tests.

use std::time::Duration;

use casebridge::rules::{Cron, Schedule};
use casebridge::scheduler::Occurrences;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Both coasts, one that changes on other days, one that moves by half an hour and in the other half of the year, and one that
/// never changes.
pub const ZONES: [&str; 5] = ["America/New_York", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "America/Phoenix"];

pub const YEAR: i16 = 2027;

pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// A time with its offset, such as `2027-03-14T03:00-04`.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap_or_else(|fault| panic!("{fault:?}"))
}

pub fn schedule(text: &str, catch_up: Option<Duration>) -> Schedule {
    Schedule { enabled: true, cron: cron(text), catch_up }
}

pub const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

pub const fn hours(hours: u64) -> Duration {
    Duration::from_hours(hours)
}

/// The moment at which `name`'s clock first reads `wall`.
pub fn when(name: &str, wall: DateTime) -> Timestamp {
    zone(name).to_timestamp(wall).unwrap()
}

/// The occurrences of `text` from `from` on and before `until`.
pub fn occurrences(text: &str, name: &str, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let (cron, zone) = (cron(text), zone(name));
    Occurrences::new(&cron, &zone).after(from - Duration::from_secs(1)).take_while(|at| *at < until).collect()
}

/// The moments of the year at which `name`'s clock changes.
pub fn changes(name: &str) -> Vec<Timestamp> {
    let (start, end) = year(name);
    zone(name).following(start).map(|change| change.timestamp()).take_while(|at| *at < end).collect()
}

/// The first moment of the year in `name`, and the first of the next.
pub fn year(name: &str) -> (Timestamp, Timestamp) {
    let first = |year| when(name, jiff::civil::date(year, 1, 1).at(0, 0, 0, 0));
    (first(YEAR), first(YEAR + 1))
}
