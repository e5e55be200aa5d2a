//! Sync a firm: every case that Case Status has is made to match CASEpeer.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::begun::Begun;
use super::carry_out::{carry_out, unless_cancelled};
use super::ended::{Ended, Finished};
use super::gather::read_sides;
use super::guard::{Approved, Connected};
use super::host::Host;
use super::listing_check::AcceptListing;
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
) -> Result<Finished, SyncError> {
    let begun = Begun::new(host, rules, Kind::Sync, Vec::new(), dry_run).await?;
    sync_begun(begun, None, accept, cancel).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn sync_begun(
    begun: Begun,
    approved: Option<&Approved>,
    accept: AcceptListing,
    cancel: &CancellationToken,
) -> Result<Finished, SyncError> {
    let reach = begun.reach();
    let sides = match unless_cancelled(cancel, read_sides(&reach, &begun.rules)).await {
        Ok(sides) => sides,
        Err(ended) => return begun.end(ended).await,
    };
    let (store, firm) = (&begun.host.store, &begun.run.firm);
    if accept == AcceptListing::No
        && let Err(failure) = sides.sizes.check(store, firm).await?
    {
        return begun.end(Ended::failed(&failure, Vec::new())).await;
    }
    if !begun.run.dry_run {
        sides.sizes.save(store, firm).await?;
    }
    let ended = match unless_cancelled(cancel, sides.pair(&reach, begun.rules.limits.concurrency)).await {
        Ok(gathered) => {
            let connected = Connected::Known(gathered.connected.max(gathered.pairs.len() as u64));
            let writing = Writing { begun: &begun, reach: &reach, cancel };
            carry_out(writing, gathered, connected, approved, SendAgain::No).await?
        }
        Err(ended) => ended,
    };
    begun.end(ended).await
}
