//! Undo a run: what it changed and nobody has changed since gets its earlier value, through the same guard and writing as everything
//! else; the rest is listed.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;

use super::active_run::ActiveRun;
use super::apply::reconcile_in_doubt;
use super::guard::{self, Approved, Connected};
use super::planned::{Planned, changed, row};
use super::row_merge::merge_rows;
use super::run_outcome::{RunOutcome, RunReport};
use super::{RunContext, RunError, VendorClients};
use crate::domain::{
    Attribute, CaseId, Changes, Effect, EffectKind, EffectOutcome, ExistingCase, FixBy, LedgerEntry, Row, RowResult, Run, RunStatus,
};
use crate::vendors::Failure;

/// An undo whose cases have been looked at; nothing is written yet.
pub struct UndoPlan {
    active_run: ActiveRun,
    /// What would be restored, and what is left, case by case.
    prepared: Vec<Planned>,
    /// The cases as they were looked at.
    looked_at: Vec<(CaseId, ExistingCase)>,
    failed: Option<RunError>,
}

impl UndoPlan {
    /// Begins to take back a run, and looks at every case that it changed.
    pub async fn prepare(context: RunContext, run: &Run, dry_run: bool) -> Result<UndoPlan, RunError> {
        can_be_undone(run)?;
        let active_run = ActiveRun::start_undo(context, run, dry_run).await?;
        // What is taken back does not go on.
        if !dry_run && run.status == RunStatus::Interrupted {
            match active_run.check_accounts().await {
                Ok(()) => drop(active_run.store().call_off(&run.id).await?),
                Err(RunError::Vendor(_)) => {}
                Err(error) => return Err(error),
            }
        }
        UndoPlan::of(active_run).await
    }

    /// The same for an undo that has begun.
    pub(super) async fn of(active_run: ActiveRun) -> Result<UndoPlan, RunError> {
        let effects = match &active_run.run.undoes {
            Some(undone) => active_run.store().effects(undone).await?,
            None => Vec::new(),
        };
        let looked = active_run.read(look(&active_run.clients, past(effects), active_run.rules().limits.concurrency)).await;
        let (prepared, looked_at, failed) = match looked {
            Ok((prepared, looked_at)) => (prepared, looked_at.into_iter().flatten().collect(), None),
            Err(error) => (Vec::new(), Vec::new(), Some(error)),
        };
        active_run.context.observer.planned(&prepared);
        Ok(UndoPlan { active_run, prepared, looked_at, failed })
    }

    /// Restores what can be restored, unless the guard holds it or it is a dry run.
    ///
    /// # Errors
    /// The run could not be recorded. What vendors refused is in the run.
    pub async fn confirm(self) -> Result<RunReport, RunError> {
        self.confirm_approved(None).await
    }

    /// The same with an approval.
    pub(super) async fn confirm_approved(self, approved: Option<&Approved>) -> Result<RunReport, RunError> {
        let UndoPlan { active_run, prepared, looked_at, failed } = self;
        let outcome = match failed {
            Some(error) => Err(error),
            None => restore(&active_run, prepared, &looked_at, approved).await,
        };
        active_run.end_with(outcome).await
    }
}

async fn restore(
    active_run: &ActiveRun,
    mut prepared: Vec<Planned>,
    looked_at: &[(CaseId, ExistingCase)],
    approved: Option<&Approved>,
) -> Result<RunOutcome, RunError> {
    let store = active_run.store();
    reconcile_in_doubt(store, &active_run.run, looked_at.iter().map(|(case, existing)| (*case, existing))).await?;
    // What was restored before the run was taken up needs nothing now, and was restored all the same.
    prepared
        .retain(|planned| planned.row.result != RowResult::Unchanged || !active_run.resumed_rows.contains_key(&planned.row.integration_id));
    for planned in &mut prepared {
        if let Some(before) = active_run.resumed_rows.get(&planned.row.integration_id) {
            planned.row = merge_rows(before.clone(), planned.row.clone());
        }
    }
    let updates = prepared.iter().filter_map(|planned| match &planned.effect {
        Some(Effect::UpdateCase { changes, .. }) => Some((planned.case, &**changes)),
        _ => None,
    });
    let hold = guard::look(store, active_run.rules(), &active_run.clients, updates, Connected::Ask, approved).await?;
    if hold.is_none() && !active_run.run.dry_run {
        return active_run.write(Vec::new(), prepared).await;
    }
    let rows: Vec<Row> = prepared.into_iter().map(|planned| waiting(planned, active_run.run.dry_run)).collect();
    store.put_rows(&active_run.run.id, &rows, Timestamp::now()).await?;
    Ok(match hold {
        Some(reason) if !active_run.run.dry_run => RunOutcome::with(RunStatus::Held, reason, rows),
        hold => RunOutcome { would_hold: Some(hold.is_some()), reason: hold, ..RunOutcome::by(rows) },
    })
}

