//! Five-field cron: checked here, so that a schedule that could never run, or would run on the wrong day, is refused at load.

use std::str::FromStr as _;

/// A valid five-field cron expression.
#[derive(Debug, Clone)]
pub struct Cron {
    /// As written.
    pub text: Box<str>,
}

/// What is wrong with a cron expression, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CronFault {
    pub message: String,
    pub help: &'static str,
}

const FORM: &str = "five fields are wanted: minute hour day-of-month month day-of-week, such as \"0 21 * * *\"";

impl Cron {
    /// Reads five-field cron: 0 and 7 are Sunday, names of months and days are known, and day-of-month together with
    /// day-of-week is refused, since programs disagree on whether it means *and* or *or*.
    pub(super) fn parse(text: &str) -> Result<Cron, CronFault> {
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
        Ok(Cron { text: text.into() })
    }
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
    use super::{Cron, translate_weekdays};

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
}
