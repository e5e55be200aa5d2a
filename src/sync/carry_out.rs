//! A sync after both sides were read: plan every case, let the guard look, write or hold.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _};
use tokio_util::sync::CancellationToken;

use super::SyncError;
use super::begun::Ended;
use super::gather::Gathered;
use super::guard::{self, Approved};
use super::planned::{Planned, planned};
use super::write::Writing;
use crate::domain::{Effect, Row, RowResult, RunStatus};
use crate::rules::{FirmRules, plan};
use crate::vendors::Failure;

/// How many of a firm's cases CASEpeer marks as connected: known from its listing, or to be asked for if it matters.
pub(super) enum Connected {
    Known(u64),
    Ask,
}

/// Carries a sync through to its end.
pub(super) async fn carry_out(
    writing: Writing<'_>,
    gathered: Gathered,
    connected: Connected,
    approved: Option<&Approved>,
) -> Result<Ended, SyncError> {
    let run = &writing.begun.run;
    let store = &writing.begun.host.store;
    let paired = gathered.pairs.len() as u64;
    let (rules, cancel) = (Arc::clone(&writing.begun.rules), writing.cancel.clone());
    // A firm's script may think for a while about each case: that is not for the threads on which other firms' requests run.
    let planned = tokio::task::spawn_blocking(move || plan_all(&rules, gathered, &cancel)).await;
    let Ok(Some((mut decided, to_write))) = planned else { return Ok(Ended::before_any_write()) };
    let hold = match hold(writing, &to_write, connected, paired, approved).await? {
        Ok(hold) => hold,
        Err(failure) => return Ok(Ended::with(RunStatus::Failed, failure.to_string(), Vec::new())),
    };
    if !run.dry_run && hold.is_none() {
        return writing.write(decided, to_write).await;
    }
    let result = if run.dry_run { RowResult::Updated } else { RowResult::Held };
    decided.extend(to_write.into_iter().map(|planned| Row { result, ..planned.row }));
    store.put_rows(&run.id, &decided, Timestamp::now()).await?;
    Ok(match hold {
        Some(reason) if !run.dry_run => Ended::with(RunStatus::Held, reason, decided),
        hold => Ended { would_hold: Some(hold.is_some()), reason: hold, ..Ended::by(decided) },
    })
}

/// Plans every case: the rows of those that are decided, and what is to be written. `None` once the run is cancelled.
fn plan_all(rules: &FirmRules, gathered: Gathered, cancel: &CancellationToken) -> Option<(Vec<Row>, Vec<Planned>)> {
    let Gathered { directory, pairs, rows: mut decided, .. } = gathered;
    let mut to_write = Vec::new();
    for (case, existing) in pairs {
        if cancel.is_cancelled() {
            return None;
        }
        let plan = plan(rules, &directory, &case, &existing);
        let planned = planned(&case, existing, plan);
        if planned.effect.is_some() { to_write.push(planned) } else { decided.push(planned.row) }
    }
    Some((decided, to_write))
}

/// Why the run is to be held, if it is; the inner error is why nobody can say.
async fn hold(
    writing: Writing<'_>,
    to_write: &[Planned],
    connected: Connected,
    paired: u64,
    approved: Option<&Approved>,
) -> Result<Result<Option<String>, Failure>, SyncError> {
    let changes = to_write.iter().filter_map(|planned| match &planned.effect {
        Some(Effect::UpdateCase { changes, .. }) => Some((planned.case, &**changes)),
        _ => None,
    });
    if !changes.clone().any(|(_, changes)| changes.moves()) {
        return Ok(Ok(None));
    }
    let begun = writing.begun;
    let recent = begun.host.store.moves_since(&begun.run.firm, Timestamp::now() - 24.hours()).await?;
    let connected = match connected {
        Connected::Known(connected) => connected,
        Connected::Ask => match tokio::try_join!(writing.reach.casepeer.connected_total(), writing.reach.case_status.total()) {
            Ok((connected, in_case_status)) => connected.max(in_case_status),
            Err(failure) => return Ok(Err(failure)),
        },
    };
    // Marks may be missing, as after a first import, and a sync writes those cases too: a firm is never smaller than what it can write.
    Ok(Ok(guard::hold(&begun.rules, changes, recent, connected.max(paired), approved)))
}

/// Runs `reading` unless the run is cancelled first; reading changes nothing, so it is simply dropped.
pub(super) async fn unless_cancelled<T>(cancel: &CancellationToken, reading: impl Future<Output = Result<T, Failure>>) -> Result<T, Ended> {
    tokio::select! {
        () = cancel.cancelled() => Err(Ended::before_any_write()),
        read = reading => read.map_err(|failure| Ended::with(RunStatus::Failed, failure.to_string(), Vec::new())),
    }
}
