//! How runs start: new, resumed, queued, or held until now.

use std::collections::HashMap;

use tokio::sync::OnceCell;

use super::active_run::{ActiveRun, let_go};
use super::guard::Approved;
use super::run_outcome::RunOutcome;
use super::{RunContext, RunError};
use crate::domain::{CaseId, Kind, MigrationTask, Run, RunId, RunStatus};
use crate::store::LockGuard;

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
