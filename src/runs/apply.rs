//! A sync after both sides were read: plan every case, let the guard look, write or hold.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::RunError;
use super::active_run::ActiveRun;
use super::fetch::PairedCases;
use super::guard::{self, Approved, Connected};
use super::planned::{Planned, planned};
use super::row_merge::merge_rows;
use super::run_outcome::RunOutcome;
use super::values_not_kept::{SendAgain, ValuesNotKept};
use crate::domain::{CaseId, Effect, EffectOutcome, ExistingCase, Row, RowResult, Run, RunStatus};
use crate::rules::{FirmRules, plan};
use crate::store::Store;

/// Carries a sync through to its end.
pub(super) async fn plan_and_apply(
    active_run: &ActiveRun,
    paired: PairedCases,
    connected: Connected,
    approved: Option<&Approved>,
    send_again: SendAgain,
) -> Result<RunOutcome, RunError> {
    let (run, store) = (&active_run.run, active_run.store());
    reconcile_in_doubt(store, run, paired.pairs.iter().map(|(case, existing)| (case.id, &**existing))).await?;
    let (rules, cancel) = (Arc::clone(active_run.rules()), active_run.context.cancel.clone());
    let mut not_kept = ValuesNotKept::of(store, &run.firm, send_again).await?;
    // A firm's script may think for a while about each case: that is not for the threads on which other firms' requests run.
    let planned = tokio::task::spawn_blocking(move || {
        let planned = plan_all(&rules, paired, &mut not_kept, &cancel)?;
        Some((planned, not_kept))
    });
    let Ok(Some(((mut decided, mut to_write), not_kept))) = planned.await else { return Err(RunError::Cancelled) };
    if !run.dry_run {
        not_kept.save(store, &run.firm).await?;
    }
    let earlier = &active_run.resumed_rows;
    // What was written before the run was taken up needs nothing now, and was written all the same.
    decided.retain(|row| row.result != RowResult::Unchanged || !earlier.contains_key(&row.integration_id));
    for planned in &mut to_write {
        if let Some(before) = earlier.get(&planned.row.integration_id) {
            planned.row = merge_rows(before.clone(), planned.row.clone());
        }
    }
    let updates = to_write.iter().filter_map(|planned| match &planned.effect {
        Some(Effect::UpdateCase { changes, .. }) => Some((planned.case, &**changes)),
        _ => None,
    });
    let hold = guard::look(store, active_run.rules(), &active_run.clients, updates, connected, approved).await?;
    if !run.dry_run && hold.is_none() {
        return active_run.write(decided, to_write).await;
    }
    let result = if run.dry_run { RowResult::Updated } else { RowResult::Held };
    decided.extend(to_write.into_iter().map(|planned| Row { result, ..planned.row }));
    store.put_rows(&run.id, &decided, Timestamp::now()).await?;
    Ok(match hold {
        Some(reason) if !run.dry_run => RunOutcome::with(RunStatus::Held, reason, decided),
        hold => RunOutcome { would_hold: Some(hold.is_some()), reason: hold, ..RunOutcome::by(decided) },
    })
}

/// Settles what earlier runs, and earlier slices of this one, were about to do when their processes ended: a case that has what was to be
/// written got it. What was not done counts for the guard no more.
pub(super) async fn reconcile_in_doubt(
    store: &Store,
    run: &Run,
    held: impl Iterator<Item = (CaseId, &ExistingCase)>,
) -> Result<(), RunError> {
    let unsettled = store.unsettled_updates(&run.firm, &run.id).await?;
    let held: HashMap<CaseId, &ExistingCase> = if unsettled.is_empty() { HashMap::new() } else { held.collect() };
    for (run, entry) in unsettled {
        if let Some(existing) = held.get(&entry.case) {
            // Each attribute that was to be written differed then, so one that is there now was written.
            let arrived = entry.after.still_missing(existing) != entry.after;
            let outcome = if arrived { EffectOutcome::Done } else { EffectOutcome::Failed };
            store.put_outcomes(&run, &[], &[(entry.key, outcome)], Timestamp::now()).await?;
        }
    }
    Ok(())
}

/// Plans every case: the rows of those that are decided, and what is to be written. `None` once the run is cancelled.
fn plan_all(
    rules: &FirmRules,
    paired: PairedCases,
    not_kept: &mut ValuesNotKept,
    cancel: &CancellationToken,
) -> Option<(Vec<Row>, Vec<Planned>)> {
    let PairedCases { directory, pairs, rows: mut decided, .. } = paired;
    decided.reserve_exact(pairs.len());
    let mut to_write = Vec::new();
    for (case, existing) in pairs {
        if cancel.is_cancelled() {
            return None;
        }
        let mut plan = plan(rules, &directory, &case, &existing);
        not_kept.leave_out(case.id, &mut plan);
        let planned = planned(&case, existing, plan);
        if planned.effect.is_some() { to_write.push(planned) } else { decided.push(planned.row) }
    }
    Some((decided, to_write))
}
