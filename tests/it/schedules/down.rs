//! A host that is down for random spans: each night is run once within its time or recorded as missed, never both.

use std::collections::BTreeSet;
use std::time::Duration;

use casebridge::scheduler::{MOST_COUNTED, ON_TIME, Occurrences, due};
use jiff::Timestamp;
use proptest::prelude::*;

use super::zones::{ZONES, changes, cron, hours, minutes, schedule, year, zone};

/// What a host did: the spans in which it was up, the nominal time and the moment of each run, and what it recorded as missed.
#[derive(Debug, Default)]
struct Life {
    up: Vec<(Timestamp, Timestamp)>,
    runs: Vec<(Timestamp, Timestamp)>,
    missed: Vec<Timestamp>,
}

/// Lives from `from` on through spans of minutes, up and down by turns, and keeps nothing through those but what it has handled.
fn live(text: &str, name: &str, catch_up: Option<Duration>, jitter: Duration, from: Timestamp, spans: &[(u64, u64)]) -> Life {
    let (schedule, zone) = (schedule(text, catch_up), zone(name));
    let occurrences = Occurrences::new(&schedule.cron, &zone);
    let (mut since, mut now, mut life) = (from, from, Life::default());
    for (up, down) in spans {
        let end = now + minutes(*up);
        life.up.push((now, end));
        while now < end {
            let answer = due(&schedule, &zone, since, now, jitter);
            life.runs.extend(answer.run.map(|run| (run.nominal, now)));
            if let Some(missed) = answer.missed {
                let them: Vec<Timestamp> = occurrences.after(since).take_while(|nominal| *nominal <= missed.last).collect();
                assert_eq!((them.first(), them.len().min(MOST_COUNTED)), (Some(&missed.first), missed.count));
                life.missed.extend(them);
            }
            since = answer.handled;
            now = answer.next.unwrap().start.max(now).min(end);
        }
        now = end + minutes(*down);
    }
    life
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_night_is_run_once_in_its_time_or_recorded(
        zone_index in 0..ZONES.len(),
        text in prop::sample::select(vec!["0 21 * * *", "30 2 * * *", "30 1 * * *", "0 0 * * 1-5"]),
        catch_up in prop::option::of(0_u64..20 * 60),
        jitter in 0_u64..90,
        start in 0_u64..300 * 24 * 60,
        spans in prop::collection::vec((1_u64..3_000, 1_u64..4_000), 1..30),
    ) {
        let name = ZONES[zone_index];
        let from = year(name).0 + minutes(start);
        let (catch_up, jitter) = (catch_up.map(minutes), minutes(jitter));
        let life = live(text, name, catch_up, jitter, from, &spans);
        let until = life.up.last().unwrap().1;
        let cron = cron(text);
        let zone = zone(name);
        let nights: Vec<Timestamp> = Occurrences::new(&cron, &zone).after(from).take_while(|nominal| *nominal + jitter < until).collect();
        let latest_start = |nominal: Timestamp| (nominal + catch_up.unwrap_or_default()).max(nominal + jitter + ON_TIME);
        for (nominal, at) in &life.runs {
            prop_assert!(*at >= *nominal + jitter && *at <= latest_start(*nominal), "{nominal} was run at {at}");
        }
        let settled: Vec<Timestamp> = life.runs.iter().map(|(nominal, _)| *nominal).chain(life.missed.iter().copied()).collect();
        let once: BTreeSet<Timestamp> = settled.iter().copied().collect();
        prop_assert_eq!(once.len(), settled.len(), "run or recorded twice");
        prop_assert_eq!(&once.into_iter().collect::<Vec<_>>(), &nights, "neither run nor recorded");
        for night in nights {
            let up = life.up.iter().any(|(first, last)| *last > night + jitter && *first <= latest_start(night));
            prop_assert_eq!(up, life.runs.iter().any(|(nominal, _)| *nominal == night), "{} is not as the host's life wants it", night);
        }
    }

    #[test]
    fn an_interval_is_run_once_for_all_that_a_pause_took(
        zone_index in 0..ZONES.len(),
        catch_up in prop::option::of(0_u64..15),
        spans in prop::collection::vec((1_u64..60, 1_u64..400), 1..20),
    ) {
        let name = ZONES[zone_index];
        let from = changes(name).first().map_or(year(name).0, |change| *change - hours(6));
        let life = live("*/5 * * * *", name, catch_up.map(minutes), Duration::ZERO, from, &spans);
        let nominal: Vec<Timestamp> = life.runs.iter().map(|(nominal, _)| *nominal).collect();
        prop_assert!(nominal.windows(2).all(|pair| pair[0] < pair[1]));
        for (first, last) in &life.up {
            let at_once = life.runs.iter().filter(|(nominal, at)| at == first && nominal < first).count();
            prop_assert!(at_once <= 1);
            let due = life.runs.iter().filter(|(nominal, at)| at == nominal && at >= first && at < last).count() as u64;
            let wanted = u64::try_from(last.as_second() - first.as_second()).unwrap() / 300;
            prop_assert!(due.abs_diff(wanted) <= 1, "{due} runs in {first} to {last}");
        }
        prop_assert!(catch_up.is_some() || life.missed.is_empty());
    }
}
