//! The frame of every run: locks, the record of its beginning, its CSV and its end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::accounts::check_accounts;
use super::guard::Approved;
use super::occurrence::ScheduledOccurrence;
use super::progress::RunRegistration;
use super::run_outcome::{RunOutcome, RunReport};
use super::{Host, RunError, VendorClients};
use crate::domain::{CaseId, Counts, Kind, MigrationTask, Row, Run, RunId, RunStatus};
use crate::report;
use crate::rules::FirmRules;
use crate::store::{LeaseWatch, LockGuard};
use crate::vendors::{Failure, Vendor};

/// How often a run looks whether it is to stop.
const LISTEN: std::time::Duration = std::time::Duration::from_secs(1);

/// A run that has begun, with the locks that say so.
pub(super) struct ActiveRun {
    /// The host, whose store writes only as long as the run's locks are held.
    pub host: Host,
    pub rules: Arc<FirmRules>,
    pub run: Run,
    /// What an earlier process wrote in this run, by the case's ID.
    pub resumed_rows: HashMap<SmolStr, Row>,
    locks: (Option<LockGuard>, Option<LockGuard>),
    /// The way to its vendors, whose keys are proved once a run.
    clients: OnceLock<VendorClients>,
    /// Set once the vendors were asked whose accounts the firm's keys open; the failure of one that cannot say.
    accounts: OnceCell<Result<(), (Vendor, Failure)>>,
    /// Looks whether someone asks the run to stop, and lets others watch it.
    watching: Option<(AbortOnDropHandle<()>, RunRegistration)>,
}

impl ActiveRun {
    /// Begins a new run, or takes up the one of the host's `run_id`.
    pub(super) async fn new(
        host: &Host,
        rules: Arc<FirmRules>,
        kind: Kind,
        cases: Vec<CaseId>,
        dry_run: bool,
    ) -> Result<ActiveRun, RunError> {
        let run = new_run(host, &rules, kind, cases, dry_run).await?;
        ActiveRun::with(host, rules, run).await
    }

    /// Begins a run that takes another one back.
    pub(super) async fn start_undo(host: &Host, rules: Arc<FirmRules>, undone: &Run, dry_run: bool) -> Result<ActiveRun, RunError> {
        let run = Run { undoes: Some(undone.id.clone()), ..new_run(host, &rules, Kind::Undo, Vec::new(), dry_run).await? };
        ActiveRun::with(host, rules, run).await
    }

    /// Begins a new run of which nothing is recorded until it has something to do: [`ActiveRun::record`].
    pub(super) async fn start_unrecorded(host: &Host, rules: Arc<FirmRules>, kind: Kind) -> Result<ActiveRun, RunError> {
        let run = new_run(host, &rules, kind, Vec::new(), false).await?;
        let firm_lock = lock_firm(host, &run).await?;
        Ok(ActiveRun::holding(host, rules, run, (Some(firm_lock), None)))
    }

    /// Looks once a run whether the firm's keys open its own accounts, before anything is written to these, or stored that comes from them.
    /// The inner error is that of a vendor that cannot say; nothing more is asked of either in this run.
    pub(super) async fn check_accounts(&self) -> Result<Result<(), Failure>, RunError> {
        Ok(self.accounts_checked().await?.map_err(|(_, failure)| failure))
    }

    async fn accounts_checked(&self) -> Result<Result<(), (Vendor, Failure)>, RunError> {
        if self.run.dry_run {
            return Ok(Ok(()));
        }
        let check = || {
            Box::pin(async {
                match check_accounts(&self.host.store, &self.rules, &self.clients()).await {
                    Ok(()) => Ok(Ok(())),
                    Err(RunError::AccountUnknown { vendor, failure, .. }) => {
                        self.clients().give_up(&failure);
                        Ok(Err((vendor, failure)))
                    }
                    Err(error) => Err(error),
                }
            })
        };
        self.accounts.get_or_try_init(check).await.cloned()
    }

