//! Five-field cron: checked here, so that a schedule that could never run, or would run on the wrong day, is refused at load.
//!
//! The parser behind it is asked for times on the wall alone, in a calendar in which no clock ever changes, since its own idea of
//! such a change skips times, doubles others, and answers with times that are past. `jobs` places what it says in a firm's zone.

use std::str::FromStr as _;
use std::time::Duration;

use cron::TimeUnitSpec as _;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::Offset};

/// A valid five-field cron expression.
#[derive(Debug, Clone)]
pub struct Cron {
    /// As written.
    pub text: Box<str>,
    schedule: cron::Schedule,
    interval: Option<Duration>,
}

/// What is wrong with a cron expression, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct CronFault {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: &'static str,
}

const FORM: &str = "five fields are wanted: minute hour day-of-month month day-of-week, such as \"0 21 * * *\"";

impl Cron {
    /// Reads five-field cron: 0 and 7 are Sunday, names of months and days are known, and day-of-month together with
    /// day-of-week is refused, since programs disagree on whether it means *and* or *or*.
    pub fn parse(text: &str) -> Result<Cron, CronFault> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(CronFault {
                message: format!("`{text}` has {} field{}", fields.len(), if fields.len() == 1 { "" } else { "s" }),
                help: FORM,
            });
        };
        if day != "*" && day != "?" && weekday != "*" && weekday != "?" {
            return Err(CronFault {
                message: format!("`{text}` names days of the month and days of the week together"),
                help: "name one of them and put * for the other: programs disagree on what both together mean",
            });
        }
        let invalid = || CronFault { message: format!("`{text}` is not valid cron"), help: FORM };
        let weekday = translate_weekdays(weekday).ok_or_else(invalid)?;
        let schedule = cron::Schedule::from_str(&format!("0 {minute} {hour} {day} {month} {weekday}")).map_err(|_| invalid())?;
        let from = chrono::DateTime::UNIX_EPOCH;
        if schedule.after(&from).next().is_none() {
            return Err(CronFault { message: format!("`{text}` never comes"), help: "no year has that day" });
        }
        let interval = (minute.contains('*') || hour.contains('*')).then(|| shortest(&schedule));
        Ok(Cron { text: text.into(), schedule, interval })
    }

    /// The same for programs that read cron otherwise: days of the week as numbers of their own, 0 for Sunday, and no `?`.
    pub fn plain(&self) -> String {
        let mut fields: Vec<String> = self.text.split_whitespace().map(|field| field.replace('?', "*")).collect();
        if let Some(weekday) = fields.last_mut().filter(|weekday| *weekday != "*") {
            // The parser counts them from 1.
            let days: Vec<String> = self.schedule.days_of_week().iter().map(|day| (day - 1).to_string()).collect();
            *weekday = days.join(",");
        }
        fields.join(" ")
    }

    /// For an interval, such as `*/2 * * * *` or `0 * * * *`, the shortest time between two occurrences of a day; `None` for times
    /// of the day, such as `0 21 * * *` or `0,30 8-18 * * *`. As in the cron programs of Unix, a `*` in the minute or the hour makes
    /// the difference, which shows where clocks change: an interval goes on in real time, a time of the day comes once a day.
    pub fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// The first time after `wall` that the expression names, on a clock that never changes. `None` past the year 2100.
    pub fn next_on_the_wall(&self, wall: DateTime) -> Option<DateTime> {
        // The parser wants a zone; with UTC on both sides, its seconds are the wall's. It knows no year before 1970.
        let wall = wall.max(DateTime::constant(1969, 12, 31, 23, 59, 59, 0));
        let seconds = Offset::UTC.to_timestamp(wall).ok()?.as_second();
        let next = self.schedule.after(&chrono::DateTime::from_timestamp_secs(seconds)?).next()?;
        Timestamp::from_second(next.timestamp()).ok().map(|next| Offset::UTC.to_datetime(next))
    }
}

/// The shortest time between two times of the day that `schedule` names, over midnight too.
fn shortest(schedule: &cron::Schedule) -> Duration {
    let minutes: Vec<u32> = schedule.minutes().iter().collect();
    let hours: Vec<u32> = schedule.hours().iter().collect();
    let ends = |of: &[u32]| of.first().copied().zip(of.last().copied()).unwrap_or_default();
    let ((first_minute, last_minute), (first_hour, last_hour)) = (ends(&minutes), ends(&hours));
    let within_hour = minutes.windows(2).map(|pair| pair[1] - pair[0]);
    let hours_on = hours.windows(2).map(|pair| pair[1] - pair[0]).chain([24 + first_hour - last_hour]);
    let over_the_hour = hours_on.map(|hours| hours * 60 + first_minute - last_minute);
    let minutes = within_hour.chain(over_the_hour).min().unwrap_or(24 * 60);
    Duration::from_mins(u64::from(minutes))
}

