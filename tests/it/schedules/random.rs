//! Any expression in any zone around a change of the clocks: as a walk through every minute has it.

use std::time::Duration;

use casebridge::scheduler::Occurrences;
use proptest::prelude::*;

use super::walk;
use super::zones::{ZONES, changes, cron, hours, minutes, occurrences, year, zone};

/// A field of numbers from `low` to `high`: all, one, a list, a range, a step.
fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
    let number = low..=high;
    let range = (number.clone(), number.clone()).prop_map(|(one, other)| format!("{}-{}", one.min(other), one.max(other)));
    let step = 1..=(high - low).min(25);
    prop_oneof![
        Just("*".to_owned()),
        number.clone().prop_map(|one| one.to_string()),
        prop::collection::vec(number, 2..4).prop_map(|list| list.iter().map(u32::to_string).collect::<Vec<_>>().join(",")),
        range.clone(),
        (range, step.clone()).prop_map(|(range, step)| format!("{range}/{step}")),
        step.prop_map(|step| format!("*/{step}")),
    ]
}

/// Hours mostly of the night, when clocks change.
fn hour() -> impl Strategy<Value = String> {
    prop_oneof![2 => field(0, 23), 3 => field(0, 4)]
}

/// Expressions that are not refused for naming days of the month and of the week together.
fn expression() -> impl Strategy<Value = String> {
    let days = prop_oneof![
        4 => Just(("*".to_owned(), "*".to_owned())),
        1 => field(1, 28).prop_map(|day| (day, "*".to_owned())),
        1 => field(0, 7).prop_map(|weekday| ("*".to_owned(), weekday)),
    ];
    let month = prop_oneof![3 => Just("*".to_owned()), 1 => field(1, 12)];
    (field(0, 59), hour(), days, month).prop_map(|(minute, hour, (day, weekday), month)| format!("{minute} {hour} {day} {month} {weekday}"))
}

/// Zones with odd changes besides the usual ones: at midnight, by half an hour, four times a year, and a quarter of an hour off.
const MORE_ZONES: [&str; 4] = ["America/Santiago", "Africa/Cairo", "Africa/Casablanca", "Pacific/Chatham"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_expression_is_as_a_walk_through_every_minute_has_it(
        text in expression(),
        zone_index in 0..ZONES.len() + MORE_ZONES.len(),
        change_index in any::<prop::sample::Index>(),
        before in 0_u64..36 * 60,
        seconds in 0_u64..60,
    ) {
        let name = ZONES.iter().chain(&MORE_ZONES).nth(zone_index).unwrap();
        let changes = changes(name);
        let change = if changes.is_empty() { year(name).0 } else { *change_index.get(&changes) };
        let (from, until) = (change - minutes(before), change + hours(30));
        let ours = occurrences(&text, name, from, until);
        prop_assert_eq!(&ours, &walk::occurrences(&text, name, from, until), "{} in {}", text, name);

        // Asked from anywhere, not only from one occurrence to the next, and to the last one of all.
        let (cron, zone) = (cron(&text), zone(name));
        let anywhere = from + Duration::from_secs(seconds) + minutes(before / 2);
        let all = Occurrences::new(&cron, &zone);
        let next = all.next(anywhere).filter(|next| *next < until);
        prop_assert_eq!(next, ours.iter().copied().find(|at| *at > anywhere));
        let last = ours.iter().copied().rfind(|at| *at > anywhere);
        prop_assert_eq!(all.latest(anywhere, until - Duration::from_secs(1)), last);
    }
}
