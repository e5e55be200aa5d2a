//! Firms are spread evenly, each at the same moment wherever and whenever it is asked.

use std::time::Duration;

use casebridge::domain::FirmId;
use casebridge::scheduler::jitter;

use super::zones::minutes;

fn of(firm: &str, spread: Duration) -> Duration {
    jitter(&FirmId::new(firm).unwrap(), spread)
}

#[test]
fn a_firm_s_jitter_is_the_same_in_every_version() {
    // Changing one of these moves every firm's runs: there must be a better reason than another hash.
    assert_eq!(of("hartwell", minutes(30)), Duration::from_millis(919_383));
    assert_eq!(of("a", minutes(30)), Duration::from_millis(1_424_473));
    assert_eq!(of("firm-0001", minutes(30)), Duration::from_millis(1_384_924));
    assert_eq!(of("firm-0002", minutes(30)), Duration::from_millis(208_536));
}

#[test]
fn thousands_of_firms_are_spread_evenly() {
    let spread = minutes(30);
    for name in [|number: u32| format!("firm-{number:04}"), |number: u32| format!("{number}"), |number: u32| format!("law{number}-llp")] {
        let mut by_minute = [0_u32; 30];
        for number in 0..6_000 {
            let jitter = of(&name(number), spread);
            assert!(jitter < spread);
            by_minute[usize::try_from(jitter.as_secs() / 60).unwrap()] += 1;
        }
        // 200 a minute are wanted; four standard deviations of chance are 56.
        assert!(by_minute.iter().all(|firms| (144..=256).contains(firms)), "{by_minute:?}");
    }
}

#[test]
fn it_keeps_within_any_spread() {
    for spread in [Duration::ZERO, Duration::from_nanos(1), Duration::from_millis(1), Duration::from_secs(1), minutes(60), Duration::MAX] {
        let jitter = of("hartwell", spread);
        assert!(jitter < spread || jitter.is_zero());
    }
    // Twice the spread, twice the jitter: a firm keeps its place among the others.
    assert!(of("hartwell", minutes(60)).abs_diff(of("hartwell", minutes(30)) * 2) <= Duration::from_millis(2));
}
