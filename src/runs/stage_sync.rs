//! Stage sync: the cases that changed in CASEpeer since the last time, so that a stage change is in Case Status within minutes. A stage
//! that has only just changed is left for the next time: it may be on its way back.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::active_run::ActiveRun;
use super::apply::plan_and_apply;
use super::fetch::{PairedCases, look_up_existing};
use super::guard::Connected;
use super::run_outcome::RunReport;
use super::values_not_kept::SendAgain;
use super::{RunContext, RunError, VendorClients};
use crate::domain::{Case, CaseFilter, CaseId, Kind, RowResult, RunStatus};
use crate::vendors::{Failure, Listed};

/// How much of what was listed before is listed again: clocks differ, and changes become visible late.
const OVERLAP: SignedDuration = SignedDuration::from_secs(120);

/// Where a firm begins that was never looked at: the nightly sync has what is older.
const FIRST: SignedDuration = SignedDuration::from_hours(1);

/// One pass. With `quiet`, a pass that finds nothing changed leaves no run and answers `None`.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn poll_stages(context: RunContext, quiet: bool) -> Result<Option<RunReport>, RunError> {
    let mut active_run = ActiveRun::start_unrecorded(context, Kind::StageSync).await?;
    let store = active_run.store().clone();
    let now = Timestamp::now();
    let stored = store.cursor(&active_run.run.firm, "stages").await?.and_then(|text| text.parse::<Timestamp>().ok());
    let since = stored.map_or(now - FIRST, |stored| stored - OVERLAP);
    let changed = match active_run.read(changed_since(&active_run.clients, since)).await {
        Ok(changed) => changed,
        Err(error) => {
            active_run.record().await?;
            return active_run.end_with(Err(error)).await.map(Some);
        }
    };
    let settle = SignedDuration::try_from(active_run.rules().stages.settle).unwrap_or(SignedDuration::ZERO);
    let (settled, unsettled): (Vec<Case>, Vec<Case>) =
        changed.into_iter().partition(|case| case.updated_at.is_none_or(|at| now.duration_since(at) >= settle));
    // What overlaps was looked at the last time already.
    let is_new = settled.iter().any(|case| case.updated_at.is_none_or(|at| stored.is_none_or(|stored| at > stored)));
    if quiet && !is_new {
        return Ok(None);
    }
    // The mark stays before what is not settled yet, so that it is listed again.
    let reached = settled.iter().filter_map(|case| case.updated_at).max();
    let first_left = unsettled.iter().filter_map(|case| case.updated_at).min().map(|at| at - 1.millisecond());
    let changed_at: HashMap<CaseId, Timestamp> = settled.iter().filter_map(|case| Some((case.id, case.updated_at?))).collect();
    active_run.record().await?;
    let ended = match active_run.read(gather(&active_run.clients, settled, active_run.rules().limits.concurrency)).await {
        Ok(paired) => plan_and_apply(&active_run, paired, Connected::Ask, None, SendAgain::No).await,
        Err(error) => Err(error),
    };
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return active_run.end_with(Err(error)).await.map(Some),
    };
    // What failed for a reason that passes is listed again; what people have to put right, or to approve, has its run.
    let failed = ended.rows.iter().filter(|row| row.result == RowResult::Failed && row.fix_by.is_none());
    let first_failed = failed.filter_map(|row| changed_at.get(&CaseId::parse(&row.integration_id)?)).min().map(|at| *at - 1.millisecond());
    let mark = [reached, first_left, first_failed].into_iter().flatten().min();
    let whole = ended.status == RunStatus::Held || ended.reason.is_none() && ended.status != RunStatus::Running;
    if let Some(mark) = mark.filter(|mark| whole && stored.is_none_or(|stored| *mark > stored)) {
        store.move_cursor(&active_run.run.firm, "stages", &mark.to_string()).await?;
    }
    active_run.end(ended).await.map(Some)
}

async fn changed_since(clients: &VendorClients, since: Timestamp) -> Result<Vec<Case>, Failure> {
    let filter = CaseFilter { connected: Some(true), updated_since: Some(since), status: None };
    let mut changed = Vec::new();
    clients
        .casepeer
        .cases(&filter, true, |listed| {
            if let Listed::Read(case) = listed {
                changed.push(case);
            }
        })
        .await?;
    Ok(changed)
}

/// The other side of these cases.
async fn gather(clients: &VendorClients, cases: Vec<Case>, concurrency: usize) -> Result<PairedCases, Failure> {
    let directory = clients.case_status.directory().await?;
    // What fails of one case alone lets the mark move on: the nightly sync has the case again.
    let (pairs, rows) = look_up_existing(clients, cases.into_iter().map(Box::new), concurrency).await?;
    Ok(PairedCases { directory, pairs, rows, connected: 0 })
}
