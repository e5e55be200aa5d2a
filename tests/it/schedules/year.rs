//! A simulated clock over a whole year: what is to come once a night comes once a night.

use std::collections::BTreeMap;
use std::time::Duration;

use casebridge::scheduler::due;
use jiff::Timestamp;
use jiff::civil::Date;

use super::croner;
use super::zones::{ZONES, changes, hours, minutes, occurrences, schedule, year, zone};

/// The nominal times at which a host that is never down runs `text`, each awake a little later than it asked for.
fn a_year_of(text: &str, name: &str, jitter: Duration) -> Vec<Timestamp> {
    let (schedule, zone) = (schedule(text, None), zone(name));
    let (start, end) = year(name);
    let mut since = start - Duration::from_secs(1);
    let mut now = since;
    let mut runs = Vec::new();
    for question in 0_u64.. {
        let answer = due(&schedule, &zone, since, now, jitter);
        assert_eq!(answer.missed, None, "{text} in {name} at {now}");
        if let Some(run) = answer.run {
            assert_eq!(run.start, run.nominal + jitter);
            assert!(run.start <= now, "not before its start");
            runs.push(run.nominal);
        }
        since = answer.handled;
        let next = answer.next.unwrap();
        assert!(next.start > now, "{text} in {name}: at {now} it is told to wait for {}", next.start);
        if next.nominal >= end {
            break;
        }
        now = next.start + Duration::from_millis(question * 7_919 % 50_000);
    }
    runs
}

/// Says where two calculations part, and not how they agree through the rest of the year.
fn agree(ours: &[Timestamp], theirs: &[Timestamp], of: &str) {
    let parted = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs).unwrap_or(ours.len().min(theirs.len()));
    let near = |times: &[Timestamp]| times.iter().skip(parted.saturating_sub(1)).take(4).copied().collect::<Vec<_>>();
    assert!(ours == theirs, "{of}: {:?} here, {:?} by croner", near(ours), near(theirs));
}

#[test]
fn a_time_of_the_day_comes_once_a_day_on_both_changes_too() {
    for name in ZONES {
        let zone = zone(name);
        assert_eq!(changes(name).len(), if name == "America/Phoenix" { 0 } else { 2 }, "{name}");
        let (start, end) = year(name);
        let first = zone.to_datetime(start).date();
        let dates: Vec<Date> = first.series(jiff::Span::new().days(1)).take_while(|date| date.year() == first.year()).collect();
        for text in
            ["0 21 * * *", "30 21 * * *", "30 2 * * *", "30 1 * * *", "15 2 * * *", "45 1 * * *", "0 2 * * *", "0 3 * * *", "0 0 * * *"]
        {
            let runs = a_year_of(text, name, minutes(17));
            let mut by_date: BTreeMap<Date, u32> = BTreeMap::new();
            runs.iter().for_each(|run| *by_date.entry(zone.to_datetime(*run).date()).or_default() += 1);
            assert_eq!(by_date.keys().copied().collect::<Vec<_>>(), dates, "{text} in {name}: a day without");
            assert!(by_date.values().all(|count| *count == 1), "{text} in {name}: a day with two");
            agree(&runs, &croner::occurrences(text, name, start, end), &format!("{text} in {name}"));
        }
    }
}

#[test]
fn other_expressions_agree_with_croner_over_the_year() {
    for name in ZONES {
        let (start, end) = year(name);
        for text in
            ["30 6 * * 1-5", "0,30 4-6 * * *", "15,45 8-18/2 * * *", "*/15 8-18 * * 1-5", "0 2 1 * *", "0 9 * 1,7 0", "30 2 * 3,10,11 7"]
        {
            agree(&a_year_of(text, name, Duration::ZERO), &croner::occurrences(text, name, start, end), &format!("{text} in {name}"));
        }
    }
}

#[test]
fn intervals_agree_with_croner_around_the_changes() {
    for name in ZONES {
        for change in changes(name) {
            let (from, until) = (change - hours(30), change + hours(30));
            // With clocks that move by half an hour, an hourly one is among the points in which croner differs.
            let hourly = if name == "Australia/Lord_Howe" { "30 * * * *" } else { "0 * * * *" };
            for text in ["* * * * *", "*/2 * * * *", "*/5 * * * *", "*/15 * * * *", "*/30 * * * *", hourly] {
                let ours = occurrences(text, name, from, until);
                agree(&ours, &croner::occurrences(text, name, from, until), &format!("{text} in {name}"));
            }
        }
    }
}
