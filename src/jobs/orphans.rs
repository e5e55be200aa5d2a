//! Takes up runs that programs and people asked for, once the process that was at them is gone: whoever leads does so.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::{Asked, Requests};
use crate::store::{OrphanedRun, StoreError};
use crate::sync::SyncError;

/// How often it is looked for such runs.
const LOOK: Duration = Duration::from_secs(2);

/// What was asked for longer ago is not wanted any more, as far as anybody knows: the store may be a copy of some days ago.
const WANTED: SignedDuration = SignedDuration::from_hours(24);

impl Requests {
    /// Looks for such runs as long as this instance leads, until the host stops.
    pub(super) async fn take_up_orphans(self, mut leads: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                leads = leads.wait_for(|leads| *leads) => if leads.is_err() { return },
            }
            if let Err(error) = self.begin_orphans().await {
                tracing::warn!(%error, "it could not be looked for runs to take up");
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn begin_orphans(&self) -> Result<(), StoreError> {
        for orphan in self.carrier.host.store.orphaned_runs().await? {
            let requests = self.clone();
            self.tasks.spawn(async move {
                let run = orphan.id.clone();
                if let Err(error) = requests.take_up(orphan).await {
                    tracing::warn!(%run, %error, "could not be taken up; tried again in a moment");
                }
            });
        }
        Ok(())
    }

    /// Takes a run up. It stays one to be taken up if that cannot be done yet.
    async fn take_up(&self, orphan: OrphanedRun) -> Result<(), StoreError> {
        let OrphanedRun { id, firm, job, job_at } = orphan;
        let store = &self.carrier.host.store;
        let asked = serde_json::from_str::<Asked>(&job).ok().filter(|_| Timestamp::now().duration_since(job_at) < WANTED);
        let Some(mut asked) = asked else {
            tracing::warn!(run = %id, %firm, %job_at, "left as it is: what it was asked for is too long ago, or of another version");
            return store.forget_job(&id).await;
        };
        // A migration that goes on has the id of the run that it goes on with.
        if let Some(run) = asked.run() {
            run.clone_from(&id.0);
        }
        match self.asked_for(self.host_for(&asked), &firm, &asked).await {
            // Where another run of the firm, or another instance, is at work, its turn comes.
            Ok(Some(_)) | Err(SyncError::Busy { .. }) => Ok(()),
            Ok(None) => store.forget_job(&id).await,
            Err(SyncError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(run = %id, %firm, %error, "could not be taken up");
                store.forget_job(&id).await
            }
        }
    }
}
