//! Why a run could not even begin, or could not be recorded.

use crate::domain::{FirmId, RunId};
use crate::store::StoreError;

/// Why a use case could not be carried through. What a vendor refused is no such error: it is recorded in the run.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Another process is at the same work for this firm.
    #[error("{firm} is being worked on by another casebridge right now; wait until that run has ended")]
    Busy {
        /// Which firm.
        firm: FirmId,
    },
    /// There is no such run.
    #[error("there is no run {0}")]
    NoSuchRun(RunId),
    /// Only held runs can be approved.
    #[error("run {run} is {status}, and only a held run can be approved")]
    NotHeld {
        /// Which run.
        run: RunId,
        /// Where it stands.
        status: &'static str,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine's TLS set-up.
    #[error("no connection can be set up: {0}")]
    Http(#[from] reqwest::Error),
    /// The CSV could not be written.
    #[error("the report {path} cannot be written: {problem}")]
    Report {
        /// Where it should be.
        path: String,
        /// The kind of trouble.
        problem: String,
    },
}
