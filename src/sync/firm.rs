//! Sync a firm: every case that Case Status has is made to match CASEpeer.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::begun::{Begun, Finished, Host};
use super::carry_out::{carry_out, unless_cancelled};
use super::gather::gather_firm;
use super::guard::{Approved, Connected};
use super::write::Writing;
use crate::domain::Kind;
use crate::rules::FirmRules;

/// Syncs all of a firm's cases; with `dry_run` it only says what it would write.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn sync_firm(host: &Host, rules: Arc<FirmRules>, dry_run: bool, cancel: &CancellationToken) -> Result<Finished, SyncError> {
    let begun = Begun::new(host, rules, Kind::Sync, Vec::new(), dry_run).await?;
    sync_begun(begun, None, cancel).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn sync_begun(begun: Begun, approved: Option<&Approved>, cancel: &CancellationToken) -> Result<Finished, SyncError> {
    let reach = begun.reach();
    let ended = match unless_cancelled(cancel, gather_firm(&reach, &begun.rules)).await {
        Ok(gathered) => {
            let connected = Connected::Known(gathered.connected.max(gathered.pairs.len() as u64));
            let writing = Writing { begun: &begun, reach: &reach, cancel };
            carry_out(writing, gathered, connected, approved).await?
        }
        Err(ended) => ended,
    };
    begun.end(ended).await
}
