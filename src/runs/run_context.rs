//! What runs go by: what all of this machine share, and what one of them was given.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Planned;
use super::active_run::report_path;
use super::occurrence::ScheduledOccurrence;
use super::run_outcome::{RunReport, in_order};
use super::{Progress, RunError, RunRegistry, VendorPool};
use crate::domain::{Action, Counts, LogLine, Requester, RunId};
use crate::rules::FirmRules;
use crate::store::{LockGuard, Store};

/// What all runs of this machine share.
#[derive(Debug, Clone)]
pub struct Host {
    /// The store.
    pub store: Store,
    /// Where CSV files go.
    pub reports_dir: PathBuf,
    /// Where documents are kept on their way.
    pub incoming_dir: PathBuf,
    /// The clients of vendors.
    pub vendor_pool: VendorPool,
    /// The runs of this process, for whoever watches one.
    pub under_way: RunRegistry,
}

/// The locks of a queued run, its firm's and its own, until it begins: nobody else comes in between.
#[derive(Debug, Clone, Default)]
pub struct ReservedLocks(Arc<Mutex<(Option<LockGuard>, Option<LockGuard>)>>);

impl ReservedLocks {
    /// These.
    pub fn new(firm: Option<LockGuard>, run: Option<LockGuard>) -> ReservedLocks {
        ReservedLocks(Arc::new(Mutex::new((firm, run))))
    }

    pub(super) fn take_firm(&self) -> Option<LockGuard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.take()
    }

    pub(super) fn take_run(&self) -> Option<LockGuard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.take()
    }

    /// Lets go of them, and waits until others may have them.
    pub async fn release(&self) {
        for lock in [self.take_firm(), self.take_run()].into_iter().flatten() {
            lock.release().await;
        }
    }
}

/// Sees a run as it goes, in the process that it runs in.
pub trait RunObserver: Send + Sync {
    /// What a connect or an undo would do, before any of it is done.
    fn planned(&self, _: &[Planned]) {}

    /// What its script says, as it says it.
    fn said(&self, line: &LogLine) {
        tracing::info!(warns = line.warns, "script log");
    }
}

/// Nobody watches: what a script says is with its run.
struct Unobserved;

impl RunObserver for Unobserved {}

/// What one run goes by.
#[derive(Clone)]
pub struct RunContext {
    /// What it shares with others.
    pub host: Host,
    /// The firm's rules: these, whatever becomes of their file meanwhile.
    pub rules: Arc<FirmRules>,
    /// Cancelled when the run is to stop; also by [`Store::request_cancel`], from whatever process.
    pub cancel: CancellationToken,
    /// Cancelled when the run is to be suspended: what it has written stays, and it is resumed later under the same id.
    pub rest: CancellationToken,
    /// The id that the run is to have, where it was given beforehand. A run that is recorded under it and has not ended is resumed.
    pub run_id: Option<RunId>,
    /// How far the run has come, for whoever started it.
    pub progress: Progress,
    /// Who sees it as it goes.
    pub observer: Arc<dyn RunObserver>,
    /// The occurrence of a schedule that the run is for.
    pub occurrence: Option<ScheduledOccurrence>,
    /// The locks that were taken for it while it was queued.
    pub reserved: ReservedLocks,
    /// Who requested it and what the audit log calls that, where the log does not have it yet.
    pub requested_by: Option<(Requester, Action)>,
    /// What the run was requested to do, as the store keeps it: another process resumes it by that.
    pub job: Option<Arc<str>>,
}

impl Host {
    /// With everything that it keeps in this folder, but for the store.
    pub fn new(store: Store, data_dir: &Path, vendor_pool: VendorPool) -> Host {
        Host {
            store,
            reports_dir: data_dir.join("reports"),
            incoming_dir: data_dir.join("incoming"),
            vendor_pool,
            under_way: RunRegistry::default(),
        }
    }

    /// A run of a firm by these rules, until it is cancelled.
    pub fn context(&self, rules: Arc<FirmRules>, cancel: &CancellationToken) -> RunContext {
        RunContext {
            host: self.clone(),
            rules,
            cancel: cancel.clone(),
            rest: CancellationToken::new(),
            run_id: None,
            progress: Progress::default(),
            observer: Arc::new(Unobserved),
            occurrence: None,
            reserved: ReservedLocks::default(),
            requested_by: None,
            job: None,
        }
    }

    /// A run as it was recorded, whenever that was.
    pub async fn recorded(&self, id: &RunId) -> Result<RunReport, RunError> {
        let run = self.store.run(id).await?.ok_or_else(|| RunError::NoSuchRun(id.clone()))?;
        let mut rows = self.store.rows(id).await?;
        in_order(&mut rows);
        Ok(RunReport {
            counts: Counts::of(&rows),
            rows,
            log: self.store.log(id).await?,
            key_refused: None,
            report: Some(report_path(&self.reports_dir, id)).filter(|report| report.exists()),
            unwritten: None,
            run,
        })
    }
}
