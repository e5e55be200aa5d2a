//! How far a run has come, for whoever watches: written by the run, read at leisure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading both sides; nobody knows yet how much there is.
    Reading,
    /// Writing what differs.
    Writing,
    /// Trying once more what failed.
    LastPass,
    /// Running a script to see what it would do.
    Rehearsing,
    /// Running a script.
    Scripting,
}

/// How far a run has come; a copy shows the same run.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    phase: AtomicU8,
    total: AtomicU64,
    done: AtomicU64,
}

impl Progress {
    /// What it is doing, how much of it is done, and how much there is.
    #[must_use]
    pub fn now(&self) -> (Phase, u64, u64) {
        let phase = match self.0.phase.load(Ordering::Relaxed) {
            0 => Phase::Reading,
            1 => Phase::Writing,
            2 => Phase::LastPass,
            3 => Phase::Rehearsing,
            _ => Phase::Scripting,
        };
        (phase, self.0.done.load(Ordering::Relaxed), self.0.total.load(Ordering::Relaxed))
    }

    pub(super) fn enter(&self, phase: Phase, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
        self.0.done.store(0, Ordering::Relaxed);
        self.0.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// So much is done, by what a script says.
    pub(super) fn reached(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
    }

    pub(super) fn step(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }
}
