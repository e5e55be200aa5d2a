//! Approve a held run: it is planned again under its old id, and written if its moves are among those that were shown.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::begun::Begun;
use super::connect::Preparing;
use super::ended::Finished;
use super::firm::sync_begun;
use super::guard::Approved;
use super::host::Host;
use super::listing_check::AcceptListing;
use super::migration::{Listener, Migrating, migrate_begun};
use super::single_case::sync_begun_case;
use super::undo::Undoing;
use super::values_not_kept::SendAgain;
use crate::diagnostic::Diagnostic;
use crate::domain::{Kind, Run, RunStatus};
use crate::rules::FirmRules;
use crate::scripting::Migration;

/// What carrying out a held run needs, beside the run.
pub struct Approving<'a> {
    /// Loads the script of a held migration.
    pub script: &'a (dyn Fn(&str) -> Result<Migration, Vec<Diagnostic>> + Sync),
    /// Who hears what a script says.
    pub listener: Listener,
    /// Cancelled when it is to stop.
    pub cancel: &'a CancellationToken,
}

/// Carries out a held run, or goes on with one that was approved and interrupted. Its rules, and its script if it has one, are those of now: what is written is what would be written today.
pub async fn approve(host: &Host, rules: Arc<FirmRules>, run: Run, approving: Approving<'_>) -> Result<Finished, SyncError> {
    let approved = match run.status {
        RunStatus::Held => Some(Approved::from_rows(&host.store.rows(&run.id).await?)),
        // It was approved, and did not come to its end.
        RunStatus::Interrupted => host.store.approved(&run.id).await?.and_then(|text| Approved::from_text(&text)),
        RunStatus::Running => return Err(SyncError::Busy { firm: run.firm }),
        _ => None,
    };
    let Some(approved) = approved else {
        return Err(SyncError::NotHeld { run: run.id, status: run.status.as_str() });
    };
    let Approving { script, listener, cancel } = approving;
    let migrating = match run.kind {
        Kind::Migration => {
            let task = host.store.migration(&run.id).await?.ok_or_else(|| SyncError::NoTask(run.id.clone()))?;
            let script = Arc::new(script(&task.script).map_err(SyncError::FaultyScript)?);
            Some(Migrating { script, task, listener, cancel: cancel.clone() })
        }
        _ => None,
    };
    let begun = if run.status == RunStatus::Held {
        Begun::held(host, rules, run, &approved).await?
    } else {
        let run = Run { status: RunStatus::Running, revision: rules.revision.clone(), ..run };
        Begun::with(&Host { run_id: Some(run.id.clone()), ..host.clone() }, rules, run).await?
    };
    match (begun.run.kind, begun.run.cases.first().copied(), migrating) {
        (Kind::Connect, ..) => Preparing::resumed(begun).prepare(cancel).await.confirm_approved(Some(&approved), cancel).await,
        (Kind::Undo, ..) => Undoing::begun(begun, cancel).await?.confirm_approved(Some(&approved), cancel).await,
        (_, _, Some(migrating)) => migrate_begun(begun, Some(&approved), migrating).await,
        (_, Some(case), None) => sync_begun_case(begun, case, Some(&approved), SendAgain::Yes, cancel).await,
        (_, None, None) => sync_begun(begun, Some(&approved), AcceptListing::Yes, cancel).await,
    }
}
