//! Runs a process and measures it from outside: wall time, processor time, and the peak of its memory.

use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a run takes at the most before it counts as hung.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the kernel counts processor time in: its ticks are hundredths of a second wherever Linux runs.
const TICK: Duration = Duration::from_millis(10);

/// What a process took.
#[derive(Clone, Copy)]
pub struct Measured {
    /// From its start to its end.
    pub wall: Duration,
    /// Its processor time, that of the kernel for it included.
    pub processor: Duration,
    /// The part of it that the threads took on which SQLite runs.
    pub sqlite: Duration,
    /// The most memory that it held.
    pub peak_kib: u64,
}

impl Measured {
    /// The most memory that it held, in MB.
    pub fn peak(&self) -> u64 {
        self.peak_kib.div_ceil(1024)
    }
}

/// Runs `command` to its successful end.
pub fn run(mut command: Command) -> Measured {
    let before = processor("self", 15);
    let started = Instant::now();
    let mut process = command.spawn().expect("it starts");
    let id = process.id();
    let mut peak_kib = 0;
    let mut sqlite = HashMap::new();
    loop {
        if let Some(ended) = process.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "{command:?} ended with {ended}");
            let wall = started.elapsed();
            // The kernel adds a child's time to its parent's account once it was waited for.
            return Measured { wall, processor: processor("self", 15).saturating_sub(before), sqlite: sqlite.values().sum(), peak_kib };
        }
        assert!(started.elapsed() < PATIENCE, "{command:?} hangs");
        // Peak and processor time only grow, so the last reading before the end is as good as the end's.
        peak_kib = peak(id).unwrap_or(peak_kib).max(peak_kib);
        of_sqlite(id, &mut sqlite);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The processor time that a process has had so far.
pub fn processor_of(id: u32) -> Duration {
    processor(&id.to_string(), 13)
}

/// Two neighbouring numbers of `/proc/…/stat`: the user's and the kernel's time, of the process (13) or of its children (15).
fn processor(process: &str, first: usize) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the kernel says so");
    // The name, which comes second, may hold blanks.
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let ticks = after_name.split_whitespace().skip(first - 2).take(2).map(|ticks| ticks.parse::<u32>().expect("ticks"));
    TICK * ticks.sum::<u32>()
}

/// Adds up what sqlx's threads of SQLite have taken so far, each by its id.
fn of_sqlite(id: u32, threads: &mut HashMap<String, Duration>) {
    for thread in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().filter_map(Result::ok) {
        let read = |name: &str| fs::read_to_string(thread.path().join(name)).unwrap_or_default();
        if !read("comm").starts_with("sqlx-sqlite") {
            continue;
        }
        if let Some(nanoseconds) = read("schedstat").split_whitespace().next().and_then(|number| number.parse().ok()) {
            threads.insert(thread.file_name().to_string_lossy().into_owned(), Duration::from_nanos(nanoseconds));
        }
    }
}

fn peak(id: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The one in the middle.
pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}
