//! Carries jobs out by the rules of now: whether a firm may run, the run itself, and what follows from how it ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use jiff::Timestamp;
use lettre::Address;
use tokio_util::sync::CancellationToken;

use super::execute::execute;
use super::{Heartbeat, Job, JobRequest, Polled};
use crate::domain::{FirmId, MigrationTask, RunId, RunStatus};
use crate::mail::{Mailer, RunMail, run_letter};
use crate::metrics::Metrics;
use crate::notifications::Notifier;
use crate::rules::{FirmRules, JobKind};
use crate::ruleset::RulesRegistry;
use crate::runs::{
    Host, MigrationMode, MigrationOptions, Progress, ReservedLocks, RunContext, RunError, RunReport, ScheduledOccurrence,
    check_credentials, migrate,
};
use crate::scripting::ScriptSource;
use crate::store::{LeaseWatch, OccurrenceOutcome, PauseReason};

/// Carries jobs out.
pub struct Executor {
    /// What runs share.
    pub host: Host,
    /// The rules in use.
    pub registry: Arc<RulesRegistry>,
    /// Who is told.
    pub notices: Notifier,
    /// What sends runs' reports.
    pub mailer: Mailer,
    /// What is seen of the work.
    pub metrics: Arc<Metrics>,
    /// The firms whose key is refused, by the rules whose key was tried last, and when.
    pub(super) refused: Mutex<HashMap<FirmId, (Arc<FirmRules>, Instant)>>,
}

/// One try at a job.
#[derive(Default)]
pub(crate) struct Attempt {
    /// Cancelled when the run is to stop.
    pub cancel: CancellationToken,
    /// Cancelled when it is to be suspended.
    pub rest: CancellationToken,
    /// The lease of the leader that started the occurrence, and what stops the host.
    pub lead: Option<(LeaseWatch, CancellationToken)>,
    /// The locks of the run.
    pub reserved: ReservedLocks,
    /// How far the run has come.
    pub progress: Progress,
    /// Whether the run is resumed by its job, which the store keeps, once its process is gone.
    pub keeps_job: bool,
}

/// What became of a job.
pub(crate) enum JobOutcome {
    /// It was carried out, in a run if there was one, or is not wanted any more.
    Done(Option<Box<RunReport>>),
    /// Its run was suspended, and is to be resumed.
    Suspended,
    /// The firm is paused.
    FirmIsPaused,
}

impl Executor {
    /// Who carries jobs out on this host.
    pub fn new(host: Host, registry: Arc<RulesRegistry>, notices: Notifier, mailer: Mailer, metrics: Arc<Metrics>) -> Executor {
        Executor { host, registry, notices, mailer, metrics, refused: Mutex::default() }
    }

    /// The rules that a firm has in use.
    pub(crate) fn rules(&self, firm: &FirmId) -> Option<Arc<FirmRules>> {
        self.registry.current().firms.get(firm).and_then(|in_use| in_use.rules.clone())
    }

    /// The scripts as their files are now.
    pub(crate) fn scripts(&self) -> ScriptSource {
        let sources = self.registry.sources();
        ScriptSource { folder: sources.scripts.clone(), limits: sources.limits.clone() }
    }

    /// Carries a job out, by the rules as they are now.
    pub(crate) async fn execute(&self, firm: &FirmId, request: &JobRequest, attempt: Attempt) -> Result<JobOutcome, RunError> {
        let (run, is_occurrence) = (request.run_of(firm), matches!(request.job, Job::Occurrence { .. }));
        let outcome = match &request.job {
            Job::Occurrence { schedule, nominal } => {
                let nominal = Timestamp::from_millisecond(*nominal).unwrap_or_default();
                self.occurrence(firm, request, &JobKind::parse(schedule), nominal, attempt).await
            }
            _ => self.requested(firm, request, attempt).await,
        };
        let store = &self.host.store;
        match (&outcome, &run) {
            (Ok(JobOutcome::Done(None) | JobOutcome::FirmIsPaused) | Err(RunError::OccurrenceSettled), Some(run)) if is_occurrence => {
                store.discard_queued(run).await?;
            }
            (Ok(JobOutcome::Done(None)), Some(run)) => store.refuse_queued(run, "the firm has no rules in use").await?,
            (Err(RunError::Busy { .. }), Some(run)) => store.note_wait(run, "waits for another run of the firm").await?,
            (Err(error), Some(run)) if !matches!(error, RunError::Store(_)) => store.refuse_queued(run, &error.to_string()).await?,
            _ => {}
        }
        outcome
    }

