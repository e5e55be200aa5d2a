//! Cancel a run: one at work is asked to stop, whatever process it is in, and one that is held, or waits to be taken up, is put away.

use super::RunError;
use crate::domain::{AuditEntry, Run, RunStatus};
use crate::store::Store;

/// What came of cancelling a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It was asked to stop, and finishes what is in flight.
    Asked,
    /// It was held, and nothing of it will be written.
    PutAway,
    /// It was queued, or its process is gone, and no other one takes it up.
    CalledOff,
}

/// Cancels a run, after `entry` is in the audit log.
pub async fn cancel(store: &Store, run: Run, entry: AuditEntry) -> Result<Cancelled, RunError> {
    if !run.status.is_open() && !matches!(run.status, RunStatus::Held | RunStatus::Interrupted) {
        return Err(RunError::HasEnded { run: run.id, status: run.status.as_str() });
    }
    store.put_audit(&entry).await?;
    match run.status {
        // Nothing goes on in it: it waits for an approval that it does not get.
        RunStatus::Held if store.put_away(&run.id).await? => Ok(Cancelled::PutAway),
        // Somebody has approved it, or put it away, since it was looked at.
        RunStatus::Held => match store.run(&run.id).await? {
            Some(now) if now.status == RunStatus::Queued && store.call_off(&now.id).await? => Ok(Cancelled::CalledOff),
            Some(now) if now.status.is_open() => {
                store.request_cancel(&now.id).await?;
                Ok(Cancelled::Asked)
            }
            now => Err(RunError::HasEnded { status: now.map_or("gone", |run| run.status.as_str()), run: run.id }),
        },
        RunStatus::Running => {
            store.request_cancel(&run.id).await?;
            Ok(Cancelled::Asked)
        }
        RunStatus::Queued | RunStatus::Interrupted if store.call_off(&run.id).await? => Ok(Cancelled::CalledOff),
        status => Err(RunError::HasEnded { run: run.id, status: status.as_str() }),
    }
}
