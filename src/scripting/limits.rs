//! What a script may use up, and the watch over it while it runs.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rhai::{Dynamic, EvalAltResult, Position};

use super::memory;

/// What scripts may use up; `scripts:` of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptLimits {
    /// Operations of one migration; a hook gets a hundredth.
    pub operations: u64,
    /// How long a migration may run.
    pub deadline: Duration,
    /// How long a hook may run for one case.
    pub hook_deadline: Duration,
    /// Bytes that a script may hold.
    pub memory: u64,
    /// How deep functions may call each other.
    pub depth: usize,
    /// Characters of a text.
    pub string_size: usize,
    /// Items of a list, those of its lists included.
    pub array_size: usize,
    /// Keys of a map, those of its maps included.
    pub map_size: usize,
    /// Variables at a time.
    pub variables: usize,
    /// Modules that a script may import.
    pub modules: usize,
}

impl Default for ScriptLimits {
    fn default() -> ScriptLimits {
        ScriptLimits {
            operations: 500_000_000,
            deadline: Duration::from_mins(15),
            hook_deadline: Duration::from_millis(250),
            memory: 128_000_000,
            depth: 64,
            string_size: 1_000_000,
            array_size: 100_000,
            map_size: 10_000,
            variables: 500,
            modules: 32,
        }
    }
}

/// What a hook may hold at most, and a module while it is read: a case and a little beside it. They run on threads of the program, whose
/// stacks bear four times as much.
pub(super) const SMALL_MEMORY: u64 = 16_000_000;

impl ScriptLimits {
    /// The stack of a migration's thread, in bytes. Values within values are dropped level by level, and a script nests them as deep as its
    /// memory lets it, above all functions that hold functions; a level takes up to four times as much on the stack as in memory. What is
    /// not touched costs nothing.
    pub(super) fn stack(&self) -> usize {
        const LEAST: u64 = 64 * 1024 * 1024;
        const MOST: u64 = 4 * 1024 * 1024 * 1024;
        usize::try_from(self.memory.saturating_mul(4).clamp(LEAST, MOST)).unwrap_or(usize::MAX)
    }
}

/// Why a script was ended; no script can catch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    Deadline(Duration),
    Memory(u64),
    /// By whoever runs it; why, in a sentence.
    Ended(String),
}

/// Asked now and then; answers why the script is to end.
pub(super) type Stopped = Arc<dyn Fn() -> Option<String> + Send + Sync>;

#[derive(Clone)]
struct Watched {
    ends: Instant,
    allowed: Duration,
    memory: u64,
    held_before: i64,
    stopped: Option<Stopped>,
    /// Why the script was ended. It stays ended, whatever becomes of the error that said so.
    ended: Option<Stop>,
}

thread_local! {
    static WATCHED: RefCell<Option<Watched>> = const { RefCell::new(None) };
}

/// The watch over what runs on this thread, until it is dropped. One inside another ends no later than it.
pub(super) struct Watch {
    outer: Option<Watched>,
}

impl Watch {
    pub(super) fn over(allowed: Duration, memory: u64, stopped: Option<Stopped>) -> Watch {
        let outer = WATCHED.take();
        let ends = Instant::now() + allowed;
        let ends = outer.as_ref().map_or(ends, |outer| outer.ends.min(ends));
        WATCHED.set(Some(Watched { ends, allowed, memory, held_before: memory::held(), stopped, ended: None }));
        Watch { outer }
    }

    /// What a script came to: an error if it was ended, even where something on the way let go of that.
    #[allow(clippy::unused_self)] // only of the watch that is in place
    pub(super) fn hold_to_end<T>(&self, came_to: Result<T, Box<EvalAltResult>>) -> Result<T, Box<EvalAltResult>> {
        let Some(stop) = WATCHED.with_borrow(|watched| watched.as_ref()?.ended.clone()) else { return came_to };
        let terminated = |position| EvalAltResult::ErrorTerminated(Dynamic::from(stop), position).into();
        Err(match came_to {
            Ok(_) => terminated(Position::NONE),
            Err(error) if matches!(error.unwrap_inner(), EvalAltResult::ErrorTerminated(..)) => error,
            Err(error) => terminated(error.position()),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.set(self.outer.take());
    }
}

/// What was allowed to what is watched on this thread, if its time is over.
pub(super) fn overdue() -> Option<Duration> {
    WATCHED.with_borrow(|watched| watched.as_ref().filter(|watched| Instant::now() >= watched.ends).map(|watched| watched.allowed))
}

/// Ends the script of this thread, now and for good.
pub(super) fn end(stop: Stop) -> Box<EvalAltResult> {
    WATCHED.with_borrow_mut(|watched| {
        if let Some(watched) = watched.as_mut() {
            watched.ended.get_or_insert_with(|| stop.clone());
        }
    });
    EvalAltResult::ErrorTerminated(Dynamic::from(stop), Position::NONE).into()
}

/// Time is read, and others are asked, every so many operations.
const LOOK: u64 = 32;

/// Whether the script of this thread is to end; Rhai asks at every operation.
pub(super) fn progress(operations: u64) -> Option<Dynamic> {
    WATCHED.with_borrow_mut(|watched| {
        let watched = watched.as_mut()?;
        if watched.ended.is_none() {
            watched.ended = watched.why_end(operations);
        }
        watched.ended.clone().map(Dynamic::from)
    })
}

impl Watched {
    fn why_end(&self, operations: u64) -> Option<Stop> {
        let held = memory::held().wrapping_sub(self.held_before);
        if u64::try_from(held).is_ok_and(|held| held > self.memory) {
            return Some(Stop::Memory(self.memory));
        }
        if !operations.is_multiple_of(LOOK) {
            return None;
        }
        if Instant::now() >= self.ends {
            return Some(Stop::Deadline(self.allowed));
        }
        self.stopped.as_ref().and_then(|stopped| stopped()).map(Stop::Ended)
    }
}
