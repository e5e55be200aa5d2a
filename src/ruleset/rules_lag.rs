//! How fresh the rules in use are: which change of the store's rules they have, and since when there is something newer.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How fresh the rules in use are.
#[derive(Debug, Default)]
pub struct RulesLag {
    /// The change of the store's rules that is in use; 0 where rules are in folders.
    change: AtomicI64,
    /// Since when there may be something newer.
    behind_since: Mutex<Option<Instant>>,
}

impl RulesLag {
    /// There is something newer, or nobody can say whether there is.
    pub(crate) fn may_be_behind(&self) {
        self.behind_since.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
    }

    /// The store's newest change is this one; answers whether that is in use.
    pub(crate) fn newest_is(&self, newest: i64) -> bool {
        let is_newest = self.change() >= newest;
        if is_newest {
            self.is_newest();
        } else {
            self.may_be_behind();
        }
        is_newest
    }

    /// This change of the store's rules is in use now. Whether it is the newest is not known before the store is asked once more.
    pub(crate) fn in_use_is(&self, change: i64) {
        self.change.store(change, Ordering::Relaxed);
    }

    /// What is in use is the newest.
    pub(crate) fn is_newest(&self) {
        *self.behind_since.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The change of the store's rules that is in use; 0 where rules are in folders.
    pub fn change(&self) -> i64 {
        self.change.load(Ordering::Relaxed)
    }

    /// For how long the rules in use have not been the newest; nothing where they are.
    pub fn lag(&self) -> Duration {
        let since = *self.behind_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
