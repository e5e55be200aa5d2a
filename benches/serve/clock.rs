//! A clock for the host that starts wherever a measurement wants it.

use std::path::Path;

use jiff::Timestamp;

/// Fakes the clock of one process; `./test` installs it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// Where the host and all of its firms are.
const ZONE: &str = "America/New_York";

/// What the environment of a host says whose clock starts at this time, and goes so many times as fast as a real one.
pub fn from(start: Timestamp, speed: i64) -> Vec<(&'static str, String)> {
    assert!(Path::new(FAKETIME).exists(), "{FAKETIME} is missing: `./test` installs it");
    let start = start.in_tz(ZONE).expect("a zone").strftime("%Y-%m-%d %H:%M:%S").to_string();
    vec![
        ("LD_PRELOAD", FAKETIME.to_owned()),
        ("FAKETIME", format!("@{start} x{speed}")),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("TZ", ZONE.to_owned()),
    ]
}
