//! Sync one case by its integration ID: the same plan, guard and writing as for a firm, without listing the firm.

use super::active_run::ActiveRun;
use super::apply::plan_and_apply;
use super::fetch::{PairedCases, gone_from_casepeer, missing_in_case_status};
use super::guard::{Approved, Connected};
use super::planned::row;
use super::run_outcome::RunReport;
use super::values_not_kept::SendAgain;
use super::{RunContext, RunError, VendorClients};
use crate::domain::{CaseId, FixBy, Kind, RowResult};
use crate::vendors::Failure;

/// Syncs one case; with `dry_run` it only says what it would write.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn sync_case(context: RunContext, case: CaseId, dry_run: bool, send_again: SendAgain) -> Result<RunReport, RunError> {
    let active_run = ActiveRun::new(context, Kind::SyncCase, vec![case], dry_run).await?;
    sync_begun_case(active_run, case, None, send_again).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn sync_begun_case(
    active_run: ActiveRun,
    case: CaseId,
    approved: Option<&Approved>,
    send_again: SendAgain,
) -> Result<RunReport, RunError> {
    let outcome = match active_run.read(gather_case(&active_run.clients, case)).await {
        Ok(gathered) => plan_and_apply(&active_run, gathered, Connected::Ask, approved, send_again).await,
        Err(error) => Err(error),
    };
    active_run.end_with(outcome).await
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
