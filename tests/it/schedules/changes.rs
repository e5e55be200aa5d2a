//! The days on which clocks change, case by case: New York loses 2:00 to 3:00 on 14 March 2027 and has 1:00 to 2:00 twice on
//! 7 November.

use casebridge::scheduler::Occurrences;
use jiff::civil::date;

use super::zones::{at, cron, occurrences, when, zone};

fn spring(text: &str) -> Vec<String> {
    day(text, "America/New_York", 3, 14)
}

fn autumn(text: &str) -> Vec<String> {
    day(text, "America/New_York", 11, 7)
}

/// A day's occurrences as its clock shows them, with the offset.
fn day(text: &str, name: &str, month: i8, day: i8) -> Vec<String> {
    let today = date(2027, month, day);
    let (from, until) = (when(name, today.at(0, 0, 0, 0)), when(name, today.tomorrow().unwrap().at(0, 0, 0, 0)));
    let shown = |at: jiff::Timestamp| at.to_zoned_datetime(zone(name)).strftime("%H:%M%:z").to_string();
    occurrences(text, name, from, until).into_iter().map(shown).collect()
}

#[test]
fn a_time_that_does_not_exist_comes_right_after_the_gap() {
    assert_eq!(spring("30 2 * * *"), ["03:00-04:00"]);
    assert_eq!(spring("0 2 * * *"), ["03:00-04:00"]);
    assert_eq!(spring("59 1 * * *"), ["01:59-05:00"]);
    assert_eq!(spring("0 3 * * *"), ["03:00-04:00"]);
    assert_eq!(day("15 2 * * *", "Australia/Lord_Howe", 10, 3), ["02:30+11:00"]);
}

#[test]
fn times_that_meet_after_the_gap_come_once() {
    assert_eq!(spring("0,20,40 2,3 * * *"), ["03:00-04:00", "03:20-04:00", "03:40-04:00"]);
}

#[test]
fn a_time_that_comes_twice_is_taken_the_first_time() {
    assert_eq!(autumn("30 1 * * *"), ["01:30-04:00"]);
    assert_eq!(autumn("0 1,2 * * *"), ["01:00-04:00", "02:00-05:00"]);
    assert_eq!(day("45 1 * * *", "Australia/Lord_Howe", 4, 4), ["01:45+11:00"]);
}

#[test]
fn an_hourly_one_comes_every_hour_of_real_time() {
    assert_eq!(spring("0 * * * *")[..3], ["00:00-05:00", "01:00-05:00", "03:00-04:00"]);
    assert_eq!(spring("30 * * * *")[..3], ["00:30-05:00", "01:30-05:00", "03:30-04:00"]);
    assert_eq!(autumn("0 * * * *")[..4], ["00:00-04:00", "01:00-04:00", "01:00-05:00", "02:00-05:00"]);
}

#[test]
fn an_interval_whose_next_time_is_lost_does_not_stop() {
    assert_eq!(spring("0 */2 * * *")[..4], ["00:00-05:00", "03:00-04:00", "04:00-04:00", "06:00-04:00"]);
    assert_eq!(spring("*/30 2 * * *"), ["03:00-04:00"]);
    assert_eq!(day("0 * * * *", "Australia/Lord_Howe", 10, 3)[1..4], ["01:00+10:30", "02:30+11:00", "03:00+11:00"]);
    // Ten minutes after 1:55 there is one in any case.
    assert_eq!(spring("5-59/10 * * * *")[10..14], ["01:45-05:00", "01:55-05:00", "03:05-04:00", "03:15-04:00"]);
}

#[test]
fn the_second_pass_of_an_hour_never_answers_with_a_time_that_is_past() {
    let zone = zone("America/New_York");
    let second_pass = at("2027-11-07T01:10-05");
    for (text, next) in [
        ("30 1 * * *", "2027-11-08T01:30-05"),
        ("0-59 1 * * *", "2027-11-08T01:00-05"),
        ("0 2 * * *", "2027-11-07T02:00-05"),
        ("*/2 * * * *", "2027-11-07T01:12-05"),
        ("30 * * * *", "2027-11-07T01:30-05"),
    ] {
        assert_eq!(Occurrences::new(&cron(text), &zone).next(second_pass), Some(at(next)), "{text}");
    }
}

#[test]
fn parts_of_a_second_count() {
    let (cron, zone) = (cron("0 21 * * *"), zone("America/New_York"));
    let next = |after| Occurrences::new(&cron, &zone).next(at(after)).unwrap();
    assert_eq!(next("2027-06-01T20:59:59.999-04"), at("2027-06-01T21:00-04"));
    assert_eq!(next("2027-06-01T21:00:00-04"), at("2027-06-02T21:00-04"));
    assert_eq!(next("2027-06-01T21:00:00.001-04"), at("2027-06-02T21:00-04"));
}

#[test]
fn rare_ones_are_found_and_an_end_is_no_loop() {
    let zone = zone("America/New_York");
    let next = |text: &str, after| Occurrences::new(&cron(text), &zone).next(at(after));
    assert_eq!(next("0 0 29 2 *", "2027-01-01T00:00-05"), Some(at("2028-02-29T00:00-05")));
    assert_eq!(next("* * 29 2 *", "2096-03-01T00:00-05"), None, "2100 has no such day");
    assert_eq!(next("0 0 1 1 *", "2100-06-01T00:00-04"), None);
    assert_eq!(next("*/2 * * * *", "2105-06-01T00:00-04"), None);
    assert_eq!(next("0 21 * * *", "1200-06-01T00:00-04"), Some(at("1970-01-01T21:00-05")));
    assert_eq!(next("*/2 * * * *", "1200-06-01T00:00-04"), Some(at("1970-01-01T00:00-05")));
}

#[test]
fn the_latest_is_the_last_of_all_that_came() {
    let zone = zone("America/New_York");
    for text in ["0 21 * * *", "30 2 * * *", "30 1 * * *", "*/7 * * * *", "0 */2 * * *", "0-59 21-22 * * *", "*/30 2 * * *"] {
        let cron = cron(text);
        let all = Occurrences::new(&cron, &zone);
        for (since, until) in [
            ("2027-03-13T20:00-05", "2027-03-14T03:00-04"),
            ("2027-03-13T20:00-05", "2027-03-15T21:30-04"),
            ("2027-11-06T23:00-04", "2027-11-07T01:30-05"),
            ("2027-11-06T23:00-04", "2027-11-07T00:00-04"),
            ("2027-11-06T23:00-04", "2027-11-09T01:30-05"),
        ] {
            let (since, until) = (at(since), at(until));
            assert_eq!(all.latest(since, until), all.after(since).take_while(|next| *next <= until).last(), "{text} {since} {until}");
        }
        assert_eq!(all.latest(at("2027-06-01T12:00-04"), at("2027-05-01T12:00-04")), None, "{text}");
    }
}