    fn context(&self, rules: &Arc<FirmRules>, request: &JobRequest, attempt: &Attempt) -> RunContext {
        RunContext {
            rest: attempt.rest.clone(),
            run_id: request.run_of(&rules.firm),
            reserved: attempt.reserved.clone(),
            progress: attempt.progress.clone(),
            job: attempt.keeps_job.then(|| request.to_text().into()),
            // Whoever cancels the run alone does not stop the host.
            ..self.host.context(Arc::clone(rules), &attempt.cancel.child_token())
        }
    }

    /// What a person or a program requested.
    async fn requested(&self, firm: &FirmId, request: &JobRequest, attempt: Attempt) -> Result<JobOutcome, RunError> {
        let Some(rules) = self.rules(firm) else {
            self.leave_to_others(firm).await?;
            tracing::error!(%firm, "job not started: the firm has no rules in use");
            return Ok(JobOutcome::Done(None));
        };
        let began = Instant::now();
        let scripts = self.scripts();
        let run = Box::pin(execute(self.context(&rules, request, &attempt), &request.job, &scripts));
        let Some(report) = run.await? else {
            return Ok(JobOutcome::Done(None));
        };
        tracing::debug!(%firm, run = %report.run.id, took = ?began.elapsed(), "job ended");
        if report.run.status == RunStatus::Running {
            return Ok(JobOutcome::Suspended);
        }
        self.ended(&rules, &report).await;
        let mail_to = request.job.mail_to();
        if !mail_to.is_empty() {
            self.mail(&rules, &report, &mail_to, &attempt.cancel).await;
        }
        Ok(JobOutcome::Done(Some(Box::new(report))))
    }

    /// Leaves work to an instance that serves the firm, where this one does not: its rules may be on their way here, or one of its keys.
    pub(crate) async fn leave_to_others(&self, firm: &FirmId) -> Result<(), RunError> {
        let served = self.host.store.instance_rules_within(firm, Heartbeat::LASTS).await?;
        if served.iter().any(|(_, revision)| revision.is_some()) {
            return Err(RunError::Busy { firm: firm.clone() });
        }
        Ok(())
    }

    /// What a schedule is due to do, if it is still wanted.
    async fn occurrence(
        &self,
        firm: &FirmId,
        request: &JobRequest,
        kind: &JobKind,
        nominal: Timestamp,
        attempt: Attempt,
    ) -> Result<JobOutcome, RunError> {
        let Some(rules) = self.rules(firm) else { return Ok(JobOutcome::Done(None)) };
        // It may have been switched off while it waited, and so may the whole firm.
        let is_wanted = JobKind::of(&rules).any(|(known, schedule)| known == *kind && schedule.enabled);
        if !is_wanted || !self.host.store.is_firm_enabled(firm).await? {
            return Ok(JobOutcome::Done(None));
        }
        if self.is_paused(&rules).await? {
            return Ok(JobOutcome::FirmIsPaused);
        }
        let began = Instant::now();
        let occurrence = attempt.lead.clone().map(|(lead, stop)| ScheduledOccurrence { schedule: kind.to_string(), nominal, lead, stop });
        let context = RunContext { occurrence, ..self.context(&rules, request, &attempt) };
        let outcome = self.scheduled(context, kind).await;
        let is_suspended = matches!(&outcome, Ok(Some(report)) if report.run.status == RunStatus::Running);
        if !is_suspended && !matches!(outcome, Err(RunError::Busy { .. } | RunError::OccurrenceSettled)) {
            self.metrics.job_ended(kind, began.elapsed(), outcome.is_ok());
        }
        if let Err(error) = &outcome
            && self.opens_wrong_account(&rules, error).await
        {
            return Ok(JobOutcome::FirmIsPaused);
        }
        outcome.map(|report| if is_suspended { JobOutcome::Suspended } else { JobOutcome::Done(report.map(Box::new)) })
    }