    /// Refuses to go on unless the firm's keys open its own accounts.
    async fn require_own_accounts(&mut self) -> Result<(), RunError> {
        let checked = match self.accounts_checked().await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err((vendor, failure))) => RunError::AccountUnknown { firm: self.run.firm.clone(), vendor, failure },
            Err(error) => error,
        };
        let_go(std::mem::take(&mut self.locks)).await;
        Err(checked)
    }

    /// Records the start of a run that was started without a record. Where a vendor cannot say whose account its key opens, the run is
    /// recorded too: it ends as one whose vendor fails.
    pub(super) async fn record(&mut self) -> Result<(), RunError> {
        if let Err(error) = self.check_accounts().await {
            let_go(std::mem::take(&mut self.locks)).await;
            return Err(error);
        }
        if self.locks.1.is_none() {
            self.locks.1 = self.host.store.locks.run(&self.run.id).await?;
            self.host.store.begin_run(&self.run, &self.rules.text, None).await?;
            self.watch();
        }
        Ok(())
    }

    /// The way to the firm's vendors, which leads to no write once the run has been taken over.
    pub(super) fn clients(&self) -> VendorClients {
        self.clients.get_or_init(|| self.host.vendor_pool.clients(&self.rules, self.run.kind).fenced_by(&self.hold())).clone()
    }

    /// Begins `run`, which may be an old one that did not come to its end.
    pub(super) async fn with(host: &Host, rules: Arc<FirmRules>, run: Run) -> Result<ActiveRun, RunError> {
        // A dry run writes to nobody, so it is in nobody's way.
        let firm_lock = if run.dry_run { None } else { Some(lock_firm(host, &run).await?) };
        Box::pin(ActiveRun::with_lock(host, rules, run, firm_lock)).await
    }

    /// Begins a migration, or takes up the run of the same task that did not come to its end. The firm's lock is held before that is looked
    /// for: until then, another process may end the run.
    pub(super) async fn resume_migration(host: &Host, rules: Arc<FirmRules>, task: &MigrationTask) -> Result<(ActiveRun, bool), RunError> {
        let run = new_run(host, &rules, Kind::Migration, Vec::new(), false).await?;
        let firm_lock = lock_firm(host, &run).await?;
        let Some(unfinished) = host.store.migration_to_take_up(&task.hash).await? else {
            return Ok((ActiveRun::with_lock(host, rules, run, Some(firm_lock)).await?, false));
        };
        // The process that was at it may have a lease of the run still, a moment longer than that of the firm.
        let run_lock = host.store.locks.run(&unfinished.id).await?.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
        let run = Run { status: RunStatus::Running, revision: rules.revision.clone(), ..unfinished };
        let host = Host { run_id: None, ..host.clone() };
        Ok((ActiveRun::holding(&host, rules, run, (Some(firm_lock), Some(run_lock))).begin().await?, true))
    }

    async fn with_lock(host: &Host, rules: Arc<FirmRules>, run: Run, firm_lock: Option<LockGuard>) -> Result<ActiveRun, RunError> {
        let run_lock = host.store.locks.run(&run.id).await?;
        if host.run_id.is_none() {
            return ActiveRun::holding(host, rules, run, (firm_lock, run_lock)).begin().await;
        }
        // Whoever else is at it has not ended it yet.
        let run_lock = run_lock.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
        let known = host.store.run(&run.id).await?;
        let earlier = match known {
            None => None,
            Some(known) if known.firm != run.firm => return Err(RunError::NoSuchRun(known.id)),
            Some(known) if known.status == RunStatus::Running => Some(known),
            Some(ended) => return Err(RunError::HasEnded { run: ended.id, status: ended.status.as_str() }),
        };
        let Some(earlier) = earlier else { return ActiveRun::holding(host, rules, run, (firm_lock, Some(run_lock))).begin().await };
        let run = Run { started_at: earlier.started_at, ..run };
        let mut active_run = ActiveRun::holding(host, rules, run, (firm_lock, Some(run_lock)));
        active_run.host.store.clear_unwritten_rows(&active_run.run.id).await?;
        let rows = active_run.host.store.rows(&active_run.run.id).await?;
        active_run.resumed_rows = rows.into_iter().map(|row| (row.integration_id.clone(), row)).collect();
        tracing::info!(run = %active_run.run.id, firm = %active_run.run.firm, written = active_run.resumed_rows.len(), "run resumed");
        let active_run = active_run.begin().await?;
        // Somebody may have asked it to stop while nobody was at it.
        if active_run.host.store.is_cancel_requested(&active_run.run.id).await? {
            active_run.host.cancel.cancel();
        }
        Ok(active_run)
    }

    /// Begins a held run, if it is one still: of two who approve it, or put it away, one comes first.
    pub(super) async fn held(host: &Host, rules: Arc<FirmRules>, run: Run, approved: &Approved) -> Result<ActiveRun, RunError> {
        let firm_lock = lock_firm(host, &run).await?;
        let run_lock = host.store.locks.run(&run.id).await?.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
        let run = Run { status: RunStatus::Running, revision: rules.revision.clone(), ..run };
        let mut active_run = ActiveRun::holding(host, rules, run, (Some(firm_lock), Some(run_lock)));
        active_run.require_own_accounts().await?;
        let run = &active_run.run.id;
        if !host.store.take_held(run, &approved.to_text()).await? {
            let now = host.store.run(run).await?;
            return Err(RunError::NotHeld { status: now.map_or("gone", |run| run.status.as_str()), run: run.clone() });
        }
        active_run.host.store.clear_unwritten_rows(&active_run.run.id).await?;
        active_run.begin().await
    }

    fn holding(host: &Host, rules: Arc<FirmRules>, run: Run, locks: (Option<LockGuard>, Option<LockGuard>)) -> ActiveRun {
        let store = match locks.0.as_ref().or(locks.1.as_ref()) {
            Some(lock) => host.store.fenced_by(lock),
            None => host.store.clone(),
        };
        ActiveRun {
            host: Host { store, ..host.clone() },
            rules,
            run,
            resumed_rows: HashMap::new(),
            locks,
            clients: OnceLock::new(),
            accounts: OnceCell::new(),
            watching: None,
        }
    }

    async fn begin(mut self) -> Result<ActiveRun, RunError> {
        // Who waits for the beginning does not wait for vendors, unless one named a wrong account before.
        if self.host.store.paused(&self.run.firm).await?.is_some_and(|pause| pause.reason.is_about_account()) {
            self.require_own_accounts().await?;
        }
        let ActiveRun { host, run, rules, .. } = &self;
        host.store.begin_run(run, &rules.text, host.job.as_deref()).await?;
        tracing::info!(run = %run.id, firm = %run.firm, kind = run.kind.as_str(), dry_run = run.dry_run, "run started");
        self.watch();
        let checked = tokio::select! {
            checked = self.check_accounts() => checked,
            // Then nothing is written either.
            () = self.host.cancel.cancelled() => Ok(Ok(())),
        };
        match checked {
            // Where a vendor cannot say, the run ends as one whose vendor fails.
            Ok(_) => Ok(self),
            Err(error @ RunError::Store(_)) => Err(error),
            Err(error) => {
                let locks = std::mem::take(&mut self.locks);
                Box::pin(self.end(RunOutcome::with(RunStatus::Failed, error.to_string(), Vec::new()))).await?;
                let_go(locks).await;
                Err(error)
            }
        }
    }

    fn hold(&self) -> LeaseWatch {
        self.locks.0.as_ref().or(self.locks.1.as_ref()).map(LockGuard::hold).unwrap_or_default()
    }

    /// Says that the run has begun, and cancels it once someone asks for that in the store, or another process has taken it over.
    fn watch(&mut self) {
        let listening = listen(&self.host, &self.run.id, self.hold().lost());
        self.watching = Some((listening, self.host.under_way.enter(&self.run.id, &self.host.progress)));
    }

    /// Whether it was stopped by the end of its process and not by a person, and is taken up by its job.
    async fn is_left_to_the_next_process(&self) -> Result<bool, RunError> {
        let is_stopped = self.host.job.is_some() && self.host.rest.is_cancelled();
        Ok(is_stopped && !self.host.store.is_cancel_requested(&self.run.id).await?)
    }

    /// Writes the CSV, records the end and lets go of the locks.
    pub(super) async fn end(mut self, ended: RunOutcome) -> Result<RunReport, RunError> {
        let mut ended = ended.after(std::mem::take(&mut self.resumed_rows));
        if ended.status == RunStatus::Cancelled && self.is_left_to_the_next_process().await? {
            ended.status = RunStatus::Running;
        }
        let rows = ended.rows;
        let counts = Counts::of(&rows);
        if ended.status == RunStatus::Running {
            tracing::info!(run = %self.run.id, firm = %self.run.firm, ?counts, "run suspended");
            let log = ended.log;
            return Ok(RunReport { run: self.run, counts, rows, log, key_refused: None, report: None, unwritten: None });
        }
        self.run.status = ended.status;
        self.run.reason = ended.reason;
        self.run.would_hold = ended.would_hold;
        self.run.answer = ended.answer;
        if !ended.log.is_empty() {
            self.host.store.put_log(&self.run.id, &ended.log).await?;
        }
        self.run.finished_at = Some(now());
        let occurrence = self.host.occurrence.as_ref();
        let is_done = |occurrence: &&ScheduledOccurrence| ended.status != RunStatus::Cancelled || !occurrence.stop.is_cancelled();
        let schedule = occurrence.filter(is_done).map(|occurrence| occurrence.schedule.as_str());
        self.host.store.end_run(&self.run, schedule).await?;
        tracing::info!(run = %self.run.id, firm = %self.run.firm, status = self.run.status.as_str(), ?counts, "run finished");
        // The run has ended, whether its report can be written or not.
        let report = report_path(&self.host.reports_dir, &self.run.id);
        let unwritten = report::write_csv(&report, &rows).err().map(|error| {
            let unwritten = format!("the report {} cannot be written: {error}", report.display());
            tracing::error!(run = %self.run.id, firm = %self.run.firm, "{unwritten}");
            unwritten
        });
        let report = Some(report).filter(|_| unwritten.is_none());
        Ok(RunReport { run: self.run, counts, rows, log: ended.log, key_refused: ended.key_refused, report, unwritten })
    }
}

