//! Carries out what an engine of its own asks for, a slice at a time: a run goes on where the last slice left it, on whichever instance.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use lettre::Address;
use tokio_util::sync::CancellationToken;

use super::Heartbeat;
use super::Job;
use super::JobRequest;
use super::RunService;
use super::SliceOutcome;
use super::executor::{JobOutcome, matters_each_time};
use super::job_request::run_of;
use super::spawning::{connect, listener};
use crate::domain::{CaseId, FirmId, MigrationTask, Run, RunId, RunStatus};
use crate::rules::{FirmRules, JobKind};
use crate::runs::{
    AcceptListing, ApproveOptions, Host, MigrationMode, MigrationOptions, Progress, RunError, RunReport, SendAgain, UndoPlan, approve,
    migrate, sync_case, sync_firm,
};
use crate::store::{LeaseWatch, StoreError};

impl RunService {
    /// Works on what a firm is asked to do, until it has ended, or `rest` is cancelled and the next page would begin.
    ///
    /// # Errors
    /// Another run of the firm is under way, or the store says no: it may be tried again. What is final is in the log and in the run.
    pub async fn slice(
        &self,
        firm: &FirmId,
        asked: &JobRequest,
        rest: &CancellationToken,
        cancel: &CancellationToken,
    ) -> Result<SliceOutcome, RunError> {
        let host = Host {
            cancel: cancel.child_token(),
            rest: rest.clone(),
            progress: Progress::default(),
            run_id: None,
            ..self.executor.host.clone()
        };
        let ended = match asked {
            JobRequest::Occurrence { schedule, nominal } => {
                let nominal = Timestamp::from_millisecond(*nominal).unwrap_or_default();
                return self.occurrence(host, firm, JobKind::parse(schedule), nominal).await;
            }
            JobRequest::Approval { .. } => self.asked_for(host, firm, asked).await,
            JobRequest::Sync { run, .. }
            | JobRequest::SyncCase { run, .. }
            | JobRequest::Connect { run, .. }
            | JobRequest::Migration { run, .. }
            | JobRequest::Undo { run, .. } => {
                if let Some(status) = self.how_it_ended(Some(&RunId(run.clone()))).await? {
                    return Ok(SliceOutcome::Done(Some(status)));
                }
                self.asked_for(host, firm, asked).await
            }
        };
        let ended = match ended {
            Ok(None) => SliceOutcome::Done(None),
            Ok(Some(finished)) if finished.run.status == RunStatus::Running => SliceOutcome::Continue,
            Ok(Some(finished)) => SliceOutcome::Done(Some(finished.run.status)),
            Err(error) => final_or_later(firm, error)?,
        };
        Ok(ended)
    }

    async fn occurrence(&self, host: Host, firm: &FirmId, what: JobKind, nominal: Timestamp) -> Result<SliceOutcome, RunError> {
        let job = Job { firm: firm.clone(), what, nominal: Some(nominal), lead: LeaseWatch::default() };
        // A pass records a run only where it finds something to do, and may begin several.
        let run_id = matches!(job.what, JobKind::NightlySync | JobKind::Script(_)).then(|| run_of(firm, &job.what, nominal));
        let is_pass = run_id.is_none();
        if self.rules(firm).is_err() {
            self.leave_to_others(firm).await?;
        }
        if let Some(status) = self.how_it_ended(run_id.as_ref()).await? {
            self.executor.done(&job).await;
            return Ok(SliceOutcome::Done(Some(status)));
        }
        // What a pass leaves is found again by the next: instead of resting, it stops.
        let rest = host.rest.clone();
        let host = if is_pass { Host { cancel: rest.clone(), rest: CancellationToken::new(), ..host } } else { host };
        let cancel = host.cancel.clone();
        let taken = self.executor.take_on(&job, Host { run_id, ..host }, &cancel).await;
        let ended = match taken {
            Ok(JobOutcome::Done(_)) if is_pass && rest.is_cancelled() && matters_each_time(&job.what) => return Ok(SliceOutcome::Continue),
            Ok(JobOutcome::Rests) => return Ok(SliceOutcome::Continue),
            Ok(JobOutcome::Done(status)) => SliceOutcome::Done(status),
            Ok(JobOutcome::FirmIsPaused) => {
                self.executor.skipped(&job).await;
                SliceOutcome::Done(None)
            }
            // What comes every few minutes comes again; a night does not.
            Err(RunError::Busy { .. }) if !matters_each_time(&job.what) => {
                tracing::info!(%firm, what = %job.what, "job skipped: another run of the firm is running");
                SliceOutcome::Done(None)
            }
            Err(error) => final_or_later(firm, error)?,
        };
        if !cancel.is_cancelled() {
            self.executor.done(&job).await;
        }
        Ok(ended)
    }

