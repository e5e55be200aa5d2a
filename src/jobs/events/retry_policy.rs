//! When an event that a vendor kept from being carried out is tried again, and for how long. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::store::EventTrack;

/// The first wait; each is twice the one before.
const FIRST: SignedDuration = SignedDuration::from_secs(5);

/// When to try again what has failed so often now; `None` when it has been tried for as long as makes sense.
pub(super) fn again(track: EventTrack, received_at: Timestamp, tries: u32, now: Timestamp) -> Option<Timestamp> {
    let (longest, limit) = match track {
        // The nightly sync looks at every case anyway.
        EventTrack::Cases => (SignedDuration::from_mins(15), Some(SignedDuration::from_hours(24))),
        // Somebody waits for an answer.
        EventTrack::Connects => (SignedDuration::from_mins(5), Some(SignedDuration::from_hours(1))),
        // Nothing but the event may know of the message.
        EventTrack::Messages => (SignedDuration::from_mins(2), None),
    };
    if limit.is_some_and(|limit| now.duration_since(received_at) >= limit) {
        return None;
    }
    let wait = 2_i32.checked_pow(tries.saturating_sub(1)).and_then(|times| FIRST.checked_mul(times));
    Some(now + wait.unwrap_or(longest).min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_end() {
        let came = Timestamp::UNIX_EPOCH;
        let after = |track, tries, hours: i64| {
            let now = came + SignedDuration::from_hours(hours);
            again(track, came, tries, now).map(|at| at.duration_since(now).as_secs())
        };
        assert_eq!([1, 2, 3, 9, 40].map(|tries| after(EventTrack::Cases, tries, 0)), [5, 10, 20, 900, 900].map(Some));
        assert_eq!([1, 7, u32::MAX].map(|tries| after(EventTrack::Connects, tries, 0)), [5, 300, 300].map(Some));
        assert_eq!((after(EventTrack::Cases, 90, 23), after(EventTrack::Cases, 90, 24)), (Some(900), None));
        assert_eq!((after(EventTrack::Connects, 15, 1), after(EventTrack::Messages, 900, 400)), (None, Some(120)));
    }
}
