//! Which instance starts what schedules and events ask for: of all that serve from one store, one does, and another takes its place
//! once it is gone. With one machine's store that is always this one.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::store::{LockGuard, Locks};

/// How often it is looked whether the place is free.
const AGAIN: Duration = Duration::from_secs(2);

/// The place of the one that leads, held or waited for.
pub(super) struct LeaderElection {
    locks: Locks,
    held: Option<LockGuard>,
    looked_at: Option<Instant>,
    leads: watch::Sender<bool>,
}

/// Whether this instance leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeaderRole {
    /// It does since this very look.
    Elected,
    /// It did at the last look.
    Leader,
    /// Another one does, or nobody can say.
    Follower,
}

impl LeaderElection {
    pub(super) fn new(locks: Locks) -> LeaderElection {
        LeaderElection { locks, held: None, looked_at: None, leads: watch::Sender::new(false) }
    }

    /// Says at any time whether this instance leads.
    pub(super) fn leads(&self) -> watch::Receiver<bool> {
        self.leads.subscribe()
    }

    /// The lock of the one that leads, unless it is known that another instance has it.
    pub(super) fn held(&self) -> Option<&LockGuard> {
        self.held.as_ref()
    }

    /// Looks whether this instance leads, and takes the place if it is free.
    pub(super) async fn look(&mut self) -> LeaderRole {
        if let Some(held) = &self.held {
            let hold = held.hold();
            if hold.is_fresh() {
                return self.say(LeaderRole::Leader);
            }
            if hold.lost().is_cancelled() {
                tracing::warn!("leadership lost: another instance starts schedules");
                self.held = None;
            }
            return self.say(LeaderRole::Follower);
        }
        if self.looked_at.is_some_and(|at| at.elapsed() < AGAIN) {
            return self.say(LeaderRole::Follower);
        }
        self.looked_at = Some(Instant::now());
        match self.locks.lead().await {
            Ok(Some(held)) => {
                self.held = Some(held);
                self.say(LeaderRole::Elected)
            }
            Ok(None) => self.say(LeaderRole::Follower),
            Err(error) => {
                tracing::error!(%error, "leader could not be determined");
                self.say(LeaderRole::Follower)
            }
        }
    }

    fn say(&self, place: LeaderRole) -> LeaderRole {
        self.leads.send_if_modified(|leads| std::mem::replace(leads, place != LeaderRole::Follower) != (place != LeaderRole::Follower));
        place
    }
}
