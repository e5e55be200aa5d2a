//! Why a run could not even begin, or could not be recorded.

use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, RunId};
use crate::store::{PauseReason, StoreError};
use crate::vendors::{Failure, Vendor};

/// Why a use case could not be carried through. What a vendor refused is no such error: it is recorded in the run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another process is at the same work for this firm.
    #[error("{firm} is being worked on by another casebridge right now; wait until that run has ended")]
    Busy {
        /// Which firm.
        firm: FirmId,
    },
    /// The occurrence of a schedule that asked for it is done, or another instance sees to it.
    #[error("nothing is left to do: this occurrence is done, or another instance carries it out")]
    OccurrenceSettled,
    /// A vendor names another account than before for the firm's key.
    #[error(
        "{vendor} names another account for the key of {firm}: {now}, and it was {before}. Nothing is written; put the right key back, or \
         `casebridge firm trust {firm} --account` if it is the firm's"
    )]
    OtherAccount {
        /// Which firm.
        firm: FirmId,
        /// Who names it.
        vendor: Vendor,
        /// The one that is remembered.
        before: String,
        /// The one that is named now.
        now: String,
    },
    /// Another firm, which ran first, has the account.
    #[error(
        "{vendor}'s account {account} is that of {by}, which ran before {firm}. Nothing is written for {firm}; give it a key of its own, or \
         `casebridge firm trust {firm} --account` once the file of {by} is gone"
    )]
    AccountTaken {
        /// Which firm.
        firm: FirmId,
        /// Whose account.
        vendor: Vendor,
        /// The account.
        account: String,
        /// The firm that has it.
        by: FirmId,
    },
    /// The vendor cannot say which account the firm's key opens.
    #[error("{vendor} cannot say whose account the key of {firm} opens: {failure}. Nothing is written; {}", if matches!(failure, Failure::KeyRefused { .. }) { "set a key that it accepts" } else { "try again once it answers" })]
    AccountUnknown {
        /// Which firm.
        firm: FirmId,
        /// Who cannot say.
        vendor: Vendor,
        /// Why.
        failure: Failure,
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
    #[error("the arguments of run {0} are no longer stored")]
    NoTask(RunId),
    /// A vendor could not do what everything else of the run needs. A run that has begun ends with this, and is no error.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// The run was cancelled before anything was written. A run that has begun ends with this, and is no error.
    #[error("stopped before anything was written")]
    Cancelled,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The script of a held migration can no longer be used.
    #[error("its script has faults")]
    FaultyScript(Vec<Diagnostic>),
    /// A migration is not taken up by another script than it began with.
    #[error("run {0} began with another script than there is now; look at this one by a dry run, and apply that")]
    OtherScript(RunId),
    /// A migration that was looked at is not applied by other rules.
    #[error("the firm's rules changed while run {0} was queued; look at the script again by a dry run, and apply that")]
    OtherRules(RunId),
    /// A script's thread ended without an answer.
    #[error("the script could not be run")]
    Script,
    /// The machine's TLS set-up.
    #[error("no connection can be set up: {0}")]
    VendorHttp(#[from] reqwest::Error),
}

impl RunError {
    /// The failure of a vendor; any other error stays one.
    pub(super) fn into_failure(self) -> Result<Failure, RunError> {
        match self {
            RunError::Vendor(failure) => Ok(failure),
            error => Err(error),
        }
    }

    /// Why the firm is paused because of this, if it is.
    pub fn pauses(&self) -> Option<PauseReason> {
        match self {
            RunError::OtherAccount { .. } => Some(PauseReason::OtherAccount),
            RunError::AccountTaken { .. } => Some(PauseReason::AccountTaken),
            _ => None,
        }
    }
}
