//! Carries jobs out: the use cases of `sync` on behalf of a firm's schedules, and what follows from how they end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::queue::{Engine, Job};
use crate::domain::{FirmId, Kind, MigrationTask, RunStatus};
use crate::metrics::Metrics;
use crate::notifications::Notifier;
use crate::rules::{FirmRules, JobKind};
use crate::ruleset::RulesRegistry;
use crate::runs::{
    AcceptListing, Host, MigrationMode, MigrationOptions, Progress, RunError, RunReport, ScheduledOccurrence, check_accounts,
    check_credentials, migrate, poll_documents, poll_messages, poll_outbox, poll_stages, sync_firm,
};
use crate::scripting::Migration;
use crate::store::{OccurrenceOutcome, PauseReason, StoreError};

/// How long a firm whose key is refused is left alone before the key is tried again.
const PAUSE: Duration = Duration::from_hours(1);

/// How often a job that must not be lost looks whether the firm's other run has ended.
const BUSY: Duration = Duration::from_secs(2);

/// How long it does.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Carries out what schedules ask for.
pub struct Executor {
    /// What runs need of the host.
    pub host: Host,
    /// The rules in use.
    pub live: Arc<RulesRegistry>,
    /// Who is told.
    pub notices: Notifier,
    /// What is seen of the work.
    pub metrics: Arc<Metrics>,
    /// The firms whose key is refused, by the rules whose key was tried last, and when.
    refused: Mutex<HashMap<FirmId, (Arc<FirmRules>, Instant)>>,
}

impl Executor {
    /// Who carries jobs out on this host.
    pub fn new(host: Host, live: Arc<RulesRegistry>, notices: Notifier, metrics: Arc<Metrics>) -> Executor {
        Executor { host, live, notices, metrics, refused: Mutex::default() }
    }
}

impl Engine for Executor {
    async fn carry_out(&self, job: Job, cancel: CancellationToken) {
        let (began, lost) = (Instant::now(), job.lead.lost());
        let outcome = loop {
            let occurrence = job.nominal.map(|nominal| ScheduledOccurrence {
                schedule: job.what.to_string(),
                nominal,
                lead: job.lead.clone(),
                stop: cancel.clone(),
            });
            match self.take_on(&job, Host { occurrence, ..self.host.clone() }, &cancel).await {
                Err(RunError::OccurrenceSettled) => {
                    return tracing::info!(firm = %job.firm, what = %job.what, "job left: done, or taken by another instance");
                }
                // Whoever leads now sees to it. Where that is this instance still, the job is begun again below.
                Err(RunError::Store(error @ StoreError::TakenOver)) if lost.is_cancelled() => {
                    return tracing::warn!(firm = %job.firm, what = %job.what, %error, "job left to another instance");
                }
                Err(RunError::Store(error)) if began.elapsed() < LONGEST_WAIT => {
                    tracing::warn!(firm = %job.firm, what = %job.what, %error, "job failed; retrying in a moment");
                    if !waits(&cancel, &lost).await {
                        return;
                    }
                }
                // What comes every few minutes comes again; a night does not. Whoever leads next does not wait for this.
                Err(RunError::Busy { .. }) if matters_each_time(&job.what) && began.elapsed() < LONGEST_WAIT => {
                    if !waits(&cancel, &lost).await {
                        return;
                    }
                }
                outcome => break outcome,
            }
        };
        // Only the leader says what became of an occurrence; the next one takes up what is not done.
        let leads = tokio::select! {
            leads = job.lead.is_held() => leads,
            () = cancel.cancelled() => false,
        };
        if !leads {
            return;
        }
        match outcome {
            Ok(JobOutcome::Done(_) | JobOutcome::Rests) => {}
            Ok(JobOutcome::FirmIsPaused) => self.skipped(&job).await,
            Err(RunError::Busy { .. }) => {
                tracing::info!(firm = %job.firm, what = %job.what, "job skipped: another run of the firm is running");
                self.skipped(&job).await;
            }
            Err(RunError::Store(error)) => {
                // Nothing can be written down now; the next start of the host takes it up.
                return tracing::error!(firm = %job.firm, what = %job.what, %error, "job failed");
            }
            Err(error) => tracing::error!(firm = %job.firm, what = %job.what, %error, "job failed"),
        }
        // A run that the host's end cut short is taken up at the next start.
        if !cancel.is_cancelled() {
            self.done(&job).await;
        }
    }
}

