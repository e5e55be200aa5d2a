//! Runs a process and measures it from outside: wall time and the peak of its memory.

use std::process::Command;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// What a process took.
pub struct Measured {
    /// From its start to its end.
    pub wall: Duration,
    /// The most memory that it held.
    pub peak_kib: u64,
}

/// Runs `command` to its successful end.
pub fn run(mut command: Command) -> Measured {
    let started = Instant::now();
    let mut process = command.spawn().expect("it starts");
    let status = format!("/proc/{}/status", process.id());
    let mut peak_kib = 0;
    loop {
        if let Some(ended) = process.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "{command:?} ended with {ended}");
            return Measured { wall: started.elapsed(), peak_kib };
        }
        assert!(started.elapsed() < PATIENCE, "{command:?} hangs");
        // The peak only grows, so the last reading before the end is as good as the end's.
        peak_kib = peak(&status).unwrap_or(peak_kib).max(peak_kib);
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn peak(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The one in the middle.
pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}
