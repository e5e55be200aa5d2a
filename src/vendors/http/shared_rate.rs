//! A rate that all instances of a host keep together: each reserves slots for requests in batches, and uses them at their moments.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::pace::Pace;
use super::permit_batch::{PermitBatch, Slot};

/// A batch is worth at most so much time: whoever comes next waits no longer for it.
const BATCH: Duration = Duration::from_millis(500);

/// The line moves on so long before the moment of the first in it, so that the next batch is there when this one is used up. Nobody
/// reserves farther ahead, since whoever has a slot may still be cancelled.
const LEAD: Duration = Duration::from_millis(50);

/// A batch that would otherwise come too late is asked for at most so long ahead.
const FARTHEST: Duration = Duration::from_secs(10);

/// By so much more time than the clock of the slots shows, another one shows after a rest that counts; a clock that was set costs a batch.
const SUSPENDED: Duration = Duration::from_secs(1);

/// Where slots are reserved: one firm's at one vendor, for one lane.
pub trait PermitSource: fmt::Debug + Send + Sync {
    /// Reserves slots that nobody else has. Waits while they cannot be reserved.
    fn reserve(&self, asked: PermitRequest) -> BoxFuture<'_, Permits>;
}

/// Slots that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermitRequest {
    /// So many.
    pub count: u32,
    /// From one to the next.
    pub period: Duration,
    /// The first is at least so far ahead.
    pub ahead: Duration,
}

/// Slots that were reserved, as many as were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permits {
    /// The moment of the first, on this process's own clock: one that nobody sets, and that goes on while the process stands still.
    pub first: Instant,
    /// Whether the first had to be put behind slots of somebody else's.
    pub contended: bool,
}

/// One firm's rate at one vendor, shared.
#[derive(Debug)]
pub(super) struct SharedRate {
    slots: Arc<dyn PermitSource>,
    pace: Pace,
    /// Requests that have no slot yet.
    waiting: AtomicU32,
    /// What this process has in reserve. Whoever has the lock is the first in the line.
    reserve: Mutex<Reserve>,
}

#[derive(Debug)]
struct Reserve {
    train: Option<PermitBatch>,
    /// When the train came, by the clock of the slots and by the one that goes on while the machine is suspended.
    came: (Instant, SystemTime),
    /// The size of the next batch, unless more wait.
    size: u32,
    ahead: Duration,
}

impl SharedRate {
    pub(super) fn new(slots: Arc<dyn PermitSource>, pace: Pace) -> SharedRate {
        let reserve = Mutex::new(Reserve { train: None, came: (Instant::now(), SystemTime::now()), size: 1, ahead: Duration::ZERO });
        SharedRate { slots, pace, waiting: AtomicU32::new(0), reserve }
    }

    /// Waits until a request may start.
    pub(super) async fn until_ready(&self) {
        loop {
            let (slot, came) = self.next().await;
            sleep_until(slot.from).await;
            // A process that stood still in the meantime has lost its slot, and one whose machine did, too.
            if Instant::now() < slot.until && !was_suspended(came) {
                return;
            }
        }
    }

    async fn next(&self) -> (Slot, (Instant, SystemTime)) {
        let _waiting = Waiting::one_of(&self.waiting);
        let mut reserve = self.reserve.lock().await;
        loop {
            if was_suspended(reserve.came) {
                reserve.train = None;
            }
            let came = reserve.came;
            if let Some(slot) = reserve.train.as_mut().and_then(|train| train.take(Instant::now())) {
                sleep_until(slot.from.checked_sub(LEAD).unwrap_or(slot.from)).await;
                return (slot, came);
            }
            self.fill(&mut reserve).await;
        }
    }

    /// Reserves the next batch: as many slots as wait, and twice as many as last time while nobody else wants any. What is not used of
    /// them is lost, which costs nobody anything then.
    async fn fill(&self, reserve: &mut Reserve) {
        let count = reserve.size.max(self.waiting.load(Ordering::Relaxed)).clamp(1, self.pace.within(BATCH));
        let asked = Instant::now();
        let batch = self.slots.reserve(PermitRequest { count, period: self.pace.period, ahead: reserve.ahead }).await;
        let now = Instant::now();
        // Slots that are over before they are here are of no use: the next ones are asked for farther ahead.
        let too_late = now >= batch.first + self.pace.grace();
        reserve.ahead = if too_late { ((now - asked) * 2).min(FARTHEST) } else { Duration::ZERO };
        reserve.size = if batch.contended { 1 } else { count.saturating_mul(2) };
        reserve.came = (now, SystemTime::now());
        reserve.train = Some(PermitBatch::of(batch.first, count, self.pace));
    }
}

/// Whether the clock of the slots stood still since then.
fn was_suspended((steady, wall): (Instant, SystemTime)) -> bool {
    let by_wall = wall.elapsed().unwrap_or_default();
    by_wall > steady.elapsed() + SUSPENDED
}

/// A request that waits for a slot, until it is dropped.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn one_of(all: &'a AtomicU32) -> Waiting<'a> {
        all.fetch_add(1, Ordering::Relaxed);
        Waiting(all)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
