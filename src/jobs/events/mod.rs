//! Events of CASEpeer's are carried out as they come: so many firms at once in each lane, beside the schedules' jobs, and the events of
//! a firm one after the other.
//!
//! Architecture invariant: what waits is in the store, never here. An event that found its firm at work, or a vendor down, is given
//! another time there, so that no place is held while it waits.

mod connect;
mod handle;
mod retry_policy;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::handle::EventHandler;
use super::executor::Executor;
use crate::domain::FirmId;
use crate::store::{EventTrack, StoreError};

/// The longest that nobody looks for events.
const LOOK: Duration = Duration::from_secs(30);

/// The same where other instances may store events too, whose bell is not heard here.
const LOOK_FOR_OTHERS: Duration = Duration::from_millis(500);

/// How long a store that says no is left alone.
const AFTER_TROUBLE: Duration = Duration::from_secs(2);

/// How long a firm is left alone whose event ended in a way that it should not.
const AFTER_A_FAULT: SignedDuration = SignedDuration::from_mins(1);

/// Rung when an event has been stored.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// An event has been stored.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Carries events out.
#[derive(Clone)]
pub(crate) struct Events {
    executor: Arc<Executor>,
    bell: Bell,
    /// Whether this is the instance that carries events out.
    leads: watch::Receiver<bool>,
    /// So many firms at once have their cases synced and connected, and so many have their messages sent.
    bulk: Arc<Semaphore>,
    messages: Arc<Semaphore>,
    under_way: Arc<Mutex<HashSet<(FirmId, EventTrack)>>>,
    tasks: TaskTracker,
}

impl Events {
    /// Carries events of so many firms out at once, in each lane.
    pub(crate) fn new(executor: Arc<Executor>, bell: Bell, leads: watch::Receiver<bool>, at_once: usize) -> Events {
        let places = || Arc::new(Semaphore::new(at_once.max(1)));
        Events { executor, bell, leads, bulk: places(), messages: places(), under_way: Arc::default(), tasks: TaskTracker::new() }
    }

    /// Carries out what comes and what waits, until it is cancelled; ends when what was under way has.
    pub(crate) async fn carry_out(self, cancel: CancellationToken) {
        let mut leads = self.leads.clone();
        let longest = if self.executor.host.store.is_shared() { LOOK_FOR_OTHERS } else { LOOK };
        while !cancel.is_cancelled() {
            tokio::select! {
                // It ends with the host, whose end cancels this too.
                _ = leads.wait_for(|leads| *leads) => {}
                () = cancel.cancelled() => break,
            }
            let wait = match self.begin_due(&cancel).await {
                Ok(next) => {
                    next.map_or(longest, |next| Duration::try_from(next.duration_since(Timestamp::now())).unwrap_or_default().min(longest))
                }
                Err(error) => {
                    tracing::error!(%error, "due events could not be read");
                    AFTER_TROUBLE
                }
            };
            tokio::select! {
                () = cancel.cancelled() => break,
                () = self.bell.0.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Begins with the firms that have something to do and are not at it, and says when there is more.
    async fn begin_due(&self, cancel: &CancellationToken) -> Result<Option<Timestamp>, StoreError> {
        let (store, now) = (&self.executor.host.store, Timestamp::now());
        for (firm, track) in store.firms_with_events_due(now).await? {
            if self.under_way().insert((firm.clone(), track)) {
                let (events, cancel) = (self.clone(), cancel.clone());
                self.tasks.spawn(async move {
                    events.work_for(&firm, track, &cancel).await;
                    events.under_way().remove(&(firm, track));
                    // What came in between was left to this firm's task, which has ended.
                    events.bell.ring();
                });
            }
        }
        store.next_event_after(now).await
    }

    /// Carries a firm's events out, one after the other, until none is due.
    async fn work_for(&self, firm: &FirmId, track: EventTrack, cancel: &CancellationToken) {
        let places = if track == EventTrack::Messages { &self.messages } else { &self.bulk };
        loop {
            // A place for each event: firms with many take turns with the others.
            let place = tokio::select! {
                () = cancel.cancelled() => return,
                place = Arc::clone(places).acquire_owned() => place,
            };
            // The places are never closed.
            let Ok(place) = place else { return };
            let turn = EventHandler { executor: Arc::clone(&self.executor), firm: firm.clone(), track, cancel: cancel.clone() };
            // What panics is this firm's trouble and no other's.
            match tokio::spawn(turn.take(place)).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return,
                Ok(Err(error)) => {
                    tracing::error!(%firm, %error, "event failed");
                    return tokio::time::sleep(AFTER_TROUBLE).await;
                }
                Err(error) => {
                    tracing::error!(%firm, %error, "event handler panicked");
                    let postponed = self.executor.host.store.postpone_firm_events(firm, Timestamp::now() + AFTER_A_FAULT).await;
                    if postponed.is_err() {
                        tokio::time::sleep(AFTER_TROUBLE).await;
                    }
                    return;
                }
            }
        }
    }

    fn under_way(&self) -> MutexGuard<'_, HashSet<(FirmId, EventTrack)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
