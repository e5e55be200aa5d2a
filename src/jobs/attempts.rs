//! Carries a queued job out in this process: what fails for a reason that passes is tried again, and an occurrence is written down as done.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Job;
use super::dispatcher::QueuedJob;
use super::executor::{Attempt, Executor, JobOutcome};
use super::queue::Engine;
use crate::domain::FirmId;
use crate::rules::JobKind;
use crate::runs::RunError;
use crate::store::{LeaseWatch, StoreError};

/// How soon a job is tried again that must not be lost.
const AGAIN: Duration = Duration::from_secs(2);

/// How long it is tried again.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// One time of a schedule.
struct Occurrence {
    firm: FirmId,
    kind: JobKind,
    nominal: Timestamp,
    lead: LeaseWatch,
}

impl Engine for Executor {
    async fn carry_out(&self, mut job: QueuedJob, cancel: CancellationToken) {
        if let Job::Occurrence { schedule, nominal } = &job.request.job {
            let nominal = Timestamp::from_millisecond(*nominal).unwrap_or_default();
            let occurrence = Occurrence { firm: job.firm.clone(), kind: JobKind::parse(schedule), nominal, lead: job.lead.clone() };
            return self.carry_out_occurrence(&job, occurrence, &cancel).await;
        }
        let outcome = match self.execute(&job.firm, &job.request, attempt(&job, &cancel)).await {
            Ok(JobOutcome::Done(report)) => Ok(report.map(|report| *report)),
            Ok(JobOutcome::Suspended | JobOutcome::FirmIsPaused) => Ok(None),
            Err(error) => {
                tracing::warn!(firm = %job.firm, run = job.request.run, %error, "job failed");
                Err(error)
            }
        };
        if let Some(ended) = job.ended.take() {
            // Whoever waited may have gone.
            let _ = ended.send(outcome);
        }
    }
}

impl Executor {
    async fn carry_out_occurrence(&self, job: &QueuedJob, occurrence: Occurrence, cancel: &CancellationToken) {
        let (began, lost) = (Instant::now(), job.lead.lost());
        let Occurrence { firm, kind, nominal, lead } = occurrence;
        let outcome = loop {
            match self.execute(&firm, &job.request, attempt(job, cancel)).await {
                Err(RunError::OccurrenceSettled) => {
                    return tracing::info!(%firm, what = %kind, "job left: done, or taken by another instance");
                }
                // Whoever leads now sees to it. Where that is this instance still, the job is begun again below.
                Err(RunError::Store(error @ StoreError::TakenOver)) if lost.is_cancelled() => {
                    return tracing::warn!(%firm, what = %kind, %error, "job left to another instance");
                }
                Err(RunError::Store(error)) if began.elapsed() < LONGEST_WAIT => {
                    tracing::warn!(%firm, what = %kind, %error, "job failed; retrying in a moment");
                }
                // What comes every few minutes comes again; a night does not. Whoever leads next does not wait for this.
                Err(RunError::Busy { .. }) if kind.matters_each_time() && began.elapsed() < LONGEST_WAIT => {}
                outcome => break outcome,
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = cancel.cancelled() => return,
                () = lost.cancelled() => return,
            }
        };
        // Only the leader says what became of an occurrence; the next one takes up what is not done.
        let leads = tokio::select! {
            leads = lead.is_held() => leads,
            () = cancel.cancelled() => false,
        };
        if !leads {
            return;
        }
        match outcome {
            // A run that has ended came to its end before it could be said here, or was cancelled.
            Ok(JobOutcome::Done(_) | JobOutcome::Suspended) | Err(RunError::HasEnded { .. }) => {}
            Ok(JobOutcome::FirmIsPaused) => self.skipped(&firm, &kind, nominal).await,
            Err(RunError::Busy { .. }) => {
                tracing::info!(%firm, what = %kind, "job skipped: another run of the firm is running");
                self.skipped(&firm, &kind, nominal).await;
            }
            Err(RunError::Store(error)) => {
                // Nothing can be written down now; the next start of the host takes it up.
                return tracing::error!(%firm, what = %kind, %error, "job failed");
            }
            Err(error) => tracing::error!(%firm, what = %kind, %error, "job failed"),
        }
        // A run that the host's end cut short is resumed at the next start.
        if !cancel.is_cancelled() {
            self.done(&firm, &kind, nominal).await;
        }
    }
}

/// One try.
fn attempt(job: &QueuedJob, cancel: &CancellationToken) -> Attempt {
    let is_occurrence = matches!(job.request.job, Job::Occurrence { .. });
    Attempt {
        cancel: cancel.clone(),
        // An occurrence is not suspended: its schedule starts it anew.
        rest: if is_occurrence { CancellationToken::new() } else { cancel.child_token() },
        lead: is_occurrence.then(|| (job.lead.clone(), cancel.clone())),
        reserved: job.reserved.clone(),
        progress: job.progress.clone(),
        keeps_job: !is_occurrence,
    }
}
