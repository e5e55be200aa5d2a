//! How passes end, which come to a case several times: one row a case, however many messages or documents it got.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::RunError;
use super::active_run::ActiveRun;
use super::planned::row;
use super::run_outcome::{RunOutcome, RunReport};
use crate::domain::{CaseId, FixBy, Row, RowResult, RunStatus};
use crate::vendors::Failure;

/// What became of each case so far.
#[derive(Debug, Default)]
pub(super) struct CaseSummary(BTreeMap<CaseId, Tally>);

#[derive(Debug, Default)]
struct Tally {
    done: u32,
    named: Vec<String>,
    failed: bool,
    reasons: Vec<String>,
    fix_by: Option<FixBy>,
}

/// Names that a row lists at most.
const NAMED: usize = 5;

impl CaseSummary {
    /// One more thing was done for a case.
    pub(super) fn done(&mut self, case: CaseId) {
        self.0.entry(case).or_default().done += 1;
    }

    /// One more thing that has a name was done for a case.
    pub(super) fn done_named(&mut self, case: CaseId, name: &str) {
        let tally = self.0.entry(case).or_default();
        tally.done += 1;
        if tally.named.len() < NAMED {
            tally.named.push(name.to_owned());
        }
    }

    /// Something could not be done for a case.
    pub(super) fn failed(&mut self, case: CaseId, reason: &str, fix_by: Option<FixBy>) {
        let tally = self.0.entry(case).or_default();
        tally.failed = true;
        tally.fix_by = tally.fix_by.or(fix_by);
        if tally.reasons.len() < NAMED && !tally.reasons.iter().any(|known| known == reason) {
            tally.reasons.push(reason.to_owned());
        }
    }

    /// Ends a pass that read its feed, unless a vendor kept it from that, and delivered what waited, unless a vendor stopped that; `what`
    /// is one of the things done, in the singular.
    pub(super) async fn end(
        active_run: ActiveRun,
        what: &str,
        unread: Option<Failure>,
        delivered: Result<(CaseSummary, Option<Failure>), RunError>,
    ) -> Result<RunReport, RunError> {
        let (cases, stopped) = match delivered {
            Ok(delivered) => delivered,
            Err(error) => return active_run.end_with(Err(error)).await,
        };
        let rows = cases.rows(what);
        active_run.store().put_rows(&active_run.run.id, &rows, Timestamp::now()).await?;
        let ended = match unread.or(stopped) {
            _ if active_run.is_cancelled() => RunOutcome::with(RunStatus::Cancelled, "stopped; the next pass goes on", rows),
            Some(failure) => RunOutcome::failed(&failure, rows),
            None => RunOutcome::by(rows),
        };
        active_run.end(ended).await
    }

    fn rows(self, what: &str) -> Vec<Row> {
        self.0.into_iter().map(|(case, tally)| tally.row(case, what)).collect()
    }
}

impl Tally {
    fn row(self, case: CaseId, what: &str) -> Row {
        let result = if self.failed { RowResult::Failed } else { RowResult::Updated };
        let mut changes = match self.done {
            0 => String::new(),
            1 => format!("1 {what}"),
            more => format!("{more} {what}s"),
        };
        if !self.named.is_empty() {
            changes = format!("{changes}: {}", self.named.join(", "));
        }
        let reason = (!self.reasons.is_empty()).then(|| self.reasons.join("; "));
        Row { changes, reason, fix_by: self.fix_by, ..row(case, "", "", result) }
    }
}
