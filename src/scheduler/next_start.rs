//! When a schedule starts next, for people who look.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Occurrences;
use super::jitter;
use crate::domain::FirmId;
use crate::rules::Schedule;

/// When `schedule` of `firm`, which is in `zone`, starts next, firms that share a time being spread over `spread`. `None` where it is
/// off, or past the year 2100.
pub fn next_start(firm: &FirmId, schedule: &Schedule, zone: &TimeZone, spread: Duration, now: Timestamp) -> Option<Timestamp> {
    if !schedule.enabled {
        return None;
    }
    let spread = schedule.cron.interval().map_or(spread, |interval| spread.min(interval));
    let jitter = jitter(firm, spread);
    // One whose time has come and whose start has not is the next one.
    let nominal = Occurrences::new(&schedule.cron, zone).next(now.checked_sub(jitter).unwrap_or(Timestamp::MIN))?;
    nominal.checked_add(jitter).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Cron;
    use crate::scheduler::due;

    fn schedule(cron: &str, enabled: bool) -> Schedule {
        Schedule { enabled, cron: Cron::parse(cron).unwrap(), catch_up: None }
    }

    #[test]
    fn it_is_the_start_that_is_waited_for() {
        let (firm, zone) = (FirmId::new("hartwell").unwrap(), TimeZone::get("America/New_York").unwrap());
        let spread = Duration::from_mins(10);
        let nominal: Timestamp = "2026-11-25T02:00:00Z".parse().unwrap();
        let nightly = schedule("0 21 * * *", true);
        let start = nominal + jitter(&firm, spread);
        let second = Duration::from_secs(1);
        for (now, next) in [(nominal - second, start), (nominal, start), (start - second, start), (start, start + Duration::from_hours(24))]
        {
            assert_eq!(next_start(&firm, &nightly, &zone, spread, now), Some(next), "{now}");
            let asked = due(&nightly, &zone, nominal - second, now, jitter(&firm, spread));
            assert_eq!(asked.next.map(|next| next.start), Some(next), "{now}");
        }
    }

    #[test]
    fn an_interval_is_spread_no_further_than_itself() {
        let (firm, now) = (FirmId::new("hartwell").unwrap(), "2026-11-25T02:00:00Z".parse::<Timestamp>().unwrap());
        let next = next_start(&firm, &schedule("*/2 * * * *", true), &TimeZone::UTC, Duration::from_hours(12), now).unwrap();
        assert!(next > now && next <= now + Duration::from_mins(2), "{next}");
    }

    #[test]
    fn what_is_off_does_not_start() {
        let firm = FirmId::new("hartwell").unwrap();
        assert_eq!(next_start(&firm, &schedule("0 21 * * *", false), &TimeZone::UTC, Duration::ZERO, Timestamp::now()), None);
    }
}
