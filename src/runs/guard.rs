//! Looks hard at a run that would move many cases: every stage move sends a client a survey that nobody can take back (by the vendors' help pages).

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan as _};

use super::{RunError, VendorClients};
use crate::domain::{CaseId, Changes, Row, RowResult, Stage};
use crate::rules::FirmRules;
use crate::store::Store;

/// What someone approved: for each case the move that was shown.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Approved(HashMap<CaseId, (Option<Stage>, bool)>);

/// A move as the store keeps it: the case, its stage and whether it is closed.
type StoredMove = (String, Option<u8>, bool);

impl Approved {
    /// The moves of the rows that a held run showed.
    pub(super) fn from_rows(rows: &[Row]) -> Approved {
        let held = rows.iter().filter(|row| row.result == RowResult::Held);
        Approved(held.filter_map(|row| Some((CaseId::parse(&row.integration_id)?, (row.stage_to, row.closes)))).collect())
    }

    /// As the store keeps it, for whoever takes the run up.
    pub(super) fn to_text(&self) -> String {
        let mut kept: Vec<StoredMove> =
            self.0.iter().map(|(case, (stage, closes))| (case.to_string(), stage.map(Stage::number), *closes)).collect();
        kept.sort();
        serde_json::json!(kept).to_string()
    }

    /// What the store kept; `None` if that cannot be read.
    pub(super) fn from_text(text: &str) -> Option<Approved> {
        let kept: Vec<StoredMove> = serde_json::from_str(text).ok()?;
        let moved = |(case, stage, closes): StoredMove| {
            let stage = match stage {
                Some(number) => Some(Stage::new(number.into())?),
                None => None,
            };
            Some((CaseId::parse(&case)?, (stage, closes)))
        };
        kept.into_iter().map(moved).collect::<Option<_>>().map(Approved)
    }

    /// The moves of these changes, and cases that are created.
    pub(super) fn of<'a>(changes: impl Iterator<Item = (CaseId, &'a Changes)>, created: impl Iterator<Item = CaseId>) -> Approved {
        let created = created.map(|case| (case, (None, false)));
        Approved(created.chain(changes.map(|(case, changes)| (case, (changes.stage, changes.closes())))).collect())
    }

    /// These and others, where these have no move of a case.
    pub(super) fn and(mut self, others: Option<&Approved>) -> Approved {
        for (case, moved) in others.into_iter().flat_map(|others| &others.0) {
            self.0.entry(*case).or_insert(*moved);
        }
        self
    }

    /// Whether creating this case is among what was approved: its row was shown.
    pub(super) fn covers_creation(&self, case: CaseId) -> bool {
        self.0.contains_key(&case)
    }

    /// Whether this is among what was approved, or moves nothing.
    pub(super) fn covers(&self, case: CaseId, changes: &Changes) -> bool {
        let Some((stage, closes)) = self.0.get(&case) else { return !changes.moves() };
        changes.stage.is_none_or(|wanted| *stage == Some(wanted)) && (!changes.closes() || *closes)
    }
}

/// How many connected cases a firm has: known from its listings, or to be asked for if it matters.
///
/// Marks in CASEpeer may be missing, as after a first import, and a sync writes those cases too: a firm is never smaller than what it
/// can write.
#[derive(Debug, Clone, Copy)]
pub(super) enum Connected {
    Known(u64),
    Ask,
}

/// Why the run is to be held, or `None` to let it go on.
pub(super) async fn look<'a>(
    store: &Store,
    rules: &FirmRules,
    clients: &VendorClients,
    planned: impl Iterator<Item = (CaseId, &'a Changes)> + Clone,
    connected: Connected,
    approved: Option<&Approved>,
) -> Result<Option<String>, RunError> {
    if !planned.clone().any(|(_, changes)| changes.moves()) {
        return Ok(None);
    }
    let recent = store.moves_since(&rules.firm, Timestamp::now() - 24.hours()).await?;
    let connected = match connected {
        Connected::Known(connected) => connected,
        Connected::Ask => {
            let (connected, in_case_status) = tokio::try_join!(clients.casepeer.connected_total(), clients.case_status.total())?;
            connected.max(in_case_status)
        }
    };
    Ok(hold(rules, planned, recent, connected, approved))
}

/// The arithmetic. `recent` are the firm's moves of the last 24 hours.
fn hold<'a>(
    rules: &FirmRules,
    planned: impl Iterator<Item = (CaseId, &'a Changes)> + Clone,
    recent: u64,
    connected: u64,
    approved: Option<&Approved>,
) -> Option<String> {
    let moves = planned.clone().filter(|(_, changes)| changes.moves()).count() as u64;
    let limit = &rules.guard.max_stage_changes;
    #[allow(clippy::cast_precision_loss)] // counts of cases are far below 2^53
    let over = (moves + recent) as f64 * 100.0 > limit.value * connected as f64;
    if moves == 0 || connected < rules.guard.from_cases || !over {
        return None;
    }
    let percent = limit.value;
    let shown = format!(
        "{moves} stage moves or closures now and {recent} in the last 24 hours are more than {percent}% of {connected} connected cases ({})",
        limit.origin
    );
    match approved {
        None => Some(shown),
        Some(approved) => {
            let new = planned.filter(|(case, changes)| !approved.covers(*case, changes)).count();
            (new > 0).then(|| format!("{new} stage moves or closures are not among those approved; {shown}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_approved_is_read_as_it_was_kept() {
        let moved = |case: &str, stage, closes| (CaseId::parse(case).unwrap(), (stage, closes));
        let approved = Approved([moved("10331", Stage::new(4), false), moved("10332", None, true)].into());
        assert_eq!(Approved::from_text(&approved.to_text()), Some(approved));
        assert_eq!(Approved::from_text("[[\"10331\", 99, false]]"), None);
    }
}
