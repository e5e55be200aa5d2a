//! Why a run could not even begin, or could not be recorded.

use crate::diagnostic::Diagnostic;
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
    /// The occurrence of a schedule that asked for it is done, or another instance sees to it.
    #[error("nothing is left to do: this occurrence is done, or another instance carries it out")]
    OccurrenceSettled,
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
    /// Nothing was written by it, or it has not ended.
    #[error("run {run} is {status}, so that there is nothing to take back")]
    NothingToUndo {
        /// Which run.
        run: RunId,
        /// Where it stands.
        status: &'static str,
    },
    /// It has ended, so that it cannot be cancelled.
    #[error("run {run} has ended as {status}; a running one or a held one can be cancelled")]
    HasEnded {
        /// Which run.
        run: RunId,
        /// How.
        status: &'static str,
    },
    /// What a held migration was asked to do is gone.
    #[error("nobody knows any more what run {0} was asked to do")]
    NoTask(RunId),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The script of a held migration can no longer be used.
    #[error("its script has faults")]
    FaultyScript(Vec<Diagnostic>),
    /// A script's thread ended without an answer.
    #[error("the script could not be run")]
    Script,
    /// The machine's TLS set-up.
    #[error("no connection can be set up: {0}")]
    Http(#[from] reqwest::Error),
}
