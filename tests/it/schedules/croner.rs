//! The occurrences as the crate `croner` calculates them, with the zone data of `chrono-tz`.
//!
//! Its rules are ours but for three points. The tests that use it leave these out, and `walk` covers them:
//! - it takes a list or a range for an interval: `0,30 0-4 * * *` comes twice in an hour that comes twice, where ours comes once;
//! - of an interval, it skips what a gap takes away, where ours comes right after the gap if it would otherwise come late: it
//!   makes a difference to `0 */2 * * *`, and to `0 * * * *` where clocks move by half an hour;
//! - a gap that reaches over midnight takes a time of the day away if the next day is not one that the expression names.

use ::croner::Cron;
use chrono::DateTime;
use chrono_tz::Tz;
use jiff::Timestamp;

/// From `from` on and before `until`.
pub fn occurrences(text: &str, zone: &str, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let cron: Cron = text.parse().unwrap();
    let zone: Tz = zone.parse().unwrap();
    let first = DateTime::from_timestamp_secs(from.as_second() - 1).unwrap().with_timezone(&zone);
    let moments = cron.iter_after(first).map(|next| Timestamp::from_second(next.timestamp()).unwrap());
    moments.take_while(|at| *at < until).collect()
}
