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
use super::occurrence::ScheduledOccurrence;
use super::progress::RunRegistration;
use super::run_outcome::{RunOutcome, RunReport};
use super::{RunContext, RunError, VendorClients};
use crate::domain::{Counts, Row, Run, RunId, RunStatus};
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
    pub locks: (Option<LockGuard>, Option<LockGuard>),
    /// Set once the vendors were asked whose accounts the firm's keys open; the failure of one that cannot say.
    pub accounts: OnceCell<Result<(), (Vendor, Failure)>>,
    /// Looks whether someone asks the run to stop, and lets others watch it.
    pub watching: Option<(AbortOnDropHandle<()>, RunRegistration)>,
}

impl ActiveRun {
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

    pub(super) async fn accounts_checked(&self) -> Result<Result<(), (Vendor, Failure)>, RunError> {
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
    pub(super) async fn require_own_accounts(&mut self) -> Result<(), RunError> {
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

    fn hold(&self) -> LeaseWatch {
        self.locks.0.as_ref().or(self.locks.1.as_ref()).map(LockGuard::hold).unwrap_or_default()
    }

    /// Says that the run has begun, and cancels it once someone asks for that in the store, or another process has taken it over.
    pub(super) fn watch(&mut self) {
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

/// The time in whole milliseconds, as the store keeps it.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

pub(super) fn report_path(folder: &Path, run: &RunId) -> PathBuf {
    folder.join(format!("{run}.csv"))
}

/// Lets go of a run's locks before whoever asked for it is refused.
pub(super) async fn let_go((firm, run): (Option<LockGuard>, Option<LockGuard>)) {
    for lock in [firm, run].into_iter().flatten() {
        lock.release().await;
    }
}
