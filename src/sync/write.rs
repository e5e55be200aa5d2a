//! Plans, lets the guard look, writes with bounded concurrency, and records each outcome as it happens.

use futures_util::stream::{self, StreamExt as _};
use jiff::{Timestamp, ToSpan as _};
use tokio_util::sync::CancellationToken;

use super::begun::{Begun, Ended};
use super::gather::Gathered;
use super::guard::{self, Approved};
use super::perform::{Known, UpdateFailure, update};
use super::planned::{Planned, PlannedUpdate, planned};
use super::recorder::Recorder;
use super::{Phase, Progress, Reach, SyncError};
use crate::domain::{Row, RowResult, RunStatus};
use crate::rules::plan;
use crate::vendors::Failure;

/// How many of a firm's cases are connected: known from its listing, or to be asked for if it matters.
pub(super) enum Connected {
    Known(u64),
    Ask,
}

/// Everything after both sides were read.
pub(super) struct Writing<'a> {
    pub begun: &'a Begun<'a>,
    pub reach: &'a Reach,
    pub progress: &'a Progress,
    pub cancel: &'a CancellationToken,
    pub approved: Option<&'a Approved>,
}

impl Writing<'_> {
    /// Carries the run through to its end.
    pub(super) async fn carry_out(&self, gathered: Gathered, connected: Connected) -> Result<Ended, SyncError> {
        let Gathered { directory, pairs, rows, .. } = gathered;
        let run = &self.begun.run;
        let mut settled_rows = rows;
        let mut updates = Vec::new();
        for (case, existing) in pairs {
            let plan = plan(&self.begun.rules, &directory, &case, &existing);
            match planned(&case, existing, plan) {
                Planned::Update(update) => updates.push(*update),
                Planned::Nothing(row) => settled_rows.push(row),
            }
        }
        let hold = match self.hold(&updates, connected).await? {
            Ok(hold) => hold,
            Err(failure) => return Ok(Ended::with(RunStatus::Failed, failure.to_string())),
        };
        if run.dry_run || hold.is_some() {
            let result = if run.dry_run { RowResult::Updated } else { RowResult::Held };
            settled_rows.extend(updates.into_iter().map(|update| Row { result, ..update.row }));
            self.begun.host.store.put_rows(&run.id, &settled_rows, Timestamp::now()).await?;
            return Ok(match hold {
                Some(reason) if !run.dry_run => Ended::with(RunStatus::Held, reason),
                hold => Ended { would_hold: Some(hold.is_some()), reason: hold, ..Ended::by(crate::domain::Counts::of(&settled_rows)) },
            });
        }
        self.begun.host.store.put_rows(&run.id, &settled_rows, Timestamp::now()).await?;
        drop(settled_rows);
        self.write(updates).await
    }

    /// Why the run is to be held, if it is.
    async fn hold(&self, updates: &[PlannedUpdate], connected: Connected) -> Result<Result<Option<String>, Failure>, SyncError> {
        if !updates.iter().any(|update| update.changes.moves()) {
            return Ok(Ok(None));
        }
        let day_ago = Timestamp::now() - 24.hours();
        let recent = self.begun.host.store.moves_since(&self.begun.run.firm, day_ago).await?;
        let connected = match connected {
            Connected::Known(connected) => connected,
            Connected::Ask => match self.reach.casepeer.connected_total().await {
                Ok(connected) => connected,
                Err(failure) => return Ok(Err(failure)),
            },
        };
        let planned = updates.iter().map(|update| (update.existing.integration_id, &update.changes));
        Ok(Ok(guard::hold(&self.begun.rules, planned, recent, connected, self.approved)))
    }

    async fn write(&self, updates: Vec<PlannedUpdate>) -> Result<Ended, SyncError> {
        let store = &self.begun.host.store;
        let recorder = Recorder::start(store.clone(), self.begun.run.id.clone());
        self.progress.enter(Phase::Writing, updates.len() as u64);
        let first = self.pass(updates, Known::Yes, &recorder).await;
        let mut key_refused = first.key_refused;
        let mut left = first.left;
        if key_refused.is_none() && left.is_empty() && !first.again.is_empty() {
            // Whatever it leaves has a failed row already.
            key_refused = self.last_pass(first.again, &recorder).await.key_refused;
        }
        let unwritten = left.len();
        if let Some(failure) = &key_refused {
            left.drain(..).for_each(|update| recorder.put(update.row.failed(failure)));
        }
        recorder.finish().await?;
        if let Some(failure) = key_refused {
            return Ok(Ended::with(RunStatus::Failed, failure.to_string()));
        }
        if unwritten > 0 {
            let reason = format!("stopped with {unwritten} cases not yet written; running it again finishes the work");
            return Ok(Ended::with(RunStatus::Cancelled, reason));
        }
        Ok(Ended::by(store.counts(&self.begun.run.id).await?))
    }

    /// Performs these updates. Nothing new is begun once the run is cancelled, the key is refused, or outcomes cannot be recorded.
    async fn pass(&self, updates: Vec<PlannedUpdate>, known: Known, recorder: &Recorder) -> Pass {
        let mut pass = Pass::default();
        let stop = CancellationToken::new();
        let stop = &stop;
        let performed = stream::iter(updates.into_iter().map(|planned| async move {
            if self.cancel.is_cancelled() || stop.is_cancelled() || recorder.has_failed() {
                return (planned, None);
            }
            let done = update(&self.reach.case_status, &planned.existing, &planned.changes, known).await;
            (planned, Some(done))
        }));
        let mut performed = performed.buffer_unordered(self.begun.rules.limits.concurrency);
        while let Some((planned, done)) = performed.next().await {
            match done {
                None => {
                    pass.left.push(planned);
                    continue;
                }
                Some(Ok(())) => recorder.put(planned.row),
                Some(Err(UpdateFailure::Gone)) => {
                    let row = Row { result: RowResult::Failed, ..planned.row };
                    recorder.put(row.because(&UpdateFailure::Gone.to_string(), None));
                }
                Some(Err(UpdateFailure::Vendor(failure))) => {
                    recorder.put(planned.row.clone().failed(&failure));
                    if failure.is_about_the_key() {
                        stop.cancel();
                        pass.key_refused = Some(failure);
                    } else if failure.is_transient() {
                        pass.again.push(planned);
                    }
                }
            }
            self.progress.step();
        }
        pass
    }

    /// Tries once more what failed and may succeed. A vendor that is being left alone gets its rest first, and then one case to show
    /// that it is back.
    async fn last_pass(&self, mut again: Vec<PlannedUpdate>, recorder: &Recorder) -> Pass {
        if let Some(until) = self.reach.case_status.http().left_alone_until() {
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.cancel.cancelled() => {}
            }
            let probe = again.pop().into_iter().collect();
            let probed = self.pass(probe, Known::No, recorder).await;
            if !probed.again.is_empty() || probed.key_refused.is_some() {
                return probed;
            }
        }
        self.progress.enter(Phase::LastPass, again.len() as u64);
        self.pass(again, Known::No, recorder).await
    }
}

#[derive(Default)]
struct Pass {
    /// May succeed later.
    again: Vec<PlannedUpdate>,
    /// Were not begun.
    left: Vec<PlannedUpdate>,
    key_refused: Option<Failure>,
}

/// Runs `reading` unless the run is cancelled first; reading changes nothing, so it is simply dropped.
pub(super) async fn unless_cancelled<T>(cancel: &CancellationToken, reading: impl Future<Output = Result<T, Failure>>) -> Result<T, Ended> {
    tokio::select! {
        () = cancel.cancelled() => Err(Ended::with(RunStatus::Cancelled, "stopped before anything was written")),
        read = reading => read.map_err(|failure| Ended::with(RunStatus::Failed, failure.to_string())),
    }
}
