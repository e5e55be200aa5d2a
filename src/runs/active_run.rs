//! The frame of every run: locks, the record of its beginning, its CSV and its end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
use super::{RunContext, RunError, VendorClients};
use crate::domain::{CaseId, Counts, Kind, MigrationTask, Row, Run, RunId, RunStatus};
use crate::report;
use crate::rules::FirmRules;
use crate::store::{LeaseWatch, LockGuard, Store};
use crate::vendors::{Failure, Vendor};

/// How often a run looks whether it is to stop.
const LISTEN: std::time::Duration = std::time::Duration::from_secs(1);

/// A run that has begun, with the locks that say so.
pub(super) struct ActiveRun {
    /// What it goes by, with a store that writes only as long as the run's locks are held.
    pub context: RunContext,
    pub run: Run,
    /// The firm's vendors, whose keys are proved once a run. They are sent no write once the run has been taken over.
    pub clients: VendorClients,
    /// What an earlier process wrote in this run, by the case's ID.
    pub resumed_rows: HashMap<SmolStr, Row>,
    locks: (Option<LockGuard>, Option<LockGuard>),
    /// Set once the vendors were asked whose accounts the firm's keys open; the failure of one that cannot say.
    accounts: OnceCell<Result<(), (Vendor, Failure)>>,
    /// Looks whether someone asks the run to stop, and lets others watch it.
    watching: Option<(AbortOnDropHandle<()>, RunRegistration)>,
}

impl ActiveRun {
    /// Starts a new run, or resumes the one of the context's `run_id`.
    pub(super) async fn new(context: RunContext, kind: Kind, cases: Vec<CaseId>, dry_run: bool) -> Result<ActiveRun, RunError> {
        let run = new_run(&context, kind, cases, dry_run).await?;
        ActiveRun::with(context, run).await
    }

    /// Starts a run that undoes another one.
    pub(super) async fn start_undo(context: RunContext, undone: &Run, dry_run: bool) -> Result<ActiveRun, RunError> {
        let run = Run { undoes: Some(undone.id.clone()), ..new_run(&context, Kind::Undo, Vec::new(), dry_run).await? };
        ActiveRun::with(context, run).await
    }

    /// Starts a run that is not recorded until it has something to do: [`ActiveRun::record`].
    pub(super) async fn start_unrecorded(context: RunContext, kind: Kind) -> Result<ActiveRun, RunError> {
        let run = new_run(&context, kind, Vec::new(), false).await?;
        let firm_lock = lock_firm(&context, &run).await?;
        Ok(ActiveRun::holding(context, run, (Some(firm_lock), None)))
    }

    pub(super) fn store(&self) -> &Store {
        &self.context.host.store
    }

    pub(super) fn rules(&self) -> &Arc<FirmRules> {
        &self.context.rules
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.context.cancel.is_cancelled()
    }

    /// Reads unless the run is cancelled first; reading changes nothing, so it is simply dropped.
    pub(super) async fn read<T>(&self, reading: impl Future<Output = Result<T, Failure>>) -> Result<T, RunError> {
        tokio::select! {
            () = self.context.cancel.cancelled() => Err(RunError::Cancelled),
            read = reading => Ok(read?),
        }
    }

    /// Checks once a run whether the firm's keys open its own accounts, before anything is written to these, or stored that comes from them.
    /// Where a vendor cannot say, nothing more is requested of either in this run.
    pub(super) async fn check_accounts(&self) -> Result<(), RunError> {
        self.accounts_checked().await?.map_err(|(_, failure)| RunError::Vendor(failure))
    }

