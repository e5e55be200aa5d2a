//! What is due, case by case: a nightly sync at 21:00 and a message sync every two minutes, in New York.

use std::time::Duration;

use casebridge::rules::Schedule;
use casebridge::scheduler::{Due, DueOccurrence, MOST_COUNTED, Missed, due};

use super::zones::{at, hours, minutes, schedule, zone};

/// On a June day; `5 21:00` is the fifth at 21:00.
fn june(text: &str) -> jiff::Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    at(&format!("2027-06-{day:0>2}T{time}-04"))
}

fn ask(schedule: &Schedule, since: &str, now: &str, jitter: Duration) -> Due {
    due(schedule, &zone("America/New_York"), june(since), june(now), jitter)
}

fn occurrence(nominal: &str, jitter: Duration) -> DueOccurrence {
    DueOccurrence { nominal: june(nominal), start: june(nominal) + jitter }
}

fn missed(first: &str, last: &str, count: usize) -> Missed {
    Missed { first: june(first), last: june(last), count }
}

fn nightly(catch_up: Option<Duration>) -> Schedule {
    schedule("0 21 * * *", catch_up)
}

fn messages(catch_up: Option<Duration>) -> Schedule {
    schedule("*/2 * * * *", catch_up)
}

#[test]
fn it_waits_until_its_time_and_the_firm_s_jitter_have_come() {
    let jitter = minutes(7);
    let early = ask(&nightly(None), "4 21:00", "5 21:06:59", jitter);
    assert_eq!(early, Due { run: None, missed: None, next: Some(occurrence("5 21:00", jitter)), handled: june("4 21:00") });
    let now = ask(&nightly(None), "4 21:00", "5 21:07", jitter);
    let next = Some(occurrence("6 21:00", jitter));
    assert_eq!(now, Due { run: Some(occurrence("5 21:00", jitter)), missed: None, next, handled: june("5 21:00") });
    let again = ask(&nightly(None), "5 21:00", "5 21:07:01", jitter);
    assert_eq!(again, Due { run: None, missed: None, next, handled: june("5 21:00") });
}

#[test]
fn a_little_late_is_on_time() {
    assert!(ask(&nightly(None), "4 21:00", "5 21:08", minutes(7)).run.is_some());
    let late = ask(&nightly(None), "4 21:00", "5 21:08:01", minutes(7));
    assert_eq!((late.run, late.missed), (None, Some(missed("5 21:00", "5 21:00", 1))));
}

#[test]
fn a_missed_night_is_caught_up_with_within_the_time_for_it_counted_from_the_nominal_time() {
    let within = ask(&nightly(Some(hours(6))), "4 21:00", "6 03:00", minutes(7));
    assert_eq!((within.run, within.missed), (Some(occurrence("5 21:00", minutes(7))), None));
    let past = ask(&nightly(Some(hours(6))), "4 21:00", "6 03:00:01", minutes(7));
    assert_eq!((past.run, past.missed), (None, Some(missed("5 21:00", "5 21:00", 1))));
    assert_eq!((past.next, past.handled), (Some(occurrence("6 21:00", minutes(7))), june("5 21:00")));
}

#[test]
fn of_several_missed_nights_the_last_is_run_and_the_others_are_recorded() {
    let within = ask(&nightly(Some(hours(6))), "1 21:00", "4 22:00", Duration::ZERO);
    assert_eq!((within.run, within.missed), (Some(occurrence("4 21:00", Duration::ZERO)), Some(missed("2 21:00", "3 21:00", 2))));
    let past = ask(&nightly(Some(hours(6))), "1 21:00", "5 12:00", Duration::ZERO);
    assert_eq!((past.run, past.missed), (None, Some(missed("2 21:00", "4 21:00", 3))));
}

#[test]
fn a_jitter_longer_than_catch_up_loses_nothing() {
    let (short, jitter) = (nightly(Some(minutes(5))), minutes(30));
    assert!(ask(&short, "4 21:00", "5 21:30:10", jitter).run.is_some());
    assert!(ask(&short, "4 21:00", "5 21:31:01", jitter).run.is_none());
}

#[test]
fn an_interval_that_missed_some_simply_goes_on() {
    let back = ask(&messages(None), "5 12:00", "5 12:31:30", Duration::ZERO);
    assert_eq!(back, Due { run: None, missed: None, next: Some(occurrence("5 12:32", Duration::ZERO)), handled: june("5 12:30") });
    let then = ask(&messages(None), "5 12:00", "5 12:32", Duration::ZERO);
    assert_eq!(
        (then.run, then.missed),
        (Some(occurrence("5 12:32", Duration::ZERO)), None),
        "even if nothing was kept of the answer before"
    );
}

#[test]
fn an_interval_that_catches_up_runs_once_for_all_it_missed() {
    let hourly = schedule("0 * * * *", Some(minutes(30)));
    let within = ask(&hourly, "5 02:00", "5 12:20", Duration::ZERO);
    assert_eq!((within.run, within.missed), (Some(occurrence("5 12:00", Duration::ZERO)), None));
    let past = ask(&hourly, "5 02:00", "5 12:31", Duration::ZERO);
    assert_eq!((past.run, past.missed), (None, Some(missed("5 03:00", "5 12:00", 10))));
    assert_eq!(past.next, Some(occurrence("5 13:00", Duration::ZERO)));
}

#[test]
fn very_many_are_not_counted_to_the_end() {
    let past = ask(&schedule("0-59 0-22 * * *", None), "1 00:00", "9 23:30", Duration::ZERO);
    assert_eq!(past.missed, Some(missed("1 00:01", "9 22:59", MOST_COUNTED)));
}

#[test]
fn a_firm_that_is_new_has_missed_nothing() {
    let new = ask(&nightly(Some(hours(6))), "5 21:00:01", "5 21:00:01", Duration::ZERO);
    assert_eq!((new.run, new.missed, new.next), (None, None, Some(occurrence("6 21:00", Duration::ZERO))));
}

#[test]
fn what_is_switched_off_is_never_due() {
    let off = Schedule { enabled: false, ..nightly(Some(hours(6))) };
    let answer = ask(&off, "1 21:00", "5 21:00", Duration::ZERO);
    assert_eq!(answer, Due { run: None, missed: None, next: None, handled: june("1 21:00") });
}

#[test]
fn a_jitter_that_grew_runs_nothing_twice() {
    let after = ask(&nightly(Some(hours(6))), "5 21:00", "5 21:45", minutes(40));
    assert_eq!((after.run, after.next), (None, Some(occurrence("6 21:00", minutes(40)))));
}

#[test]
fn times_at_the_edge_of_what_can_be_said_do_no_harm() {
    let forever = nightly(Some(Duration::MAX));
    let answer = due(&forever, &zone("America/New_York"), jiff::Timestamp::MIN, jiff::Timestamp::MAX, Duration::ZERO);
    assert_eq!((answer.run.is_some(), answer.missed.unwrap().count, answer.next), (true, MOST_COUNTED, None));
    let never = due(&forever, &zone("America/New_York"), june("1 21:00"), june("2 21:00"), Duration::MAX);
    assert_eq!((never.run, never.next.unwrap().start), (None, jiff::Timestamp::MAX));
}
