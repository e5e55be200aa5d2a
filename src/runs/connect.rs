//! Connect cases: look at all of them first and name every problem, then create each and mark it in CASEpeer. Safe to repeat at
//! every point of failure: what exists is not created again, and a mark that is missing is all that is made good.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;

use super::active_run::ActiveRun;
use super::guard::Approved;
use super::invitations::hold_invitations;
use super::planned::{Planned, row};
use super::run_outcome::{RunOutcome, RunReport};
use super::{RunContext, RunError, VendorClients, VendorPool};
use crate::domain::{Case, CaseId, Directory, Effect, ExistingCase, FixBy, Kind, Row, RowResult, RunStatus};
use crate::rules::{FirmRules, draft};
use crate::vendors::Failure;

/// A connect run whose cases have been looked at; nothing is written yet.
pub struct ConnectPlan {
    active_run: ActiveRun,
    /// What would be done, or stands in the way, case by case in the order asked for.
    prepared: Vec<Planned>,
    failed: Option<RunError>,
}

/// What connecting a case comes to, for staff to look at before they confirm.
#[derive(Debug)]
pub struct ConnectPreview {
    /// What would be done, or stands in the way.
    pub planned: Planned,
    /// What Case Status calls the stage that the case would start in.
    pub stage_name: Option<Box<str>>,
}

/// Looks at what connecting a case comes to now. Writes nothing, records nothing.
pub async fn preview_connect(vendor_pool: &VendorPool, rules: &Arc<FirmRules>, id: CaseId) -> Result<ConnectPreview, Failure> {
    let clients = vendor_pool.clients(rules, Kind::Connect);
    let directory = clients.case_status.directory().await?;
    let planned = prepare_case(&clients, rules, &directory, id).await?;
    let stage_name = match &planned.effect {
        Some(Effect::CreateCase(case)) => directory
            .practice_area(&case.practice_area)
            .and_then(|area| area.stages.iter().find(|(stage, _)| *stage == case.stage))
            .map(|(_, name)| name.clone()),
        _ => None,
    };
    Ok(ConnectPreview { planned, stage_name })
}

async fn prepare(clients: &VendorClients, rules: &FirmRules, cases: &[CaseId]) -> Result<Vec<Planned>, Failure> {
    let directory = clients.case_status.directory().await?;
    let looked_at = stream::iter(cases.iter().copied().map(|id| prepare_case(clients, rules, &directory, id)));
    let looked_at: Vec<Result<Planned, Failure>> = looked_at.buffered(rules.limits.concurrency).collect().await;
    looked_at.into_iter().collect()
}

async fn prepare_case(clients: &VendorClients, rules: &FirmRules, directory: &Directory, id: CaseId) -> Result<Planned, Failure> {
    let (case, existing) = match tokio::try_join!(clients.casepeer.case(id), clients.case_status.case_of(id)) {
        Ok(read) => read,
        // A key that is refused ends the run; anything else is this case's own trouble.
        Err(failure) if failure.is_about_the_key() => return Err(failure),
        Err(failure) => return Ok(Planned::nothing(id, row(id, "", "", RowResult::Failed).failed(&failure))),
    };
    Ok(prepare_pair(rules, directory, id, case, existing))
}

