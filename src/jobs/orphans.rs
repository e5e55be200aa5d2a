//! Takes up orphaned runs: what programs and people asked for, once the process that was at it is gone. The instance that leads does so.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::dispatcher::{QueuedJob, Submitted};
use super::{Job, JobRequest, RunService};
use crate::domain::RunId;
use crate::runs::RunError;
use crate::store::{OrphanedRun, StoreError};

/// How often the store is searched for such runs.
const LOOK: Duration = Duration::from_secs(2);

/// How long a run of another instance has to be without its claim: after an outage, instances that live on renew theirs within this.
const SETTLED: Duration = Duration::from_secs(6);

/// How soon one that could not be taken up is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// How soon one that waits elsewhere is handed there again.
const RARELY: Duration = Duration::from_mins(10);

/// What was asked for longer ago is not wanted any more, as far as anybody knows: the store may be a copy of some days ago.
const WANTED: SignedDuration = SignedDuration::from_hours(24);

/// A run that was taken up so often may be what ends its processes.
const MOST_TIMES: i64 = 5;

impl RunService {
    /// Takes up orphaned runs as long as this instance leads, until the host stops.
    pub(crate) async fn take_up_orphans(self, mut leads: watch::Receiver<bool>) {
        let mut next_try = HashMap::new();
        let task = self.executor.metrics.task("orphaned_runs", LOOK);
        let searching = async {
            while task.waits_to_lead(&mut leads).await {
                let found = self.host().store.orphaned_runs().await.map(|orphans| {
                    // The search may have waited for the store.
                    if *leads.borrow() {
                        self.begin_due(orphans, &mut next_try);
                    }
                });
                tokio::time::sleep(task.note(found)).await;
            }
        };
        self.stop.run_until_cancelled(searching).await;
    }

    fn begin_due(&self, orphans: Vec<OrphanedRun>, next_try: &mut HashMap<RunId, Instant>) {
        let (now, settled) = (Instant::now(), if self.host().store.is_shared() { SETTLED } else { Duration::ZERO });
        next_try.retain(|run, _| orphans.iter().any(|orphan| orphan.id == *run));
        for orphan in orphans {
            let at = next_try.entry(orphan.id.clone()).or_insert(now + settled);
            if *at > now {
                continue;
            }
            // An engine of its own keeps what it was handed: that it lost it is rare.
            *at = now + if orphan.is_queued && !self.has_local_dispatcher { RARELY } else { AGAIN };
            let requests = self.clone();
            self.tasks.spawn(async move {
                let (run, firm) = (orphan.id.clone(), orphan.firm.clone());
                if let Err(error) = requests.take_up(orphan).await {
                    tracing::warn!(%run, %firm, %error, "orphaned run could not be resumed; retrying");
                }
            });
        }
    }

    /// Hands a run on once more. It stays an orphan where that cannot be done yet.
    async fn take_up(&self, orphan: OrphanedRun) -> Result<(), StoreError> {
        let store = &self.host().store;
        let leave = async |why: &str| {
            tracing::warn!(run = %orphan.id, firm = %orphan.firm, "orphaned run left as interrupted: {why}; start it again if you need it");
            store.refuse_queued(&orphan.id, why).await?;
            store.forget_job(&orphan.id).await
        };
        let Ok(mut request) = serde_json::from_str::<JobRequest>(&orphan.job) else {
            return leave("another version of casebridge began it").await;
        };
        if Timestamp::now().duration_since(orphan.job_at) > WANTED {
            return leave("it was asked for more than a day ago").await;
        }
        if matches!(request.job, Job::Occurrence { .. }) {
            // Its schedule starts it anew, if that is still wanted; Temporal keeps its own.
            if self.has_local_dispatcher && !self.queue().has_run(&orphan.id) {
                store.discard_queued(&orphan.id).await?;
            }
            return Ok(());
        }
        if orphan.times_taken_up >= MOST_TIMES {
            return leave("its process has ended each time it was taken up").await;
        }
        if store.is_firm_disabled(&orphan.firm).await? {
            return leave("the firm was disabled").await;
        }
        // A migration that goes on has the id of the run that it goes on with.
        request.run = Some(orphan.id.0.clone());
        let (sender, ended) = oneshot::channel();
        let job = QueuedJob { ended: Some(sender), ..QueuedJob::new(&orphan.firm, request) };
        // What was under way here goes on here; an engine of its own keeps what it was handed.
        let dispatched = if orphan.is_queued { self.dispatcher.dispatch(job).await } else { Ok(self.queue().submit(job)) };
        if !matches!(dispatched, Ok(Submitted::Started)) {
            return Ok(());
        }
        match ended.await {
            // Where another run of the firm, or another instance, is at work, its turn comes; so it does where the firm has no rules yet.
            Ok(Ok(_) | Err(RunError::Busy { .. } | RunError::HasEnded { .. } | RunError::NotHeld { .. })) | Err(_) => Ok(()),
            Ok(Err(RunError::Store(error))) => Err(error),
            Ok(Err(error @ (RunError::FaultyScript(_) | RunError::AccountUnknown { .. }))) => {
                tracing::warn!(run = %orphan.id, firm = %orphan.firm, %error, "orphaned run cannot be resumed now; retrying");
                Ok(())
            }
            Ok(Err(error)) => leave(&error.to_string()).await,
        }
    }
}