    async fn accounts_checked(&self) -> Result<Result<(), (Vendor, Failure)>, RunError> {
        if self.run.dry_run {
            return Ok(Ok(()));
        }
        let check = || {
            Box::pin(async {
                match check_accounts(self.store(), self.rules(), &self.clients).await {
                    Ok(()) => Ok(Ok(())),
                    Err(RunError::AccountUnknown { vendor, failure, .. }) => {
                        self.clients.give_up(&failure);
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
        if let Err(error) = self.accounts_checked().await {
            let_go(std::mem::take(&mut self.locks)).await;
            return Err(error);
        }
        if self.locks.1.is_none() {
            self.locks.1 = self.store().locks.run(&self.run.id).await?;
            self.store().begin_run(&self.run, &self.rules().text, None).await?;
            self.watch();
        }
        Ok(())
    }

    /// Starts `run`, which may be an old one that did not come to its end.
    pub(super) async fn with(context: RunContext, run: Run) -> Result<ActiveRun, RunError> {
        // A dry run writes to nobody, so it is in nobody's way.
        let firm_lock = if run.dry_run { None } else { Some(lock_firm(&context, &run).await?) };
        Box::pin(ActiveRun::with_lock(context, run, firm_lock)).await
    }

    /// Starts a migration, or resumes the run of the same task that did not come to its end. The firm's lock is held before that is looked
    /// for: until then, another process may end the run.
    pub(super) async fn resume_migration(context: RunContext, task: &MigrationTask) -> Result<(ActiveRun, bool), RunError> {
        let run = new_run(&context, Kind::Migration, Vec::new(), false).await?;
        let firm_lock = lock_firm(&context, &run).await?;
        let Some(unfinished) = context.host.store.migration_to_take_up(&task.hash).await? else {
            return Ok((ActiveRun::with_lock(context, run, Some(firm_lock)).await?, false));
        };
        // The process that was at it may have a lease of the run still, a moment longer than that of the firm.
        let store = &context.host.store;
        let is_own = unfinished.id == run.id;
        let run_lock = if is_own { lock_run(&context, &run.id).await? } else { store.locks.run(&unfinished.id).await? };
        let run_lock = run_lock.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
        if !is_own {
            // It goes on under its own id, unless whoever wanted it called that off.
            if let Some(ended) = store.run(&run.id).await?.filter(|known| !known.status.is_open()) {
                return Err(RunError::HasEnded { run: ended.id, status: ended.status.as_str() });
            }
            store.discard_queued(&run.id).await?;
        }
        let run = Run { status: RunStatus::Running, revision: context.rules.revision.clone(), ..unfinished };
        let context = RunContext { run_id: None, ..context };
        Ok((ActiveRun::holding(context, run, (Some(firm_lock), Some(run_lock))).begin().await?, true))
    }

    async fn with_lock(context: RunContext, run: Run, firm_lock: Option<LockGuard>) -> Result<ActiveRun, RunError> {
        let store = context.host.store.clone();
        let run_lock = lock_run(&context, &run.id).await?;
        if context.run_id.is_none() {
            return ActiveRun::holding(context, run, (firm_lock, run_lock)).begin().await;
        }
        // Whoever else is at it has not ended it yet.
        let run_lock = run_lock.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
        let known = store.run(&run.id).await?;
        let earlier = match known {
            None => None,
            Some(known) if known.firm != run.firm => return Err(RunError::NoSuchRun(known.id)),
            Some(known) if known.status == RunStatus::Queued => {
                return ActiveRun::holding(context, run, (firm_lock, Some(run_lock))).begin_queued().await;
            }
            Some(known) if known.status == RunStatus::Running => Some(known),
            Some(ended) => return Err(RunError::HasEnded { run: ended.id, status: ended.status.as_str() }),
        };
        let Some(earlier) = earlier else { return ActiveRun::holding(context, run, (firm_lock, Some(run_lock))).begin().await };
        let run = Run { started_at: earlier.started_at, ..run };
        let mut active_run = ActiveRun::holding(context, run, (firm_lock, Some(run_lock)));
        active_run.store().clear_unwritten_rows(&active_run.run.id).await?;
        let rows = active_run.store().rows(&active_run.run.id).await?;
        active_run.resumed_rows = rows.into_iter().map(|row| (row.integration_id.clone(), row)).collect();
        tracing::info!(run = %active_run.run.id, firm = %active_run.run.firm, written = active_run.resumed_rows.len(), "run resumed");
        let active_run = active_run.begin().await?;
        // Somebody may have asked it to stop while nobody was at it.
        if active_run.store().is_cancel_requested(&active_run.run.id).await? {
            active_run.context.cancel.cancel();
        }
        Ok(active_run)
    }

    /// Starts a held run, if it is one still: of two who approve it, or discard it, one comes first.
    pub(super) async fn held(context: RunContext, run: Run, approved: &Approved) -> Result<ActiveRun, RunError> {
        let is_queued = run.status == RunStatus::Queued;
        let firm_lock = lock_firm(&context, &run).await?;
        let run_lock = lock_run(&context, &run.id).await?.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
        let run = Run { status: RunStatus::Running, revision: context.rules.revision.clone(), ..run };
        let mut active_run = ActiveRun::holding(context, run, (Some(firm_lock), Some(run_lock)));
        active_run.require_own_accounts().await?;
        let (store, run) = (active_run.store(), &active_run.run.id);
        if !store.take_held(run, &approved.to_text(), is_queued).await? {
            let now = store.run(run).await?;
            return Err(RunError::NotHeld { status: now.map_or("gone", |run| run.status.as_str()), run: run.clone() });
        }
        store.clear_unwritten_rows(run).await?;
        active_run.begin().await
    }

    fn holding(mut context: RunContext, run: Run, locks: (Option<LockGuard>, Option<LockGuard>)) -> ActiveRun {
        let lock = locks.0.as_ref().or(locks.1.as_ref());
        if let Some(lock) = lock {
            context.host.store = context.host.store.fenced_by(lock);
        }
        let hold = lock.map(LockGuard::hold).unwrap_or_default();
        let clients = context.host.vendor_pool.clients(&context.rules, run.kind).fenced_by(&hold);
        ActiveRun { context, run, clients, resumed_rows: HashMap::new(), locks, accounts: OnceCell::new(), watching: None }
    }

    /// Starts a run that was queued, unless somebody called it off meanwhile.
    async fn begin_queued(mut self) -> Result<ActiveRun, RunError> {
        self.require_own_accounts_if_paused().await?;
        if !self.store().take_queued(&self.run.id, self.run.started_at).await? {
            let now = self.store().run(&self.run.id).await?;
            return Err(RunError::HasEnded { status: now.map_or("gone", |run| run.status.as_str()), run: self.run.id.clone() });
        }
        self.begin().await
    }

    /// Who waits for the beginning does not wait for vendors, unless one named a wrong account before.
    async fn require_own_accounts_if_paused(&mut self) -> Result<(), RunError> {
        match self.store().paused(&self.run.firm).await? {
            Some(pause) if pause.reason.is_about_account() => self.require_own_accounts().await,
            _ => Ok(()),
        }
    }

    async fn begin(mut self) -> Result<ActiveRun, RunError> {
        self.require_own_accounts_if_paused().await?;
        let run = &self.run;
        if let Some((who, action)) = &self.context.requested_by
            && !run.dry_run
        {
            let subject = run.undoes.as_ref().unwrap_or(&run.id).0.as_str();
            self.store().put_audit(&who.does(*action).of_firm(&run.firm).to(subject)).await?;
        }
        self.store().begin_run(run, &self.rules().text, self.context.job.as_deref()).await?;
        tracing::info!(run = %run.id, firm = %run.firm, kind = run.kind.as_str(), dry_run = run.dry_run, "run started");
        self.watch();
        let checked = tokio::select! {
            checked = self.accounts_checked() => checked,
            // Then nothing is written either.
            () = self.context.cancel.cancelled() => Ok(Ok(())),
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
        let listening = listen(&self.context, &self.run.id, self.hold().lost());
        self.watching = Some((listening, self.context.host.under_way.enter(&self.run.id, &self.context.progress)));
    }

    /// Whether it was stopped by the end of its process and not by a person, and is taken up by its job.
    async fn is_left_to_the_next_process(&self) -> Result<bool, RunError> {
        let is_stopped = self.context.job.is_some() && self.context.rest.is_cancelled();
        Ok(is_stopped && !self.store().is_cancel_requested(&self.run.id).await?)
    }

    /// Ends as the run's work did: one that a vendor kept from its end has failed.
    pub(super) async fn end_with(self, work: Result<RunOutcome, RunError>) -> Result<RunReport, RunError> {
        let outcome = match work {
            Err(RunError::Vendor(failure)) => RunOutcome::failed(&failure, Vec::new()),
            Err(RunError::Cancelled) => RunOutcome::before_any_write(),
            work => work?,
        };
        self.end(outcome).await
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
            self.store().put_log(&self.run.id, &ended.log).await?;
        }
        self.run.finished_at = Some(now());
        let occurrence = self.context.occurrence.as_ref();
        let is_done = |occurrence: &&ScheduledOccurrence| ended.status != RunStatus::Cancelled || !occurrence.stop.is_cancelled();
        let schedule = occurrence.filter(is_done).map(|occurrence| occurrence.schedule.as_str());
        self.store().end_run(&self.run, schedule).await?;
        tracing::info!(run = %self.run.id, firm = %self.run.firm, status = self.run.status.as_str(), ?counts, "run finished");
        // The run has ended, whether its report can be written or not.
        let report = report_path(&self.context.host.reports_dir, &self.run.id);
        let unwritten = report::write_csv(&report, &rows).err().map(|error| {
            let unwritten = format!("the report {} cannot be written: {error}", report.display());
            tracing::error!(run = %self.run.id, firm = %self.run.firm, "{unwritten}");
            unwritten
        });
        let report = Some(report).filter(|_| unwritten.is_none());
        Ok(RunReport { run: self.run, counts, rows, log: ended.log, key_refused: ended.key_refused, report, unwritten })
    }
}

fn listen(context: &RunContext, run: &RunId, lost: CancellationToken) -> AbortOnDropHandle<()> {
    let (store, cancel, progress, run) = (context.host.store.clone(), context.cancel.clone(), context.progress.clone(), run.clone());
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

async fn lock_firm(context: &RunContext, run: &Run) -> Result<LockGuard, RunError> {
    let lock = match context.reserved.take_firm() {
        None => context.host.store.locks.firm(&run.firm, run.kind).await?,
        reserved => reserved,
    };
    let lock = lock.ok_or_else(|| RunError::Busy { firm: run.firm.clone() })?;
    if let Some(occurrence) = &context.occurrence
        && occurrence.is_settled(&context.host.store, &run.firm).await?
    {
        return Err(RunError::OccurrenceSettled);
    }
    Ok(lock)
}

async fn lock_run(context: &RunContext, run: &RunId) -> Result<Option<LockGuard>, RunError> {
    match context.reserved.take_run() {
        Some(lock) => Ok(Some(lock)),
        None => Ok(context.host.store.locks.run(run).await?),
    }
}

async fn new_run(context: &RunContext, kind: Kind, cases: Vec<CaseId>, dry_run: bool) -> Result<Run, RunError> {
    let id = match &context.run_id {
        Some(id) => id.clone(),
        None => context.host.store.unused_run_id().await?,
    };
    let rules = &context.rules;
    let run = Run::queued(id, rules.firm.clone(), kind, rules.revision.clone(), dry_run);
    Ok(Run { status: RunStatus::Running, cases, ..run })
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
