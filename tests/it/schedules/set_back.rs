//! A clock that is set back, or forward, runs nothing twice and loses no night that is within its time.

use std::collections::BTreeSet;
use std::time::Duration;

use casebridge::scheduler::due;
use jiff::Timestamp;
use proptest::prelude::*;

use super::zones::{at, hours, minutes, occurrences, schedule, zone};

#[test]
fn an_hour_set_back_after_the_run_does_not_bring_it_again() {
    let (schedule, zone) = (schedule("0 21 * * *", Some(hours(6))), zone("America/New_York"));
    let handled = at("2027-06-05T21:00-04");
    for now in ["2027-06-05T20:00:30-04", "2027-06-05T21:00-04", "2027-06-05T21:00:30-04"] {
        let answer = due(&schedule, &zone, handled, at(now), Duration::ZERO);
        assert_eq!((answer.run, answer.missed, answer.handled), (None, None, handled), "{now}");
        assert_eq!(answer.next.unwrap().nominal, at("2027-06-06T21:00-04"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// A host that looks every half minute, while somebody moves its clock by up to three hours either way.
    #[test]
    fn whatever_is_done_to_the_clock_a_night_is_run_once(
        moves in prop::collection::vec((1_u64..3_000, -180_i64..=180), 0..12),
        text in prop::sample::select(vec!["0 21 * * *", "*/30 * * * *"]),
    ) {
        let (schedule, zone) = (schedule(text, Some(hours(6))), zone("America/New_York"));
        let (mut since, mut now) = (at("2027-11-05T12:00-04"), at("2027-11-05T12:00-04"));
        let mut runs: Vec<Timestamp> = Vec::new();
        for (quiet, moved) in moves.iter().copied().chain([(3_000, 0)]) {
            for _ in 0..quiet {
                let answer = due(&schedule, &zone, since, now, Duration::ZERO);
                prop_assert_eq!(answer.missed, None);
                prop_assert!(answer.handled >= since);
                runs.extend(answer.run.map(|run| run.nominal));
                since = answer.handled;
                now += Duration::from_secs(30);
            }
            now += jiff::SignedDuration::from_mins(moved);
        }
        let distinct: BTreeSet<Timestamp> = runs.iter().copied().collect();
        prop_assert_eq!(distinct.len(), runs.len(), "one was run twice");
        if text == "0 21 * * *" {
            let nights = occurrences(text, "America/New_York", at("2027-11-05T12:00-04"), now.max(since) - minutes(1));
            prop_assert!(nights.iter().all(|night| distinct.contains(night)), "a night was lost");
        }
    }
}
