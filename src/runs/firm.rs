//! Sync a firm: every case that Case Status has is made to match CASEpeer.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::RunError;
use super::active_run::ActiveRun;
use super::apply::{carry_out, unless_cancelled};
use super::fetch::read_sides;
use super::guard::{Approved, Connected};
use super::host::Host;
use super::listing_check::AcceptListing;
use super::run_outcome::{RunOutcome, RunReport};
use super::values_not_kept::SendAgain;
use super::write::Writing;
use crate::domain::Kind;
use crate::rules::FirmRules;

/// Syncs all of a firm's cases; with `dry_run` it only says what it would write.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn sync_firm(
    host: &Host,
    rules: Arc<FirmRules>,
    dry_run: bool,
    accept: AcceptListing,
    cancel: &CancellationToken,
) -> Result<RunReport, RunError> {
    let active_run = ActiveRun::new(host, rules, Kind::Sync, Vec::new(), dry_run).await?;
    sync_begun(active_run, None, accept, cancel).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn sync_begun(
    active_run: ActiveRun,
    approved: Option<&Approved>,
    accept: AcceptListing,
    cancel: &CancellationToken,
) -> Result<RunReport, RunError> {
    let clients = active_run.clients();
    let sides = match unless_cancelled(cancel, read_sides(&clients, &active_run.rules)).await {
        Ok(sides) => sides,
        Err(ended) => return active_run.end(ended).await,
    };
    let (store, firm) = (&active_run.host.store, &active_run.run.firm);
    if accept == AcceptListing::No
        && let Err(failure) = sides.sizes.check(store, firm).await?
    {
        return active_run.end(RunOutcome::failed(&failure, Vec::new())).await;
    }
    if !active_run.run.dry_run {
        sides.sizes.save(store, firm).await?;
    }
    let ended = match unless_cancelled(cancel, sides.pair(&clients, active_run.rules.limits.concurrency)).await {
        Ok(gathered) => {
            let connected = Connected::Known(gathered.connected.max(gathered.pairs.len() as u64));
            let writing = Writing { active_run: &active_run, clients: &clients, cancel };
            carry_out(writing, gathered, connected, approved, SendAgain::No).await?
        }
        Err(ended) => ended,
    };
    active_run.end(ended).await
}
