//! How long somebody who guesses has to wait. Pure: the times of what was wrong are parameters.

use jiff::{SignedDuration, Timestamp};

/// What was wrong longer ago does not count.
pub(super) const COUNTED: SignedDuration = SignedDuration::from_mins(15);

/// So many wrong passwords for an address from one origin cost nothing: people mistype.
const FREE: usize = 5;

/// So many wrong passwords from one origin cost nothing: an office has many people behind one address.
const FREE_FROM_ORIGIN: usize = 30;

/// So many wrong passwords for an address from all origins cost nothing: whoever guesses from many is slowed down, and no more than that,
/// since its owner may come from anywhere.
const FREE_FOR_ADDRESS: usize = 50;

/// The longest wait.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// The longest wait for an address whatever the origin.
const LONGEST_FOR_ADDRESS: SignedDuration = SignedDuration::from_secs(30);

/// When passwords were wrong of late, the latest first.
#[derive(Debug, Default)]
pub(super) struct WrongPasswords<'a> {
    /// For the address, from the origin.
    pub pair: &'a [Timestamp],
    /// From the origin, for whatever address.
    pub origin: &'a [Timestamp],
    /// For the address, from whatever origin. Empty where its owner has signed in from this origin before.
    pub address: &'a [Timestamp],
}

impl WrongPasswords<'_> {
    /// Until when nobody is let in. A right password is not let in either: whoever guesses would otherwise learn it by trying on.
    pub(super) fn wait_until(&self) -> Option<Timestamp> {
        let wait = |times: &[Timestamp], free: usize, longest: SignedDuration| {
            let over = times.len().checked_sub(free)?;
            // 30 s, 1 min, 2 min, …
            let doubled = 30_i64.checked_shl(u32::try_from(over).ok()?.min(10))?;
            Some(*times.first()? + SignedDuration::from_secs(doubled).min(longest))
        };
        let by_person = wait(self.pair, FREE, LONGEST).max(wait(self.origin, FREE_FROM_ORIGIN, LONGEST));
        by_person.max(wait(self.address, FREE_FOR_ADDRESS, LONGEST_FOR_ADDRESS))
    }
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
        let wait = |by_both: usize, by_origin: usize, by_address: usize| {
            let (by_both, by_origin, by_address) = (times(by_both), times(by_origin), times(by_address));
            WrongPasswords { pair: &by_both, origin: &by_origin, address: &by_address }.wait_until()
        };
        assert_eq!(wait(4, 29, 49), None);
        assert_eq!(wait(5, 0, 0), Some(at(1_030)));
        assert_eq!(wait(6, 0, 0), Some(at(1_060)));
        assert_eq!(wait(0, 30, 0), Some(at(1_030)));
        assert_eq!(wait(90, 0, 0), Some(at(1_000 + 15 * 60)));
        // However many guess from wherever, the owner waits half a minute.
        assert_eq!(wait(0, 0, 100), Some(at(1_030)));
    }

    proptest! {
        #[test]
        fn more_that_was_wrong_never_shortens_the_wait(count in 0_usize..60, more in 0_usize..20) {
            let times = vec![at(1_000); count + more];
            let wait = |times: &[Timestamp]| WrongPasswords { pair: times, ..WrongPasswords::default() }.wait_until();
            prop_assert!(wait(&times[more..]) <= wait(&times));
        }
    }
}
