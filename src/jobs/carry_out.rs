//! Carries jobs out: the use cases of `sync` on behalf of a firm's schedules, and what follows from how they end.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::notices::Notices;
use super::queue::{Engine, Job};
use super::{Watched, What};
use crate::domain::{FirmId, MigrationTask, RunStatus};
use crate::live::Live;
use crate::rules::FirmRules;
use crate::scripting::{Migration, ScriptFolder};
use crate::sync::{
    Apply, Finished, Host, Migrating, Progress, SyncError, migrate, pass_documents, pass_messages, pass_outbox, pass_stages, proves_keys,
    sync_firm,
};

/// How long a firm whose key is refused is left alone before the key is tried again.
const PAUSE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// Carries out what schedules ask for.
pub struct Carrier {
    /// What runs need of the host.
    pub host: Host,
    /// The rules in use.
    pub live: Arc<Live>,
    /// Who is told.
    pub notices: Notices,
    /// What is seen of the work.
    pub watched: Arc<Watched>,
}

impl Engine for Carrier {
    async fn carry_out(&self, job: Job, cancel: CancellationToken) {
        let Some(rules) = self.live.current().firms.get(&job.firm).and_then(|firm| firm.rules.clone()) else { return };
        // It may have been switched off while it waited.
        if !What::of(&rules).any(|(what, schedule)| what == job.what && schedule.enabled) {
            return;
        }
        match self.is_paused(&rules).await {
            Ok(false) => {}
            Ok(true) => return,
            Err(error) => return tracing::error!(firm = %job.firm, %error, "nobody can say whether the firm is left alone"),
        }
        let began = std::time::Instant::now();
        let outcome = self.work(&job, &rules, &cancel).await;
        self.watched.job_ended(&job.what, began.elapsed(), outcome.is_ok());
        if let Err(error) = outcome {
            match error {
                SyncError::Busy { .. } => {
                    tracing::info!(firm = %job.firm, what = %job.what, "skipped, since another process is at it");
                }
                error => tracing::error!(firm = %job.firm, what = %job.what, %error, "could not be carried out"),
            }
        }
        // A run that the host's end cut short is taken up at the next start.
        if !cancel.is_cancelled() {
            self.done(&job).await;
        }
    }
}

impl Carrier {
    async fn work(&self, job: &Job, rules: &Arc<FirmRules>, cancel: &CancellationToken) -> Result<(), SyncError> {
        let host = Host { cancel: cancel.clone(), ..self.host.clone() };
        let rules = || Arc::clone(rules);
        let finished = match &job.what {
            What::NightlySync => vec![Some(sync_firm(&host, rules(), false, &Progress::default(), cancel).await?)],
            What::StageSync => vec![pass_stages(&host, rules(), true, cancel).await?],
            What::MessageSync => vec![pass_outbox(&host, rules(), true, cancel).await?, pass_messages(&host, rules(), true, cancel).await?],
            What::DocumentSync => vec![pass_documents(&host, rules(), true, cancel).await?],
            What::Script(name) => vec![Some(self.script(&host, rules(), name, cancel).await?)],
        };
        for finished in finished.into_iter().flatten() {
            self.ended(&job.firm, &rules(), &finished).await;
        }
        Ok(())
    }

    async fn script(&self, host: &Host, rules: Arc<FirmRules>, name: &str, cancel: &CancellationToken) -> Result<Finished, SyncError> {
        let schedule = rules.schedule.scripts.iter().find(|script| *script.script == *name);
        let apply = schedule.is_some_and(|schedule| schedule.apply);
        // The script as it was when the rules were built, whatever has become of its file since.
        let files = schedule.map(|schedule| schedule.files.clone()).unwrap_or_default();
        let origins = self.live.origins();
        let folder = ScriptFolder::holding(&origins.scripts_dir, files);
        let script = Arc::new(Migration::load(&folder, name, &origins.limits).map_err(SyncError::FaultyScript)?);
        let task = MigrationTask::of_schedule(&rules.firm, name);
        let firm = rules.firm.clone();
        let listener =
            Arc::new(move |line: &crate::domain::LogLine| tracing::info!(%firm, warns = line.warns, "the script says something"));
        let migrating = Migrating { script, task, listener, progress: Progress::default(), cancel: cancel.clone() };
        migrate(host, rules, if apply { Apply::GoOn } else { Apply::No }, migrating).await
    }

    /// What follows from how a run ended: a firm whose key is refused is left alone, and people are told.
    async fn ended(&self, firm: &FirmId, rules: &FirmRules, finished: &Finished) {
        self.watched.run_ended(finished);
        if let Some(vendor) = finished.key_refused {
            if let Err(error) = self.host.store.pause(firm, &vendor.to_string(), &rules.revision).await {
                tracing::error!(%firm, %error, "the firm could not be left alone");
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

    /// Whether a firm is left alone because its key is refused. New rules end that, and so does a key that is good again.
    async fn is_paused(&self, rules: &FirmRules) -> Result<bool, SyncError> {
        let store = &self.host.store;
        let Some(pause) = store.paused(&rules.firm).await? else { return Ok(false) };
        let rested = Timestamp::now().duration_since(pause.since) >= PAUSE && proves_keys(&self.host, rules).await;
        if pause.revision != *rules.revision.0 || rested {
            tracing::info!(firm = %rules.firm, "no longer left alone");
            store.end_pause(&rules.firm).await?;
            self.notices.key_is_good(rules).await;
            return Ok(false);
        }
        Ok(true)
    }

    async fn done(&self, job: &Job) {
        if job.nominal.is_none() {
            return;
        }
        if let Err(error) = self.host.store.put_done(&job.firm, &job.what.to_string()).await {
            tracing::error!(firm = %job.firm, %error, "it could not be written down that an occurrence is done");
        }
    }
}
