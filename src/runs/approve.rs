//! Approve a held run: it is planned again under its old id, and written if its moves are among those that were shown.

use super::accounts::check_accounts;
use super::active_run::ActiveRun;
use super::connect::ConnectPlan;
use super::firm::sync_begun;
use super::guard::Approved;
use super::listing_check::AcceptListing;
use super::migration::{MigrationOptions, migrate_begun};
use super::run_outcome::RunReport;
use super::single_case::sync_begun_case;
use super::undo::UndoPlan;
use super::values_not_kept::SendAgain;
use super::{RunContext, RunError};
use crate::domain::{Kind, Run, RunId, RunStatus};
use crate::scripting::ScriptSource;
use crate::store::Store;

/// What an approval of a held run covers, as the store keeps it: the moves that the run showed.
pub async fn approval(store: &Store, run: &RunId) -> Result<String, RunError> {
    Ok(Approved::from_rows(&store.rows(run).await?).to_text())
}

/// Carries out a held run, or goes on with one that was approved and interrupted. Its rules, and its script if it has one, are those of now:
/// what is written is what would be written today.
pub async fn approve(context: RunContext, run: Run, scripts: &ScriptSource) -> Result<RunReport, RunError> {
    let store = &context.host.store;
    let approved = match run.status {
        RunStatus::Held => Some(Approved::from_rows(&store.rows(&run.id).await?)),
        // It was approved, and waits for its turn or did not come to its end.
        RunStatus::Queued | RunStatus::Interrupted => store.approved(&run.id).await?.and_then(|text| Approved::from_text(&text)),
        RunStatus::Running => return Err(RunError::Busy { firm: run.firm }),
        _ => None,
    };
    let Some(approved) = approved else {
        return Err(RunError::NotHeld { run: run.id, status: run.status.as_str() });
    };
    let migrating = match run.kind {
        Kind::Migration => {
            let task = store.migration(&run.id).await?.ok_or_else(|| RunError::NoTask(run.id.clone()))?;
            Some(MigrationOptions::load(scripts, task).await?)
        }
        _ => None,
    };
    let active_run = if matches!(run.status, RunStatus::Held | RunStatus::Queued) {
        ActiveRun::held(context, run, &approved).await?
    } else {
        // An approval is not used up by a run that could not write.
        check_accounts(store, &context.rules, &context.host.vendor_pool.clients(&context.rules, run.kind)).await?;
        let run = Run { status: RunStatus::Running, revision: context.rules.revision.clone(), ..run };
        ActiveRun::with(RunContext { run_id: Some(run.id.clone()), ..context }, run).await?
    };
    match (active_run.run.kind, active_run.run.cases.first().copied(), migrating) {
        (Kind::Connect, ..) => ConnectPlan::of(active_run).await.confirm_approved(Some(&approved)).await,
        (Kind::Undo, ..) => UndoPlan::of(active_run).await?.confirm_approved(Some(&approved)).await,
        (_, _, Some(migrating)) => migrate_begun(active_run, Some(&approved), migrating).await,
        (_, Some(case), None) => sync_begun_case(active_run, case, Some(&approved), SendAgain::Yes).await,
        (_, None, None) => sync_begun(active_run, Some(&approved), AcceptListing::Yes).await,
    }
}
