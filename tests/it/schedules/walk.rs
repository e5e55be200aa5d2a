//! The occurrences by definition: every minute of real time is looked at, with the zone data of `chrono-tz`.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;
use jiff::Timestamp;

/// The days whose minutes are walked before `from`, so that an hour that comes a second time is known as such.
const BEFORE: TimeDelta = TimeDelta::days(2);

struct Fields {
    minutes: Vec<u32>,
    hours: Vec<u32>,
    days: Vec<u32>,
    months: Vec<u32>,
    weekdays: Vec<u32>,
    interval: bool,
}

impl Fields {
    /// Numbers alone, without names.
    fn read(text: &str) -> Fields {
        let [minutes, hours, days, months, weekdays] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
        Fields {
            interval: minutes.contains('*') || hours.contains('*'),
            minutes: field(minutes, 0, 59),
            hours: field(hours, 0, 23),
            days: field(days, 1, 31),
            months: field(months, 1, 12),
            weekdays: field(weekdays, 0, 7).into_iter().map(|day| day % 7).collect(),
        }
    }

    fn name(&self, wall: NaiveDateTime) -> bool {
        self.minutes.contains(&wall.minute())
            && self.hours.contains(&wall.hour())
            && self.days.contains(&wall.day())
            && self.months.contains(&wall.month())
            && self.weekdays.contains(&wall.weekday().num_days_from_sunday())
    }
}

fn field(text: &str, low: u32, high: u32) -> Vec<u32> {
    let part = |part: &str| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let (first, last) = if range == "*" { (low, high) } else { ends(range) };
        (first..=last).step_by(step.parse().unwrap()).collect::<Vec<u32>>()
    };
    text.split(',').flat_map(part).collect()
}

fn ends(range: &str) -> (u32, u32) {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    (first.parse().unwrap(), last.parse().unwrap())
}

/// From `from` on and before `until`.
pub fn occurrences(text: &str, zone: &str, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let fields = Fields::read(text);
    let zone: Tz = zone.parse().unwrap();
    let minute = TimeDelta::minutes(1);
    let wall = |moment: DateTime<chrono::Utc>| moment.with_timezone(&zone).naive_local();
    let mut moment = DateTime::from_timestamp_secs(from.as_second() - from.as_second().rem_euclid(60)).unwrap() - BEFORE;
    let mut latest = wall(moment) - minute;
    let mut found = Vec::new();
    while moment.timestamp() < until.as_second() {
        let now = wall(moment);
        let mut comes = fields.name(now) && (fields.interval || now > latest);
        let gap = std::iter::successors(Some(latest + minute), |wall| Some(*wall + minute)).take_while(|wall| *wall < now);
        if let Some(lost) = gap.into_iter().find(|wall| fields.name(*wall)) {
            // Minutes from now until it would have come had the clock been left alone.
            let unchanged = (lost - latest - minute).num_minutes();
            let soon = (0..=unchanged).any(|later| fields.name(wall(moment + TimeDelta::minutes(later))));
            comes |= !fields.interval || !soon;
        }
        if comes && moment.timestamp() >= from.as_second() {
            found.push(Timestamp::from_second(moment.timestamp()).unwrap());
        }
        latest = latest.max(now);
        moment += minute;
    }
    found
}
