//! How a run ended, and what a report says of it.

use std::collections::HashMap;
use std::path::PathBuf;

use smol_str::SmolStr;

use crate::domain::{Counts, LogLine, Row, Run, RunStatus};
use crate::vendors::{Failure, Vendor};

/// A run that has ended, with everything a report says.
#[derive(Debug)]
pub struct RunReport {
    /// The run.
    pub run: Run,
    /// How many cases came out how.
    pub counts: Counts,
    /// Every row, in the order of the cases' numbers.
    pub rows: Vec<Row>,
    /// What a script said.
    pub log: Vec<LogLine>,
    /// The vendor that refused the firm's key, if that is why it failed.
    pub key_refused: Option<Vendor>,
    /// The CSV; a run that has not ended has none.
    pub report: Option<PathBuf>,
    /// Why there is no CSV of a run that has ended just now.
    pub unwritten: Option<String>,
}

/// How a run ended.
pub(super) struct RunOutcome {
    pub status: RunStatus,
    pub reason: Option<String>,
    pub would_hold: Option<bool>,
    /// What became of every case, as recorded.
    pub rows: Vec<Row>,
    /// What a script answered.
    pub answer: Option<String>,
    /// What a script said.
    pub log: Vec<LogLine>,
    /// The vendor that refused the firm's key.
    pub key_refused: Option<Vendor>,
}

impl RunOutcome {
    /// How a run ended for which a vendor could not do something that everything else needs.
    pub(super) fn failed(failure: &Failure, rows: Vec<Row>) -> RunOutcome {
        let key_refused = match failure {
            Failure::KeyRefused { vendor, .. } => Some(*vendor),
            _ => None,
        };
        RunOutcome { key_refused, ..RunOutcome::with(RunStatus::Failed, failure.to_string(), rows) }
    }

    pub(super) fn with(status: RunStatus, reason: impl Into<String>, mut rows: Vec<Row>) -> RunOutcome {
        in_order(&mut rows);
        RunOutcome { status, reason: Some(reason.into()), would_hold: None, rows, answer: None, log: Vec::new(), key_refused: None }
    }

    /// How a run ended that was cancelled while nothing was written yet.
    pub(super) fn before_any_write() -> RunOutcome {
        RunOutcome::with(RunStatus::Cancelled, "stopped before anything was written", Vec::new())
    }

    /// How a run ended that got to the end of its work.
    pub(super) fn by(mut rows: Vec<Row>) -> RunOutcome {
        in_order(&mut rows);
        let status = match Counts::of(&rows) {
            Counts { failed: 0, .. } => RunStatus::Succeeded,
            Counts { created: 0, updated: 0, unchanged: 0, .. } => RunStatus::Failed,
            _ => RunStatus::Partial,
        };
        RunOutcome { status, reason: None, would_hold: None, rows, answer: None, log: Vec::new(), key_refused: None }
    }

    /// How a run ended whose rest is left to whoever takes it up.
    pub(super) fn resting(rows: Vec<Row>) -> RunOutcome {
        RunOutcome { status: RunStatus::Running, ..RunOutcome::by(rows) }
    }

    /// The same with what was written before the run was taken up.
    pub(super) fn after(self, resumed_rows: HashMap<SmolStr, Row>) -> RunOutcome {
        if resumed_rows.is_empty() {
            return self;
        }
        let mut rows: Vec<Row> = resumed_rows.into_values().chain(self.rows).collect();
        in_order(&mut rows);
        // How it came out is said by its rows, unless something else ended it.
        let status =
            if self.reason.is_none() && self.status != RunStatus::Running { RunOutcome::by(rows.clone()).status } else { self.status };
        RunOutcome { status, rows, ..self }
    }

    /// The same with what a script answered and said.
    pub(super) fn with_script(self, answer: Option<String>, log: Vec<LogLine>) -> RunOutcome {
        RunOutcome { answer, log, ..self }
    }
}

/// Rows in the order of the cases' numbers. Of two about one case the later one holds: the last pass had the last word.
pub(super) fn in_order(rows: &mut Vec<Row>) {
    // What is no case number comes last, in the order of its text.
    let number = |row: &Row| match row.integration_id.parse::<u64>() {
        Ok(number) if !row.integration_id.starts_with(['0', '+']) => Ok(number),
        _ => Err(row.integration_id.clone()),
    };
    rows.sort_by_cached_key(number);
    rows.dedup_by(|later, kept| {
        let same = later.integration_id == kept.integration_id;
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
}
