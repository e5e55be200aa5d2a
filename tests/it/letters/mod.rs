//! Every letter word for word, and what odd text comes to in a message's headers.

mod connects;
mod headers;
mod notices;
mod runs;

use casebridge::domain::{Counts, FirmId, FixBy, Kind, Revision, Row, RowResult, Run, RunId, RunStatus};
use casebridge::mail::{Letter, RunMail};

/// A letter as a reader sees it.
fn read(letter: &Letter) -> String {
    let csv = letter.csv().map(|csv| format!("\n[{}]\n", csv.name)).unwrap_or_default();
    format!("{}\n\n{}{csv}", letter.subject(), letter.text())
}

fn firm() -> FirmId {
    FirmId::new("hartwell").expect("a name")
}

fn revision() -> Revision {
    Revision("e147cdf91d4c".into())
}

/// A run that ended so.
fn run(status: RunStatus) -> Run {
    Run {
        id: RunId("20261124-024946-an33".to_owned()),
        firm: firm(),
        kind: Kind::Sync,
        revision: revision(),
        dry_run: false,
        status,
        reason: None,
        cases: Vec::new(),
        started_at: "2026-11-24T02:49:46.120Z".parse().expect("a time"),
        finished_at: Some("2026-11-24T02:50:58.9Z".parse().expect("a time")),
        would_hold: None,
        undoes: None,
        answer: None,
    }
}

/// So many rows with this result, each of which needs this one.
fn rows(result: RowResult, fix_by: Option<FixBy>, count: usize) -> Vec<Row> {
    let row = Row {
        integration_id: "48213".into(),
        readable_id: "PI-2024-0113".into(),
        client: "Jane Zyskowski".into(),
        result,
        changes: String::new(),
        reason: fix_by.map(|_| "the client's phone number is not valid".to_owned()),
        rule: None,
        fix_by,
        stage_to: None,
        closes: false,
    };
    vec![row; count]
}

/// What a run and its rows come to in a report, with a CSV.
fn report<'a>(run: &'a Run, rows: &'a [Row]) -> RunMail<'a> {
    RunMail { firm_name: "Hartwell Injury Law", run, counts: Counts::of(rows), rows, csv: Some(b"integration_id\n") }
}