fn listen(host: &Host, run: &RunId, lost: CancellationToken) -> AbortOnDropHandle<()> {
    let (store, cancel, progress, run) = (host.store.clone(), host.cancel.clone(), host.progress.clone(), run.clone());
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            tokio::select! {
                () = lost.cancelled() => return cancel.cancel(),
                () = tokio::time::sleep(LISTEN) => {}
            }
            if let Err(error) = store.note_progress(&run, &progress.to_text()).await {
                tracing::debug!(%error, "progress could not be stored");
            }
            match store.is_cancel_requested(&run).await {
                Ok(true) => return cancel.cancel(),
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "cancellation could not be read"),
            }
        }
    }))
}

async fn lock_firm(host: &Host, run: &Run) -> Result<LockGuard, RunError> {
    let lock = host.store.locks.firm(&run.firm, run.kind).await?.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
    if let Some(occurrence) = &host.occurrence
        && occurrence.is_settled(&host.store, &run.firm).await?
    {
        return Err(RunError::OccurrenceSettled);
    }
    Ok(lock)
}

async fn new_run(host: &Host, rules: &FirmRules, kind: Kind, cases: Vec<CaseId>, dry_run: bool) -> Result<Run, RunError> {
    let id = match &host.run_id {
        Some(id) => id.clone(),
        None => host.unused_id().await?,
    };
    Ok(Run {
        id,
        firm: rules.firm.clone(),
        kind,
        revision: rules.revision.clone(),
        dry_run,
        status: RunStatus::Running,
        reason: None,
        cases,
        started_at: now(),
        finished_at: None,
        would_hold: None,
        undoes: None,
        answer: None,
    })
}

/// The time in whole milliseconds, as the store keeps it.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

pub(super) fn report_path(folder: &Path, run: &RunId) -> PathBuf {
    folder.join(format!("{run}.csv"))
}

/// Lets go of a run's locks before whoever asked for it is refused.
async fn let_go((firm, run): (Option<LockGuard>, Option<LockGuard>)) {
    for lock in [firm, run].into_iter().flatten() {
        lock.release().await;
    }
}