/// What connecting a case comes to, given what both sides have of it.
pub(super) fn prepare_pair(
    rules: &FirmRules,
    directory: &Directory,
    id: CaseId,
    case: Option<Case>,
    existing: Option<ExistingCase>,
) -> Planned {
    let Some(case) = case else {
        let row = row(id, "", "", RowResult::Failed).because("CASEpeer has no case of this number", Some(FixBy::Firm));
        return Planned::nothing(id, row);
    };
    let mut row = row(id, &case.case_number, &case.client.full_name(), RowResult::Unchanged);
    if let Some(existing) = existing {
        if case.connected {
            return Planned::nothing(id, row.because("connected already", None));
        }
        row.result = RowResult::Updated;
        "marked as connected in CASEpeer".clone_into(&mut row.changes);
        return Planned::doing(id, Effect::MarkConnected { case_status_id: existing.id.into() }, row);
    }
    // The firm's hooks may take a while.
    match tokio::task::block_in_place(|| draft(rules, directory, &case)) {
        Ok(draft) => {
            row.result = RowResult::Created;
            row.changes = format!("practice_area: {}; stage: {}", draft.new_case.practice_area, draft.new_case.stage);
            row.say(&draft.notes);
            Planned { notes: draft.notes, ..Planned::doing(id, Effect::CreateCase(Box::new(draft.new_case)), row) }
        }
        Err(problems) => {
            row.result = RowResult::Failed;
            row.say(&problems);
            Planned { notes: problems, ..Planned::nothing(id, row) }
        }
    }
}

impl ConnectPlan {
    /// Begins a connect run for these cases, each once, and looks at every case on both sides.
    pub async fn prepare(context: RunContext, mut cases: Vec<CaseId>, dry_run: bool) -> Result<ConnectPlan, RunError> {
        let mut seen = HashSet::new();
        cases.retain(|case| seen.insert(*case));
        Ok(ConnectPlan::of(ActiveRun::new(context, Kind::Connect, cases, dry_run).await?).await)
    }

    /// The same for a run that has begun.
    pub(super) async fn of(active_run: ActiveRun) -> ConnectPlan {
        let looked = active_run.read(prepare(&active_run.clients, active_run.rules(), &active_run.run.cases)).await;
        let (prepared, failed) = match looked {
            Ok(prepared) => (prepared, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        active_run.context.observer.planned(&prepared);
        ConnectPlan { active_run, prepared, failed }
    }

    /// Creates what can be created and marks it, unless the guard holds it or it is a dry run.
    ///
    /// # Errors
    /// The run could not be recorded. What vendors refused is in the run.
    pub async fn confirm(self) -> Result<RunReport, RunError> {
        self.confirm_approved(None).await
    }

    /// The same with an approval.
    pub(super) async fn confirm_approved(self, approved: Option<&Approved>) -> Result<RunReport, RunError> {
        let outcome = match self.failed {
            Some(error) => Err(error),
            None => create(&self.active_run, self.prepared, approved).await,
        };
        self.active_run.end_with(outcome).await
    }
}

async fn create(active_run: &ActiveRun, mut prepared: Vec<Planned>, approved: Option<&Approved>) -> Result<RunOutcome, RunError> {
    let dry_run = active_run.run.dry_run;
    // What was created before the run was resumed needs nothing now, and was created all the same.
    let earlier = &active_run.resumed_rows;
    prepared.retain(|planned| planned.row.result != RowResult::Unchanged || !earlier.contains_key(&planned.row.integration_id));
    let hold = hold(active_run, &prepared, approved).await?;
    if hold.is_none() && !dry_run {
        return active_run.write(Vec::new(), prepared).await;
    }
    let rows: Vec<Row> = prepared.into_iter().map(|planned| if dry_run { planned.row } else { planned.held() }).collect();
    active_run.store().put_rows(&active_run.run.id, &rows, Timestamp::now()).await?;
    Ok(match hold {
        Some(reason) if !dry_run => RunOutcome::with(RunStatus::Held, reason, rows),
        hold => RunOutcome { would_hold: Some(hold.is_some()), reason: hold, ..RunOutcome::by(rows) },
    })
}

/// Why the guard holds the run. A connect of one case was confirmed by whoever requested it.
async fn hold(active_run: &ActiveRun, prepared: &[Planned], approved: Option<&Approved>) -> Result<Option<String>, RunError> {
    if active_run.run.cases.len() < 2 {
        return Ok(None);
    }
    let created = prepared.iter().filter(|planned| matches!(planned.effect, Some(Effect::CreateCase(_))));
    let created: Vec<CaseId> = created.map(|planned| planned.case).collect();
    hold_invitations(active_run.store(), active_run.rules(), &created, approved).await
}
