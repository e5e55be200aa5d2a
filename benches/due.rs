//! How fast the host looks at the schedules of 2,000 firms, and at one expression of each kind. `cargo bench --bench due`

use std::hint::black_box;
use std::time::Duration;

use casebridge::rules::{Cron, Schedule};
use casebridge::scheduler::{Occurrences, due};
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const FIRMS: usize = 2_000;
const ZONES: [&str; 4] = ["America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/Berlin"];

fn main() {
    divan::main();
}

/// The last minutes before clocks change in New York, in which the most has to be asked.
fn before_the_change() -> Timestamp {
    "2027-03-14T01:55-05".parse().unwrap()
}

#[divan::bench(args = ["0 21 * * *", "30 2 * * *", "*/2 * * * *", "*/15 8-18 * * mon-fri", "0 0 29 2 *", "* * 29 2 *"])]
fn next(bencher: Bencher, cron: &str) {
    let (cron, zone) = (Cron::parse(cron).unwrap(), TimeZone::get("America/New_York").unwrap());
    bencher.bench(|| Occurrences::new(&cron, &zone).next(black_box(before_the_change())));
}

/// Nothing is due, which is what is found most of the time.
#[divan::bench(args = ["0 21 * * *", "*/2 * * * *"])]
fn waiting(bencher: Bencher, cron: &str) {
    firms(bencher, cron, Duration::from_secs(30));
}

/// The host was down for a month.
#[divan::bench(args = ["0 21 * * *", "*/2 * * * *"])]
fn back_after_a_month(bencher: Bencher, cron: &str) {
    firms(bencher, cron, Duration::from_hours(24 * 30));
}

fn firms(bencher: Bencher, cron: &str, since: Duration) {
    let schedule = Schedule { enabled: true, cron: Cron::parse(cron).unwrap(), catch_up: Some(Duration::from_hours(6)) };
    let zones = ZONES.map(|zone| TimeZone::get(zone).unwrap());
    let now = before_the_change();
    bencher.counter(ItemsCount::new(FIRMS)).bench(|| {
        for firm in 0..FIRMS {
            black_box(due(&schedule, &zones[firm % zones.len()], now - since, black_box(now), Duration::from_secs(77)));
        }
    });
}
