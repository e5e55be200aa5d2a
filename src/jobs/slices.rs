//! Carries out what Temporal hands to this instance, a slice at a time: a run goes on where the last slice left it, on whichever instance.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::executor::{Attempt, JobOutcome};
use super::{Job, JobRequest, RunService, SliceOutcome};
use crate::domain::{FirmId, RunStatus};
use crate::rules::JobKind;
use crate::runs::RunError;
use crate::store::StoreError;

impl RunService {
    /// Records the run of an occurrence before Temporal hands it on.
    pub async fn queue_occurrence(&self, firm: &FirmId, request: &JobRequest) -> Result<(), RunError> {
        let Some(rules) = self.executor.rules(firm) else { return Ok(()) };
        match request.queued(&rules) {
            Some(run) => Ok(self.host().store.queue_run(&run, &rules.text, &request.to_text(), None).await?),
            None => Ok(()),
        }
    }

    /// Works on what a firm was requested to do, until it has ended, or `rest` is cancelled and the next page would begin.
    ///
    /// # Errors
    /// Another run of the firm is under way, or the store says no: it may be tried again. What is final is in the log and in the run.
    pub async fn slice(
        &self,
        firm: &FirmId,
        request: &JobRequest,
        rest: &CancellationToken,
        cancel: &CancellationToken,
    ) -> Result<SliceOutcome, RunError> {
        let executor = &self.executor;
        let run = request.run_of(firm);
        let occurrence = match &request.job {
            Job::Occurrence { schedule, nominal } => {
                Some((JobKind::parse(schedule), Timestamp::from_millisecond(*nominal).unwrap_or_default()))
            }
            _ => None,
        };
        if occurrence.is_some() && executor.rules(firm).is_none() {
            executor.leave_to_others(firm).await?;
        }
        // An earlier slice may have brought the run to its end without being able to say so. A run that is approved was held before.
        let ended = if request.job == Job::Approval { None } else { executor.how_it_ended(run.as_ref()).await? };
        let is_poll = run.is_none();
        let (matters, stops) = (occurrence.as_ref().is_none_or(|(kind, _)| kind.matters_each_time()), is_poll && rest.is_cancelled());
        // What a poll leaves is found again by the next: instead of being suspended, it stops.
        let attempt = Attempt {
            cancel: if is_poll { rest.clone() } else { cancel.child_token() },
            rest: if is_poll { CancellationToken::new() } else { rest.clone() },
            ..Attempt::default()
        };
        let outcome = match ended {
            Some(status) => SliceOutcome::Done(Some(status)),
            None => match executor.execute(firm, request, attempt).await {
                Ok(JobOutcome::Suspended) => return Ok(SliceOutcome::Continue),
                Ok(JobOutcome::Done(_)) if is_poll && rest.is_cancelled() && matters => return Ok(SliceOutcome::Continue),
                Ok(JobOutcome::Done(report)) => SliceOutcome::Done(report.map(|report| report.run.status)),
                Ok(JobOutcome::FirmIsPaused) => {
                    if let Some((kind, nominal)) = &occurrence {
                        executor.skipped(firm, kind, *nominal).await;
                    }
                    SliceOutcome::Done(None)
                }
                // What comes every few minutes comes again; a night does not.
                Err(RunError::Busy { .. }) if !matters => {
                    tracing::info!(%firm, "job skipped: another run of the firm is running");
                    SliceOutcome::Done(None)
                }
                Err(error) => final_or_later(firm, error)?,
            },
        };
        if let Some((kind, nominal)) = &occurrence
            && !stops
            && !cancel.is_cancelled()
        {
            executor.done(firm, kind, *nominal).await;
        }
        Ok(outcome)
    }
}

/// What is tried again, and what has come to its end with this.
fn final_or_later(firm: &FirmId, error: RunError) -> Result<SliceOutcome, RunError> {
    match error {
        RunError::Store(StoreError::Unreadable(_)) => {
            tracing::error!(%firm, %error, "job failed");
            Ok(SliceOutcome::Done(None))
        }
        RunError::Busy { .. } | RunError::Store(_) => Err(error),
        // The slice that ended it could not say so any more.
        RunError::HasEnded { status, .. } => Ok(SliceOutcome::Done(RunStatus::parse(status))),
        error => {
            tracing::error!(%firm, %error, "job failed");
            Ok(SliceOutcome::Done(None))
        }
    }
}