/// Waits until the job is to be tried again; `false` if it is not, since the host stops or another instance leads.
async fn waits(cancel: &CancellationToken, lost: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(BUSY) => true,
        () = cancel.cancelled() => false,
        () = lost.cancelled() => false,
    }
}

/// What became of a job that was taken on.
pub(crate) enum JobOutcome {
    /// It was carried out, with a run that ended so if there was one, or is not wanted any more.
    Done(Option<RunStatus>),
    /// Its run rests, and is to be taken up.
    Rests,
    /// The firm is left alone.
    FirmIsPaused,
}

/// Whether an occurrence that found the firm at work is waited with, instead of being left to the next one.
pub(crate) fn matters_each_time(what: &JobKind) -> bool {
    matches!(what, JobKind::NightlySync | JobKind::DocumentSync | JobKind::Script(_))
}

impl Executor {
    /// Does a job if it is still wanted, by the rules as they are now.
    pub(crate) async fn take_on(&self, job: &Job, host: Host, cancel: &CancellationToken) -> Result<JobOutcome, RunError> {
        let Some(rules) = self.live.current().firms.get(&job.firm).and_then(|firm| firm.rules.clone()) else {
            return Ok(JobOutcome::Done(None));
        };
        // It may have been switched off while it waited.
        if !JobKind::of(&rules).any(|(what, schedule)| what == job.what && schedule.enabled) {
            return Ok(JobOutcome::Done(None));
        }
        // So may the whole firm.
        if !self.host.store.is_firm_enabled(&job.firm).await? {
            return Ok(JobOutcome::Done(None));
        }
        if self.is_paused(&rules).await? {
            return Ok(JobOutcome::FirmIsPaused);
        }
        let began = Instant::now();
        // Whoever cancels the run alone does not stop the host.
        let outcome = self.work(job, host, &rules, &cancel.child_token()).await;
        if !matches!(outcome, Err(RunError::Busy { .. } | RunError::OccurrenceSettled) | Ok(Some(RunStatus::Running))) {
            self.metrics.job_ended(&job.what, began.elapsed(), outcome.is_ok());
        }
        if let Err(error) = &outcome
            && self.opens_wrong_account(&rules, error).await
        {
            return Ok(JobOutcome::FirmIsPaused);
        }
        outcome.map(|status| if status == Some(RunStatus::Running) { JobOutcome::Rests } else { JobOutcome::Done(status) })
    }

    /// How its run ended, if there was one.
    async fn work(&self, job: &Job, host: Host, rules: &Arc<FirmRules>, cancel: &CancellationToken) -> Result<Option<RunStatus>, RunError> {
        let host = Host { cancel: cancel.clone(), progress: Progress::default(), ..host };
        let again = || Arc::clone(rules);
        let finished = match &job.what {
            JobKind::NightlySync => Some(sync_firm(&host, again(), false, AcceptListing::No, cancel).await?),
            JobKind::StageSync => poll_stages(&host, again(), true, cancel).await?,
            JobKind::MessageSync => {
                // What became of one way is told whatever becomes of the other.
                // The second one ends the occurrence, unless the first has to be done again.
                let part = Host { occurrence: None, ..host.clone() };
                let sent = poll_outbox(&part, again(), true, cancel).await;
                if let Ok(Some(finished)) = &sent {
                    self.ended(rules, finished).await;
                }
                let received = poll_messages(if sent.is_ok() { &host } else { &part }, again(), true, cancel).await?;
                sent?;
                received
            }
            JobKind::DocumentSync => poll_documents(&host, again(), true, cancel).await?,
            JobKind::Script(name) => Some(self.script(&host, again(), name, cancel).await?),
        };
        let Some(finished) = finished else { return Ok(None) };
        if finished.run.status != RunStatus::Running {
            self.ended(rules, &finished).await;
        }
        Ok(Some(finished.run.status))
    }

