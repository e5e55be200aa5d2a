//! Sync a firm: every case that Case Status has is made to match CASEpeer.

use super::active_run::ActiveRun;
use super::apply::plan_and_apply;
use super::fetch::read_sides;
use super::guard::{Approved, Connected};
use super::listing_check::AcceptListing;
use super::run_outcome::{RunOutcome, RunReport};
use super::values_not_kept::SendAgain;
use super::{RunContext, RunError};
use crate::domain::Kind;

/// Syncs all of a firm's cases; with `dry_run` it only says what it would write.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn sync_firm(context: RunContext, dry_run: bool, accept: AcceptListing) -> Result<RunReport, RunError> {
    let active_run = ActiveRun::new(context, Kind::Sync, Vec::new(), dry_run).await?;
    sync_begun(active_run, None, accept).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn sync_begun(active_run: ActiveRun, approved: Option<&Approved>, accept: AcceptListing) -> Result<RunReport, RunError> {
    let outcome = sync_all(&active_run, approved, accept).await;
    active_run.end_with(outcome).await
}

async fn sync_all(active_run: &ActiveRun, approved: Option<&Approved>, accept: AcceptListing) -> Result<RunOutcome, RunError> {
    let (store, firm, clients) = (active_run.store(), &active_run.run.firm, &active_run.clients);
    let sides = active_run.read(read_sides(clients, active_run.rules())).await?;
    if accept == AcceptListing::No {
        sides.sizes.check(store, firm).await?;
    }
    if !active_run.run.dry_run {
        sides.sizes.save(store, firm).await?;
    }
    let paired = active_run.read(sides.pair(clients, active_run.rules().limits.concurrency)).await?;
    let connected = Connected::Known(paired.connected.max(paired.pairs.len() as u64));
    plan_and_apply(active_run, paired, connected, approved, SendAgain::No).await
}
