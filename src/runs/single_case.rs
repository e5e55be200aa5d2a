//! Sync one case by its integration ID: the same plan, guard and writing as for a firm, without listing the firm.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::active_run::ActiveRun;
use super::apply::{carry_out, unless_cancelled};
use super::fetch::{PairedCases, gone_from_casepeer, missing_in_case_status};
use super::guard::{Approved, Connected};
use super::host::Host;
use super::planned::row;
use super::run_outcome::RunReport;
use super::values_not_kept::SendAgain;
use super::write::Writing;
use super::{RunError, VendorClients};
use crate::domain::{CaseId, FixBy, Kind, RowResult};
use crate::rules::FirmRules;
use crate::vendors::Failure;

/// Syncs one case; with `dry_run` it only says what it would write.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn sync_case(
    host: &Host,
    rules: Arc<FirmRules>,
    case: CaseId,
    dry_run: bool,
    send_again: SendAgain,
    cancel: &CancellationToken,
) -> Result<RunReport, RunError> {
    let active_run = ActiveRun::new(host, rules, Kind::SyncCase, vec![case], dry_run).await?;
    sync_begun_case(active_run, case, None, send_again, cancel).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn sync_begun_case(
    active_run: ActiveRun,
    case: CaseId,
    approved: Option<&Approved>,
    send_again: SendAgain,
    cancel: &CancellationToken,
) -> Result<RunReport, RunError> {
    let clients = active_run.clients();
    let ended = match unless_cancelled(cancel, gather_case(&clients, case)).await {
        Ok(gathered) => {
            let writing = Writing { active_run: &active_run, clients: &clients, cancel };
            carry_out(writing, gathered, Connected::Ask, approved, send_again).await?
        }
        Err(ended) => ended,
    };
    active_run.end(ended).await
}

async fn gather_case(clients: &VendorClients, id: CaseId) -> Result<PairedCases, Failure> {
    let sides = async { tokio::try_join!(clients.casepeer.case(id), clients.case_status.case_of(id)) };
    let (sides, directory) = tokio::join!(sides, clients.case_status.directory());
    let (directory, mut pairs, mut rows) = (directory?, Vec::new(), Vec::new());
    let sides = match sides {
        Err(failure @ Failure::OtherIdentity { .. }) => {
            rows.push(row(id, "", "", RowResult::Failed).failed(&failure));
            return Ok(PairedCases { directory, pairs, rows, connected: 0 });
        }
        sides => sides?,
    };
    match sides {
        (Some(case), Some(existing)) => pairs.push((Box::new(case), Box::new(existing))),
        (None, Some(existing)) => rows.push(gone_from_casepeer(&existing)),
        (Some(case), None) => rows.push(missing_in_case_status(&case)),
        (None, None) => {
            let reason = "neither CASEpeer nor Case Status has this case";
            rows.push(row(id, "", "", RowResult::Skipped).because(reason, Some(FixBy::Firm)));
        }
    }
    Ok(PairedCases { directory, pairs, rows, connected: 0 })
}
