//! `*/2` and its like keep their pace in real time.

use std::time::Duration;

use casebridge::scheduler::due;
use jiff::Timestamp;

use super::zones::{ZONES, changes, hours, minutes, occurrences, schedule, zone};

#[test]
fn every_two_minutes_is_every_two_minutes_through_both_changes() {
    for name in ZONES {
        for change in changes(name) {
            for (text, pace) in [("*/2 * * * *", 2), ("*/5 * * * *", 5), ("*/15 * * * *", 15), ("* * * * *", 1)] {
                let times = occurrences(text, name, change - hours(26), change + hours(26));
                assert_eq!(times.len() as u64, 52 * 60 / pace, "{text} in {name}");
                for pair in times.windows(2) {
                    assert_eq!(pair[1] - pair[0], minutes(pace).try_into().unwrap(), "{text} in {name} at {}", pair[0]);
                }
            }
        }
    }
}

#[test]
fn a_host_keeps_the_pace_whatever_its_jitter() {
    for name in ZONES {
        let (schedule, zone) = (schedule("*/2 * * * *", None), zone(name));
        for change in changes(name) {
            for jitter in [Duration::ZERO, Duration::from_secs(97), minutes(11)] {
                let (mut since, mut now) = (change - hours(3), change - hours(3));
                let mut starts: Vec<Timestamp> = Vec::new();
                while now < change + hours(3) {
                    let answer = due(&schedule, &zone, since, now, jitter);
                    starts.extend(answer.run.map(|run| run.start));
                    assert_eq!(answer.missed, None);
                    since = answer.handled;
                    now = answer.next.unwrap().start;
                }
                assert!(starts.len() > 170, "{} in {name}", starts.len());
                assert!(starts.windows(2).all(|pair| pair[1] - pair[0] == minutes(2).try_into().unwrap()), "{name}");
            }
        }
    }
}
