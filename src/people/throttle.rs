//! How long somebody who guesses has to wait. Pure: the times of what was wrong are parameters.

use jiff::{SignedDuration, Timestamp};

/// What was wrong longer ago does not count.
pub(super) const COUNTED: SignedDuration = SignedDuration::from_mins(15);

/// So many wrong passwords for an address cost nothing: people mistype.
const FREE: usize = 5;

/// So many wrong passwords from one origin cost nothing: an office has many people behind one address.
const FREE_FROM_ORIGIN: usize = 30;

/// The longest wait.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// Until when nobody is let in who comes for an address, or from an origin; the times are the latest first. A right password is not let
/// in either: whoever guesses would otherwise learn it by trying on.
pub(super) fn wait_until(by_email: &[Timestamp], by_origin: &[Timestamp]) -> Option<Timestamp> {
    let wait = |times: &[Timestamp], free: usize| {
        let over = times.len().checked_sub(free)?;
        // 30 s, 1 min, 2 min, …
        let doubled = 30_i64.checked_shl(u32::try_from(over).ok()?.min(10))?;
        Some(*times.first()? + SignedDuration::from_secs(doubled).min(LONGEST))
    };
    wait(by_email, FREE).max(wait(by_origin, FREE_FROM_ORIGIN))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_wait_begins_with_the_fifth_and_doubles() {
        let times = |count: usize| vec![at(1_000); count];
        assert_eq!(wait_until(&times(4), &times(29)), None);
        assert_eq!(wait_until(&times(5), &[]), Some(at(1_030)));
        assert_eq!(wait_until(&times(6), &[]), Some(at(1_060)));
        assert_eq!(wait_until(&[], &times(30)), Some(at(1_030)));
        assert_eq!(wait_until(&times(90), &[]), Some(at(1_000 + 15 * 60)));
    }

    proptest! {
        #[test]
        fn more_that_was_wrong_never_shortens_the_wait(count in 0_usize..60, more in 0_usize..20) {
            let times = vec![at(1_000); count + more];
            prop_assert!(wait_until(&times[more..], &[]) <= wait_until(&times, &[]));
        }
    }
}
