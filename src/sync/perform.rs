//! The one place that updates a case: an update whose answer is unknown is settled by reading the case and sending only what is
//! still missing, so that a stage is never sent twice.

use std::time::Duration;

use crate::domain::{Changes, ExistingCase};
use crate::vendors::{Backoff, CaseStatus, Failure};

/// The longest wait before reading a case whose update timed out.
const SETTLE: Duration = Duration::from_secs(5);

/// What is known about a case before an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It was read after the last write to it.
    Yes,
    /// An earlier update's answer is unknown.
    No,
}

/// Why an update did not come through.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpdateFailure {
    /// The vendor.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// The case was deleted meanwhile.
    #[error("Case Status no longer has the case")]
    Gone,
}

/// Updates a case, within the tries that the rules allow.
pub(super) async fn update(case_status: &CaseStatus, case: &ExistingCase, changes: &Changes, known: Known) -> Result<(), UpdateFailure> {
    let mut missing = changes.clone();
    if known == Known::No {
        missing = still_missing(case_status, case, &missing).await?;
    }
    let mut backoff = Backoff::new(case_status.http().attempts());
    while !missing.is_empty() {
        let failure = match case_status.update_once(&case.id, &missing).await {
            Ok(()) => return Ok(()),
            Err(failure @ (Failure::NotDone { .. } | Failure::Unsure { .. })) => failure,
            Err(failure) => return Err(failure.into()),
        };
        let again = backoff.wait(&failure).await;
        if let Failure::Unsure { .. } = failure {
            if failure.is_time_out() {
                // The vendor may still be at it: read too early, and a stage that is about to arrive would be sent again.
                tokio::time::sleep((case_status.http().timeout() / 4).min(SETTLE)).await;
            }
            missing = still_missing(case_status, case, &missing).await?;
        }
        if !again && !missing.is_empty() {
            case_status.note_exhausted();
            return Err(failure.into());
        }
    }
    Ok(())
}

async fn still_missing(case_status: &CaseStatus, case: &ExistingCase, wanted: &Changes) -> Result<Changes, UpdateFailure> {
    match case_status.case(&case.id).await? {
        Some(held) => Ok(wanted.still_missing(&held)),
        None => Err(UpdateFailure::Gone),
    }
}
