//! What every run needs of the host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::active_run::report_path;
use super::occurrence::ScheduledOccurrence;
use super::run_outcome::{RunReport, in_order};
use super::{Progress, RunError, RunRegistry, VendorPool};
use crate::domain::{Counts, RunId};
use crate::store::Store;

/// What a run needs of the host.
#[derive(Debug, Clone)]
pub struct Host {
    /// The store.
    pub store: Store,
    /// Where CSV files go.
    pub reports_dir: PathBuf,
    /// Where documents are kept on their way.
    pub incoming_dir: PathBuf,
    /// The ways to vendors.
    pub vendor_pool: VendorPool,
    /// Cancelled when the run is to stop; also by [`Store::request_cancel`], from whatever process.
    pub cancel: CancellationToken,
    /// Cancelled when the run is to rest: what it has written stays, and it is taken up later under the same id.
    pub rest: CancellationToken,
    /// The id that the run is to have, where it was given beforehand. A run that is recorded under it and has not ended is taken up.
    pub run_id: Option<RunId>,
    /// How far the run has come, for whoever began it.
    pub progress: Progress,
    /// The runs of this process, for whoever watches one.
    pub under_way: RunRegistry,
    /// The occurrence of a schedule that the run is for.
    pub occurrence: Option<ScheduledOccurrence>,
    /// What the run was asked for, as the store keeps it: another process takes it up by that.
    pub job: Option<Arc<str>>,
}

impl Host {
    /// With everything that it keeps in this folder, but for the store.
    pub fn new(store: Store, data_dir: &Path, vendor_pool: VendorPool, cancel: CancellationToken) -> Host {
        Host {
            store,
            reports_dir: data_dir.join("reports"),
            incoming_dir: data_dir.join("incoming"),
            vendor_pool,
            cancel,
            rest: CancellationToken::new(),
            run_id: None,
            progress: Progress::default(),
            under_way: RunRegistry::default(),
            occurrence: None,
            job: None,
        }
    }

    /// An id that no run has yet.
    pub async fn unused_id(&self) -> Result<RunId, RunError> {
        loop {
            let id = RunId::new(Timestamp::now(), random());
            // Of thousands of firms, two begin a run in the same second and draw the same letters now and then.
            if self.store.run(&id).await?.is_none() {
                return Ok(id);
            }
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

fn random() -> u32 {
    // Without randomness, two runs begun in one second would differ by the process that began them.
    getrandom::u32().unwrap_or_else(|_| std::process::id())
}