    /// Does what a schedule is for: one job, or two. The last one ends the occurrence, unless an earlier one has to be done again.
    async fn scheduled(&self, context: RunContext, kind: &JobKind) -> Result<Option<RunReport>, RunError> {
        let rules = Arc::clone(&context.rules);
        let poll = |feed| Job::Poll { feed, quiet: true };
        let jobs = match kind {
            JobKind::NightlySync => vec![Job::Sync { dry_run: false, accept_listing: false, mail_to: Vec::new() }],
            JobKind::StageSync => vec![poll(Polled::Stages)],
            JobKind::MessageSync => vec![poll(Polled::Outbox), poll(Polled::Messages)],
            JobKind::DocumentSync => vec![poll(Polled::Documents)],
            JobKind::Script(name) => {
                let report = self.script(context, name).await?;
                if report.run.status != RunStatus::Running {
                    self.ended(&rules, &report).await;
                }
                return Ok(Some(report));
            }
        };
        let (last, mut failed, mut ended) = (jobs.len() - 1, None, None);
        for (number, job) in jobs.iter().enumerate() {
            let occurrence = context.occurrence.clone().filter(|_| number == last && failed.is_none());
            match Box::pin(execute(RunContext { occurrence, ..context.clone() }, job, &self.scripts())).await {
                Ok(Some(report)) => {
                    if report.run.status != RunStatus::Running {
                        self.ended(&rules, &report).await;
                    }
                    ended = Some(report);
                }
                Ok(None) => {}
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        failed.map_or(Ok(ended), Err)
    }

    async fn script(&self, context: RunContext, name: &str) -> Result<RunReport, RunError> {
        let schedule = context.rules.schedule.scripts.iter().find(|script| *script.script == *name);
        let mode = if schedule.is_some_and(|schedule| schedule.apply) { MigrationMode::Resume } else { MigrationMode::DryRun };
        // The script as it was when the rules were built, whatever has become of its file since.
        let files = schedule.map(|schedule| schedule.files.clone()).unwrap_or_default();
        let scripts = self.scripts();
        let scripts = ScriptSource { folder: scripts.folder.with(files), ..scripts };
        let options = MigrationOptions::load(&scripts, MigrationTask::of_schedule(&context.rules.firm, name)).await?;
        Box::pin(migrate(context, mode, options)).await
    }

    /// What follows from how a run ended: a firm whose key is refused is paused, and people are told.
    pub(crate) async fn ended(&self, rules: &Arc<FirmRules>, finished: &RunReport) {
        self.metrics.run_ended(finished);
        // One answer of 403 may be about one case alone.
        if let Some(vendor) = finished.key_refused
            && !check_credentials(&self.host.vendor_pool, rules).await.holds()
        {
            self.tried(rules);
            if let Err(error) =
                self.host.store.pause(&rules.firm, &vendor.to_string(), PauseReason::KeyRefused, None, &rules.revision).await
            {
                tracing::error!(firm = %rules.firm, %error, "firm could not be paused");
            }
            self.notices.key_revoked(rules, vendor).await;
            return;
        }
        match finished.run.status {
            RunStatus::Held => self.notices.run_held(rules, finished).await,
            RunStatus::Failed | RunStatus::Partial => self.notices.run_failed(rules, finished).await,
            _ => {}
        }
    }

    /// Mails what became of a run, with its CSV, to whoever requested it.
    async fn mail(&self, rules: &FirmRules, finished: &RunReport, to: &[Address], stop: &CancellationToken) {
        let csv = match &finished.report {
            Some(report) => tokio::fs::read(report).await.ok(),
            None => None,
        };
        let RunReport { run, counts, rows, .. } = finished;
        let letter = run_letter(&RunMail { firm_name: &rules.name, run, counts: *counts, rows, csv: csv.as_deref() });
        if self.mailer.send(&letter, to, stop).await.is_lost() {
            tracing::error!(run = %run.id, firm = %run.firm, "run mail lost");
        }
    }

    pub(crate) async fn skipped(&self, firm: &FirmId, kind: &JobKind, nominal: Timestamp) {
        if !kind.matters_each_time() {
            return;
        }
        if let Err(error) = self.host.store.put_occurrence(firm, &kind.to_string(), nominal, OccurrenceOutcome::Skipped, 1).await {
            tracing::error!(%firm, %error, "skipped occurrence could not be recorded");
        }
    }

    pub(crate) async fn done(&self, firm: &FirmId, kind: &JobKind, nominal: Timestamp) {
        if let Err(error) = self.host.store.put_done(firm, &kind.to_string(), nominal).await {
            tracing::error!(%firm, %error, "finished occurrence could not be recorded");
        }
    }

    /// How a run ended that was brought to its end without anybody being able to say so.
    pub(crate) async fn how_it_ended(&self, run: Option<&RunId>) -> Result<Option<RunStatus>, RunError> {
        let Some(run) = run else { return Ok(None) };
        let known = self.host.store.run(run).await?;
        Ok(known.map(|run| run.status).filter(|status| !status.is_open() && *status != RunStatus::Interrupted))
    }
}