    async fn script(&self, host: &Host, rules: Arc<FirmRules>, name: &str, cancel: &CancellationToken) -> Result<RunReport, RunError> {
        let schedule = rules.schedule.scripts.iter().find(|script| *script.script == *name);
        let apply = schedule.is_some_and(|schedule| schedule.apply);
        // The script as it was when the rules were built, whatever has become of its file since.
        let files = schedule.map(|schedule| schedule.files.clone()).unwrap_or_default();
        let origins = self.live.origins();
        let folder = origins.scripts.with(files);
        let script = Arc::new(Migration::load(&folder, name, &origins.limits).map_err(RunError::FaultyScript)?);
        let task = MigrationTask::of_schedule(&rules.firm, name);
        let firm = rules.firm.clone();
        let listener = Arc::new(move |line: &crate::domain::LogLine| tracing::info!(%firm, warns = line.warns, "script log"));
        let migrating = MigrationOptions { script, task, listener, cancel: cancel.clone() };
        migrate(host, rules, if apply { MigrationMode::Resume } else { MigrationMode::DryRun }, migrating).await
    }

    /// What follows from how a run ended: a firm whose key is refused is left alone, and people are told.
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

    /// Whether a firm is left alone because of its keys. Where one is refused, other rules end that, and so does another key, or one that is
    /// good again; where one opens a wrong account, a right one does. Whether it is, is asked now and then, and once after a start.
    pub(crate) async fn is_paused(&self, rules: &Arc<FirmRules>) -> Result<bool, RunError> {
        let store = &self.host.store;
        let Some(pause) = store.paused(&rules.firm).await? else { return Ok(false) };
        let last = self.refused().get(&rules.firm).cloned();
        let is_other = last.as_ref().is_some_and(|(tried, _)| !tried.connections.are_the_same(&rules.connections));
        let has_rested = last.is_none_or(|(_, at)| at.elapsed() >= PAUSE);
        if has_rested {
            self.tried(rules);
        }
        let is_edited = is_other || pause.revision != *rules.revision.0;
        let ends = if !pause.reason.is_about_account() {
            is_edited || has_rested && check_credentials(&self.host.vendor_pool, rules).await.holds()
        } else if is_edited || has_rested {
            match check_accounts(store, rules, &self.host.vendor_pool.clients(rules, Kind::Messages)).await {
                Ok(()) => true,
                Err(RunError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    self.opens_wrong_account(rules, &error).await;
                    false
                }
            }
        } else {
            false
        };
        if ends {
            tracing::info!(firm = %rules.firm, "firm no longer paused");
            store.end_pause(&rules.firm).await?;
            self.notices.key_is_good(rules).await;
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether this error is about a key that opens another account than the firm's, for which it was paused. People are told.
    pub(crate) async fn opens_wrong_account(&self, rules: &Arc<FirmRules>, error: &RunError) -> bool {
        if error.pauses().is_none() {
            return false;
        }
        tracing::error!(firm = %rules.firm, %error, "firm paused: a key opens the wrong account");
        self.tried(rules);
        if let Ok(Some(pause)) = self.host.store.paused(&rules.firm).await {
            self.notices.other_account(rules, pause.since, &error.to_string()).await;
        }
        true
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<FirmId, (Arc<FirmRules>, Instant)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the firm's keys are tried now.
    fn tried(&self, rules: &Arc<FirmRules>) {
        self.refused().insert(rules.firm.clone(), (Arc::clone(rules), Instant::now()));
    }

    pub(crate) async fn skipped(&self, job: &Job) {
        let Some(nominal) = job.nominal.filter(|_| matters_each_time(&job.what)) else { return };
        let recorded = self.host.store.put_occurrence(&job.firm, &job.what.to_string(), nominal, OccurrenceOutcome::Skipped, 1).await;
        if let Err(error) = recorded {
            tracing::error!(firm = %job.firm, %error, "skipped occurrence could not be recorded");
        }
    }

    pub(crate) async fn done(&self, job: &Job) {
        let Some(nominal) = job.nominal else { return };
        if let Err(error) = self.host.store.put_done(&job.firm, &job.what.to_string(), nominal).await {
            tracing::error!(firm = %job.firm, %error, "finished occurrence could not be recorded");
        }
    }
}