    /// What a person or a program asked for; `None` if it is not wanted any more.
    pub(super) async fn asked_for(&self, host: Host, firm: &FirmId, asked: &JobRequest) -> Result<Option<RunReport>, RunError> {
        let Ok(rules) = self.rules(firm) else {
            self.leave_to_others(firm).await?;
            tracing::error!(%firm, "job not started: the firm has no rules in use");
            return Ok(None);
        };
        let (began, cancel) = (Instant::now(), host.cancel.clone());
        let named = |run: &str| Host { run_id: Some(RunId(run.to_owned())), ..host.clone() };
        let mut mailed = Vec::new();
        let finished = match asked {
            JobRequest::Occurrence { .. } => return Ok(None),
            JobRequest::Sync { run, dry_run, mail_to } => {
                mailed = addresses(mail_to);
                sync_firm(&named(run), Arc::clone(&rules), *dry_run, AcceptListing::No, &cancel).await?
            }
            JobRequest::SyncCase { run, case, dry_run } => {
                sync_case(&named(run), Arc::clone(&rules), CaseId(*case), *dry_run, SendAgain::Yes, &cancel).await?
            }
            JobRequest::Connect { run, case, mail_to } => {
                mailed = addresses(mail_to);
                connect(&named(run), Arc::clone(&rules), CaseId(*case)).await?
            }
            JobRequest::Migration { run, script, arguments, apply, afresh, has_input, script_hash } => {
                // Its input is with its run, once that is recorded.
                let id = RunId(run.clone());
                let task = match self.executor.host.store.migration(&id).await? {
                    Some(task) => task,
                    None if *has_input => return Err(RunError::NoTask(id)),
                    None => MigrationTask::new(firm, script, arguments.clone(), Vec::new()),
                };
                let apply = match (apply, afresh) {
                    (false, _) => MigrationMode::DryRun,
                    // An orphan goes on under its own id, whatever other run of the same task there is.
                    (true, false) if host.job.is_none() => MigrationMode::Resume,
                    (true, _) => MigrationMode::Restart,
                };
                let (requests, name) = (self.clone(), script.clone());
                let script = tokio::task::spawn_blocking(move || requests.script(&name)).await.map_err(|_| RunError::Script)?;
                let script = Arc::new(script.map_err(RunError::FaultyScript)?);
                if host.job.is_some() && script_hash.as_ref().is_some_and(|hash| *hash != script.hash()) {
                    return Err(RunError::OtherScript(id));
                }
                let migrating = MigrationOptions { script, task, listener: listener(firm), cancel: cancel.clone() };
                migrate(&named(run), Arc::clone(&rules), apply, migrating).await?
            }
            JobRequest::Approval { run } => {
                let run = self.recorded(run).await?;
                // An orphan has been approved. One that is held by now has shown more than that, which nobody has approved.
                if host.job.is_some() && run.status == RunStatus::Held {
                    return Err(RunError::HasEnded { run: run.id, status: run.status.as_str() });
                }
                let script = |name: &str| self.script(name);
                let approving = ApproveOptions { script: &script, listener: listener(firm), cancel: &cancel };
                approve(&host, Arc::clone(&rules), run, approving).await?
            }
            JobRequest::Undo { run, undone, dry_run } => {
                let undone = self.recorded(undone).await?;
                let host = named(run);
                let undoing = UndoPlan::prepare(&host, Arc::clone(&rules), &undone, *dry_run, &cancel).await?;
                undoing.confirm(&cancel).await?
            }
        };
        self.follow_up(&rules, &finished, &mailed).await;
        tracing::debug!(%firm, run = %finished.run.id, took = ?began.elapsed(), "slice ended");
        Ok(Some(finished))
    }

    /// How a run ended that an earlier slice brought to its end without being able to say so.
    async fn how_it_ended(&self, run: Option<&RunId>) -> Result<Option<RunStatus>, RunError> {
        let Some(run) = run else { return Ok(None) };
        let known = self.executor.host.store.run(run).await?;
        Ok(known.map(|run| run.status).filter(|status| !matches!(status, RunStatus::Running | RunStatus::Interrupted)))
    }

    /// Leaves work to an instance that serves the firm, where this one does not: its rules may be on their way here, or one of its keys.
    async fn leave_to_others(&self, firm: &FirmId) -> Result<(), RunError> {
        let served = self.executor.host.store.instance_rules_within(firm, Heartbeat::LASTS).await?;
        if served.iter().any(|(_, revision)| revision.is_some()) {
            return Err(RunError::Busy { firm: firm.clone() });
        }
        Ok(())
    }

    async fn recorded(&self, run: &str) -> Result<Run, RunError> {
        let id = RunId(run.to_owned());
        self.executor.host.store.run(&id).await?.ok_or(RunError::NoSuchRun(id))
    }

    /// What follows from a run that has ended.
    pub(super) async fn follow_up(&self, rules: &Arc<FirmRules>, finished: &RunReport, mail_to: &[Address]) {
        if finished.run.status == RunStatus::Running {
            return;
        }
        self.executor.ended(rules, finished).await;
        if !mail_to.is_empty() {
            self.mail(rules, finished, mail_to).await;
        }
    }
}

fn addresses(texts: &[String]) -> Vec<Address> {
    texts.iter().filter_map(|address| address.parse().ok()).collect()
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
