//! Approve a held run: it is planned again under its old id, and written if its moves are among those that were shown.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::RunError;
use super::accounts::check_accounts;
use super::active_run::ActiveRun;
use super::connect::ConnectRun;
use super::firm::sync_begun;
use super::guard::Approved;
use super::host::Host;
use super::listing_check::AcceptListing;
use super::migration::{Listener, MigrationOptions, migrate_begun};
use super::run_outcome::RunReport;
use super::single_case::sync_begun_case;
use super::undo::UndoPlan;
use super::values_not_kept::SendAgain;
use crate::diagnostic::Diagnostic;
use crate::domain::{Kind, Run, RunStatus};
use crate::rules::FirmRules;
use crate::scripting::Migration;

/// What carrying out a held run needs, beside the run.
pub struct ApproveOptions<'a> {
    /// Loads the script of a held migration.
    pub script: &'a (dyn Fn(&str) -> Result<Migration, Vec<Diagnostic>> + Sync),
    /// Who hears what a script says.
    pub listener: Listener,
    /// Cancelled when it is to stop.
    pub cancel: &'a CancellationToken,
}

/// Carries out a held run, or goes on with one that was approved and interrupted. Its rules, and its script if it has one, are those of now:
/// what is written is what would be written today.
pub async fn approve(host: &Host, rules: Arc<FirmRules>, run: Run, approving: ApproveOptions<'_>) -> Result<RunReport, RunError> {
    let approved = match run.status {
        RunStatus::Held => Some(Approved::from_rows(&host.store.rows(&run.id).await?)),
        // It was approved, and did not come to its end.
        RunStatus::Interrupted => host.store.approved(&run.id).await?.and_then(|text| Approved::from_text(&text)),
        RunStatus::Running => return Err(RunError::Busy { firm: run.firm }),
        _ => None,
    };
    let Some(approved) = approved else {
        return Err(RunError::NotHeld { run: run.id, status: run.status.as_str() });
    };
    let ApproveOptions { script, listener, cancel } = approving;
    let migrating = match run.kind {
        Kind::Migration => {
            let task = host.store.migration(&run.id).await?.ok_or_else(|| RunError::NoTask(run.id.clone()))?;
            let script = Arc::new(script(&task.script).map_err(RunError::FaultyScript)?);
            Some(MigrationOptions { script, task, listener, cancel: cancel.clone() })
        }
        _ => None,
    };
    let active_run = if run.status == RunStatus::Held {
        ActiveRun::held(host, rules, run, &approved).await?
    } else {
        // An approval is not used up by a run that could not write.
        check_accounts(&host.store, &rules, &host.vendor_pool.clients(&rules, run.kind)).await?;
        let run = Run { status: RunStatus::Running, revision: rules.revision.clone(), ..run };
        ActiveRun::with(&Host { run_id: Some(run.id.clone()), ..host.clone() }, rules, run).await?
    };
    match (active_run.run.kind, active_run.run.cases.first().copied(), migrating) {
        (Kind::Connect, ..) => ConnectRun::resumed(active_run).prepare(cancel).await.confirm_approved(Some(&approved), cancel).await,
        (Kind::Undo, ..) => UndoPlan::of(active_run, cancel).await?.confirm_approved(Some(&approved), cancel).await,
        (_, _, Some(migrating)) => migrate_begun(active_run, Some(&approved), migrating).await,
        (_, Some(case), None) => sync_begun_case(active_run, case, Some(&approved), SendAgain::Yes, cancel).await,
        (_, None, None) => sync_begun(active_run, Some(&approved), AcceptListing::Yes, cancel).await,
    }
}