/// Standard cron counts days of the week from 0 (Sunday) and lets 7 be Sunday too; the parser counts from 1. Every number is
/// written out as a list of names, so that ranges over 7 and steps keep their meaning.
fn translate_weekdays(field: &str) -> Option<String> {
    const NAMES: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    if field == "*" || field == "?" {
        return Some("*".to_owned());
    }
    let mut wanted = [false; 7];
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let number = |text: &str| {
            let named = NAMES.iter().position(|name| name.eq_ignore_ascii_case(text));
            named.or_else(|| text.parse::<usize>().ok().filter(|number| *number <= 7))
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None if range == "*" => (0, 6),
            None => {
                let first = number(range)?;
                (first, if step.is_some() { 6 } else { first })
            }
        };
        let last = if last < first && last == 0 { 7 } else { last };
        if last < first {
            return None;
        }
        (first..=last).step_by(step.unwrap_or(1)).for_each(|day| wanted[day % 7] = true);
    }
    let days: Vec<&str> = NAMES.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(name, _)| *name).collect();
    Some(days.join(","))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::civil::date;

    use super::{Cron, translate_weekdays};

    #[test]
    fn days_of_the_week_are_plain_numbers_for_other_programs() {
        let plain = |text: &str| Cron::parse(text).unwrap().plain();
        assert_eq!(plain("0 9 * * sat-sun"), "0 9 * * 0,6");
        assert_eq!(plain("0 9 * * 5-7"), "0 9 * * 0,5,6");
        assert_eq!(plain("*/15 8-18 ? * mon-fri"), "*/15 8-18 * * 1,2,3,4,5");
        assert_eq!(plain("0 21 1 jan ?"), "0 21 1 jan *");
    }

    #[test]
    fn weekdays_count_from_sunday_as_zero_or_seven() {
        assert_eq!(translate_weekdays("0").unwrap(), "Sun");
        assert_eq!(translate_weekdays("7").unwrap(), "Sun");
        assert_eq!(translate_weekdays("1-5").unwrap(), "Mon,Tue,Wed,Thu,Fri");
        assert_eq!(translate_weekdays("5-7").unwrap(), "Sun,Fri,Sat");
        assert_eq!(translate_weekdays("mon,wed").unwrap(), "Mon,Wed");
        assert_eq!(translate_weekdays("*/2").unwrap(), "Sun,Tue,Thu,Sat");
        assert_eq!(translate_weekdays("8"), None);
        assert_eq!(translate_weekdays("1/0"), None);
    }

    #[test]
    fn what_would_surprise_is_refused() {
        for bad in ["", "* * * *", "0 0 21 * * *", "61 * * * *", "* 24 * * *", "0 0 31 2 *", "0 0 13 * 5", "a b c d e", "0 0 * 13 *"] {
            assert!(Cron::parse(bad).is_err(), "{bad} was taken");
        }
        for good in ["0 21 * * *", "*/5 * * * *", "30 6 * * 1-5", "0 0 29 2 *", "0 9 1 jan *", "15,45 8-18/2 * * *"] {
            assert!(Cron::parse(good).is_ok(), "{good} was refused");
        }
    }

    #[test]
    fn a_star_in_the_minute_or_the_hour_makes_an_interval() {
        let minutes = |text: &str| Cron::parse(text).unwrap().interval().map(|interval| interval.as_secs() / 60);
        for (text, interval) in [
            ("* * * * *", 1),
            ("*/2 * * * *", 2),
            ("*/7 * * * *", 4),
            ("0 * * * *", 60),
            ("0 */2 * * *", 120),
            ("*/15 8-18 * * mon-fri", 15),
            ("5-59/10 * * * *", 10),
            ("10,50 * * * *", 20),
            ("*/30 2 * * *", 30),
            ("0 */23 * * *", 60),
        ] {
            assert_eq!(minutes(text), Some(interval), "{text}");
        }
        for times in ["0 21 * * *", "30 6 * * 1-5", "0,30 8-18 * * *", "15,45 8-18/2 * * *", "0 0 1 * *"] {
            assert_eq!(minutes(times), None, "{times}");
        }
    }

    #[test]
    fn times_on_the_wall_follow_each_other() {
        let cron = Cron::parse("0 21 * * *").unwrap();
        let evening = date(2026, 3, 7).at(21, 0, 0, 0);
        assert_eq!(cron.next_on_the_wall(evening), Some(date(2026, 3, 8).at(21, 0, 0, 0)));
        assert_eq!(cron.next_on_the_wall(date(2026, 3, 7).at(20, 59, 59, 999_999_999)), Some(evening));
        assert_eq!(cron.next_on_the_wall(date(-400, 1, 1).at(0, 0, 0, 0)), Some(date(1970, 1, 1).at(21, 0, 0, 0)));
        assert_eq!(cron.next_on_the_wall(date(2101, 1, 1).at(0, 0, 0, 0)), None);
        assert_eq!(Cron::parse("*/5 * * * *").unwrap().interval(), Some(Duration::from_mins(5)));
    }
}
