//! How far a run has come, for whoever watches: written by the run, read at leisure.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::SetOnce;

use crate::domain::RunId;

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
    run: SetOnce<RunId>,
}

impl Phase {
    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Reading => "reading",
            Phase::Writing => "writing",
            Phase::LastPass => "last_pass",
            Phase::Rehearsing => "rehearsing",
            Phase::Scripting => "scripting",
        }
    }

    fn parse(text: &str) -> Option<Phase> {
        [Phase::Reading, Phase::Writing, Phase::LastPass, Phase::Rehearsing, Phase::Scripting]
            .into_iter()
            .find(|phase| phase.as_str() == text)
    }
}

impl Progress {
    /// What it is doing, how much of it is done, and how much there is.
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

    /// The same for a process that reads it elsewhere.
    pub fn to_text(&self) -> String {
        let (phase, done, total) = self.now();
        format!("{} {done} {total}", phase.as_str())
    }

    /// Reads what [`Progress::to_text`] wrote.
    pub fn parse(text: &str) -> Option<(Phase, u64, u64)> {
        let (phase, numbers) = text.split_once(' ')?;
        let (done, total) = numbers.split_once(' ')?;
        Some((Phase::parse(phase)?, done.parse().ok()?, total.parse().ok()?))
    }

    /// Waits until a run has begun with it, and answers which; the first one, of several.
    pub async fn started(&self) -> RunId {
        self.0.run.wait().await.clone()
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

/// The runs that are under way in this process, each with how far it has come; a copy shows the same runs.
#[derive(Debug, Clone, Default)]
pub struct RunRegistry(Arc<Mutex<HashMap<RunId, Progress>>>);

impl RunRegistry {
    /// How far a run has come; `None` for one that is not under way here.
    pub fn progress(&self, run: &RunId) -> Option<Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(run).cloned()
    }

    /// Shows a run, as long as the answer lives.
    pub(super) fn enter(&self, run: &RunId, progress: &Progress) -> RunRegistration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(run.clone(), progress.clone());
        // A second run with the same progress is not the one that was waited for.
        let _ = progress.0.run.set(run.clone());
        RunRegistration { under_way: self.clone(), run: run.clone() }
    }
}

/// A run that is shown as under way.
pub(super) struct RunRegistration {
    under_way: RunRegistry,
    run: RunId,
}

impl Drop for RunRegistration {
    fn drop(&mut self) {
        self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.run);
    }
}
