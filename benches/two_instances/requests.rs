//! What the vendors were asked: how much, and how fast for any one firm.

use std::collections::BTreeMap;
use std::time::Duration;

use casebridge::sandbox::JournalEntry;

/// Of one firm in a second, at each vendor: what rules allow that say nothing of it. Bulk work has three quarters.
const ALLOWED: u32 = 20;

/// The requests of a measurement.
pub struct Requests {
    all: u32,
    /// Those that wrote something.
    pub written: u64,
    /// The most of one firm at one vendor within any second.
    most: u32,
}

impl Requests {
    /// Of these.
    pub fn of(journal: &[JournalEntry]) -> Requests {
        let mut times: BTreeMap<(&str, String), Vec<i64>> = BTreeMap::new();
        for entry in journal {
            times.entry((&entry.firm, format!("{:?}", entry.vendor))).or_default().push(entry.time.as_millisecond());
        }
        let within_a_second = |times: &mut Vec<i64>| {
            times.sort_unstable();
            let last_of = |first: usize| times.partition_point(|time| *time < times[first] + 1_000);
            (0..times.len()).map(|first| last_of(first) - first).max().unwrap_or_default()
        };
        let most = times.values_mut().map(within_a_second).max().unwrap_or_default();
        Requests {
            all: u32::try_from(journal.len()).expect("a small number"),
            written: journal.iter().filter(|entry| entry.wrote).count() as u64,
            most: u32::try_from(most).expect("a small number"),
        }
    }

    /// Says it.
    pub fn print(&self, wall: Duration) {
        let a_second = f64::from(self.all) / wall.as_secs_f64();
        println!("  {} requests to vendors, {a_second:.0} a second, of which {} wrote", self.all, self.written);
        println!("  of one firm at one vendor at most {} answered within a second; the rules allow {ALLOWED}", self.most);
    }
}
