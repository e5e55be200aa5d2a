//! What a pass of a script has come to so far.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::domain::{CaseId, Changes, Effect, EffectKind, EffectOutcome, LedgerEntry, LogLine, Row, RowResult};
use crate::runs::RunError;
use crate::runs::planned::Planned;
use crate::runs::row_merge::merge_rows;
use crate::vendors::Failure;

/// Why a pass ended before its script did.
#[derive(Debug, thiserror::Error)]
pub(super) enum StopReason {
    #[error("stopped; running it again goes on where it was")]
    Cancelled,
    #[error("stopped after {0:?}, which is all that a script gets")]
    Overtime(Duration),
    #[error("the script wanted to do at most {0} things, and asked for one more")]
    TooManyEffects(u64),
    #[error("{0}")]
    Held(String),
    #[error(transparent)]
    KeyRefused(Failure),
    #[error(transparent)]
    Store(RunError),
}

/// No script keeps more lines.
const MOST_LINES: usize = 1_000;

/// What is known of an effect of the run.
#[derive(Debug)]
struct Entry {
    outcome: EffectOutcome,
    /// Whether it is one of those that a script may limit. The mark of a case that the run created is a part of its creation, which an
    /// earlier process did not come to.
    counts: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// One row a case, however often the script comes back to it.
    rows: BTreeMap<CaseId, Row>,
    ledger: HashMap<String, Entry>,
    /// Effects of each kind and case so far: the next one's number.
    numbers: HashMap<(EffectKind, CaseId), u32>,
    /// What the updates of a case come to together.
    pub updates: BTreeMap<CaseId, Changes>,
    /// Cases that were created.
    pub created: BTreeSet<CaseId>,
    /// Failed for a reason that passes, and are tried once more at the end.
    pub again: Vec<(String, Planned)>,
    /// How many effects the script wants at most.
    pub most: Option<u64>,
    pub log: Vec<LogLine>,
    pub ending: Option<StopReason>,
    /// The case that the script asked about last.
    pub at: Option<CaseId>,
}

impl State {
    /// With what earlier parts of the run did.
    pub(super) fn taken_up(rows: Vec<Row>, ledger: Vec<LedgerEntry>) -> State {
        let mut state = State::default();
        let done = rows.into_iter().filter(|row| matches!(row.result, RowResult::Updated | RowResult::Created));
        state.rows.extend(done.filter_map(|row| Some((CaseId::parse(&row.integration_id)?, row))));
        ledger.into_iter().for_each(|entry| state.intended(entry));
        state
    }

    /// Adds the rows of a later part.
    pub(super) fn add(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            if let Some(case) = CaseId::parse(&row.integration_id) {
                self.keep(case, row);
            }
        }
    }

    /// Every row.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.rows.values().cloned().collect()
    }

    /// Notes an effect that is about to be performed, or was.
    pub(super) fn intended(&mut self, entry: LedgerEntry) {
        let counts = !self.completes_creation(entry.kind, entry.case);
        *self.numbers.entry((entry.kind, entry.case)).or_default() += 1;
        self.ledger.insert(entry.key, Entry { outcome: entry.outcome, counts });
    }

    /// The ledger's key of an effect: what carries a key of its own has that one, and everything else is numbered.
    pub(super) fn key(&self, planned: &Planned, effect: &Effect) -> String {
        if let Some(key) = own_key(effect) {
            return key.to_owned();
        }
        let (kind, case) = (effect.kind(), planned.case);
        let number = self.numbers.get(&(kind, case)).copied().unwrap_or_default();
        format!("{}:{case}:{number}", kind.as_str())
    }

    /// Whether this very thing was done in this run: the same text sent or added to the same case.
    pub(super) fn was_done(&self, planned: &Planned, effect: &Effect) -> bool {
        own_key(effect).is_some() && self.ledger.get(&self.key(planned, effect)).is_some_and(|entry| entry.outcome == EffectOutcome::Done)
    }

    /// Whether the script may have one more effect, those of the run's earlier parts included.
    pub(super) fn count_effect(&self, planned: &Planned, effect: &Effect) -> Result<(), StopReason> {
        let Some(most) = self.most else { return Ok(()) };
        let counts = |entry: &&Entry| entry.counts && entry.outcome != EffectOutcome::Failed;
        let is_counted = self.ledger.get(&self.key(planned, effect)).as_ref().is_some_and(counts);
        if is_counted || self.completes_creation(effect.kind(), planned.case) {
            return Ok(());
        }
        let before = self.ledger.values().filter(counts).count() as u64;
        if before < most { Ok(()) } else { Err(StopReason::TooManyEffects(most)) }
    }

    fn completes_creation(&self, kind: EffectKind, case: CaseId) -> bool {
        kind == EffectKind::MarkConnected && self.numbers.contains_key(&(EffectKind::CreateCase, case))
    }

    /// Notes what became of an effect.
    pub(super) fn settled(&mut self, key: &str, outcome: EffectOutcome) {
        if let Some(entry) = self.ledger.get_mut(key) {
            entry.outcome = outcome;
        }
    }

    /// Keeps a row, together with what the case's row says already, and answers how it came out by itself.
    pub(super) fn keep(&mut self, case: CaseId, row: Row) -> Row {
        let kept = match self.rows.remove(&case) {
            Some(before) => merge_rows(before, row),
            None => row,
        };
        self.rows.insert(case, kept.clone());
        kept
    }

    pub(super) fn say(&mut self, line: LogLine) {
        if self.log.len() < MOST_LINES {
            self.log.push(line);
        }
    }
}

fn own_key(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::SendMessage(message) => Some(&message.key),
        Effect::AddNote(note) => Some(&note.external_id),
        Effect::AddDocument(document) => Some(&document.external_id),
        Effect::UpdateCase { .. } | Effect::CreateCase(_) | Effect::MarkConnected { .. } => None,
    }
}