/// Whether a run has written anything that could be taken back.
pub fn can_be_undone(run: &Run) -> Result<(), RunError> {
    if run.dry_run || matches!(run.status, RunStatus::Queued | RunStatus::Running | RunStatus::Held) {
        let status = if run.dry_run { "a dry run" } else { run.status.as_str() };
        return Err(RunError::NothingToUndo { run: run.id.clone(), status });
    }
    Ok(())
}

fn waiting(planned: Planned, dry_run: bool) -> Row {
    if dry_run { planned.row } else { planned.held() }
}

/// What a run did to one case, all of it together.
#[derive(Default)]
struct Past {
    /// The values before the run.
    before: Changes,
    /// The values that it left.
    after: Changes,
    /// What cannot be taken back.
    for_good: Vec<EffectKind>,
}

fn past(effects: Vec<LedgerEntry>) -> BTreeMap<CaseId, Past> {
    let mut cases: BTreeMap<CaseId, Past> = BTreeMap::new();
    for entry in effects.into_iter().filter(|entry| entry.outcome != EffectOutcome::Failed) {
        let past = cases.entry(entry.case).or_default();
        if entry.kind == EffectKind::UpdateCase {
            // Of several updates, the first knows what was there before, and the last what was left.
            past.before = entry.before.overlaid(std::mem::take(&mut past.before));
            past.after = std::mem::take(&mut past.after).overlaid(entry.after);
        } else if !past.for_good.contains(&entry.kind) {
            past.for_good.push(entry.kind);
        }
    }
    cases
}

/// What is to be done about a case, and the case as it was looked at.
type Looked = (Planned, Option<(CaseId, ExistingCase)>);

async fn look(
    clients: &VendorClients,
    cases: BTreeMap<CaseId, Past>,
    concurrency: usize,
) -> Result<(Vec<Planned>, Vec<Option<(CaseId, ExistingCase)>>), Failure> {
    let looked_at = stream::iter(cases.into_iter().map(|(case, past)| async move {
        match clients.case_status.case_of(case).await {
            Ok(existing) => Ok((plan(case, existing.clone(), &past), existing.map(|existing| (case, existing)))),
            Err(failure) if failure.is_about_the_key() => Err(failure),
            Err(failure) => Ok((Planned::nothing(case, row(case, "", "", RowResult::Failed).failed(&failure)), None)),
        }
    }));
    let looked_at: Vec<Result<Looked, Failure>> = looked_at.buffered(concurrency).collect().await;
    looked_at.into_iter().collect()
}

fn plan(case: CaseId, existing: Option<ExistingCase>, past: &Past) -> Planned {
    let Some(existing) = existing else {
        let row = row(case, "", "", RowResult::Skipped).because("Case Status no longer has this case", Some(FixBy::Firm));
        return Planned::nothing(case, row);
    };
    let row = row(case, &existing.readable_id, &existing.client, RowResult::Unchanged);
    let mut restored = past.before.still_missing(&existing);
    let changed_since = past.after.still_missing(&existing);
    let mut left: Vec<String> = Vec::new();
    for attribute in Attribute::ALL {
        if changed_since.has(attribute) && restored.has(attribute) {
            restored.leave_out(attribute);
            left.push(format!("{} was changed since, and was left", attribute.as_str()));
        }
    }
    if !past.for_good.is_empty() {
        let words: Vec<&str> = past.for_good.iter().map(|kind| for_good_words(*kind)).collect();
        left.push(format!("what cannot be taken back: {}", words.join(", ")));
    }
    let mut planned = changed(row, Box::new(existing), restored);
    if left.is_empty() {
        return planned;
    }
    if planned.effect.is_none() {
        planned.row.result = RowResult::Skipped;
    }
    planned.row = planned.row.because(&left.join("; "), Some(FixBy::Firm));
    planned
}

fn for_good_words(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::UpdateCase => "an update",
        EffectKind::CreateCase => "it was created in Case Status, and its client invited",
        EffectKind::MarkConnected => "it was marked as connected in CASEpeer",
        EffectKind::SendMessage => "a message was sent",
        EffectKind::AddNote => "a case note was added in CASEpeer",
        EffectKind::AddDocument => "a document was added in CASEpeer",
    }
}
