//! Firms that share a time of the day start spread over a while, each at the same moment every day.

use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::domain::FirmId;

/// How long after its time a firm's schedule starts: from nothing to just under `spread`, in whole milliseconds. It follows from
/// the firm's name alone, so it is the same after a restart, on another machine and in a later version, and thousands of firms
/// come out even.
///
/// An interval needs no more spread than itself ([`Cron::interval`](crate::rules::Cron::interval)): with more, a firm that was
/// switched on just now waits longer than it must.
pub fn jitter(firm: &FirmId, spread: Duration) -> Duration {
    let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = <[u8; 32]>::from(Sha256::digest(firm.as_str()));
    let share = u64::from_be_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
    let spread = u64::try_from(spread.as_millis()).unwrap_or(u64::MAX);
    // The hash is a fraction of 2^64, and the same fraction of the spread is the answer: even for any spread, unlike a remainder.
    let millis = (u128::from(share) * u128::from(spread)) >> 64;
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
