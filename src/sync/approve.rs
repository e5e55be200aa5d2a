//! Approve a held run: it is planned again under its old id, and written if its moves are among those that were shown.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::begun::{Begun, Finished, Host};
use super::firm::sync_begun;
use super::guard::Approved;
use super::single_case::sync_begun_case;
use super::{Progress, SyncError};
use crate::domain::{Run, RunStatus};
use crate::rules::FirmRules;

/// Carries out a held run. Its rules are the firm's of now: what is written is what would be written today.
///
/// # Errors
/// It is not held, or could not begin or be recorded.
pub async fn approve(
    host: &Host,
    rules: Arc<FirmRules>,
    run: Run,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<Finished, SyncError> {
    if run.status != RunStatus::Held {
        return Err(SyncError::NotHeld { run: run.id, status: run.status.as_str() });
    }
    let approved = Approved::from_rows(&host.store.rows(&run.id).await?);
    let run = Run { status: RunStatus::Running, revision: rules.revision.clone(), ..run };
    let case = run.cases.first().copied();
    let begun = Begun::with(host, rules, run).await?;
    host.store.clear_unwritten_rows(&begun.run.id).await?;
    match case {
        None => sync_begun(begun, Some(&approved), progress, cancel).await,
        Some(case) => sync_begun_case(begun, case, Some(&approved), cancel).await,
    }
}
