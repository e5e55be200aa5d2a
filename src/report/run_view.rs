//! A run as JSON, the same from every command and from the API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Counts, LogLine, Row, RowResult, Run};
use crate::mail::MailView;

/// Up to so many rows are all shown; of more, only those that changed something or have a reason.
pub const ROWS_SHOWN: usize = 100;

/// A run as JSON.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
pub struct RunView<'a> {
    run_id: &'a str,
    firm: &'a str,
    kind: &'static str,
    revision: &'a str,
    dry_run: bool,
    status: &'static str,
    /// Why the run as a whole came out so, if there is something to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// What a script answered at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
    /// The run that this one takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    undoes: Option<&'a str>,
    report: Option<String>,
    counts: Counts,
    started_at: String,
    finished_at: Option<String>,
    rows: Vec<&'a Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_hold: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_notices: Option<ClientNotices>,
    /// What a script said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    log: Vec<LogView<'a>>,
    /// What became of the mail about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<MailView>,
}

/// Something that a script said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogLine)]
struct LogView<'a> {
    level: &'static str,
    text: &'a str,
}

/// What clients would notice.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ClientNotices {
    /// Clients who would get a survey because their case moves to another stage.
    pub stage_moves: usize,
    /// Clients whose case would be closed.
    pub closures: usize,
    /// Clients who would be invited to the app.
    pub invitations: usize,
}

impl ClientNotices {
    /// Those of what these rows say.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> ClientNotices {
        rows.into_iter().fold(ClientNotices::default(), |notices, row| ClientNotices {
            stage_moves: notices.stage_moves + usize::from(row.stage_to.is_some()),
            closures: notices.closures + usize::from(row.closes),
            invitations: notices.invitations + usize::from(row.result == RowResult::Created),
        })
    }
}

impl<'a> RunView<'a> {
    /// A run, its counts and all its rows.
    pub fn new(run: &'a Run, counts: Counts, rows: &'a [Row], report: Option<&std::path::Path>) -> RunView<'a> {
        let all = rows.len() <= ROWS_SHOWN;
        RunView {
            run_id: &run.id.0,
            firm: run.firm.as_str(),
            kind: run.kind.as_str(),
            revision: &run.revision.0,
            dry_run: run.dry_run,
            status: run.status.as_str(),
            reason: run.reason.as_deref(),
            answer: run.answer.as_deref(),
            undoes: run.undoes.as_ref().map(|run| run.0.as_str()),
            report: report.map(|report| report.display().to_string()),
            counts,
            started_at: run.started_at.to_string(),
            finished_at: run.finished_at.map(|at| at.to_string()),
            rows: rows.iter().filter(|row| all || row.is_eventful()).collect(),
            would_hold: run.would_hold,
            client_notices: run.dry_run.then(|| ClientNotices::of(rows)),
            log: Vec::new(),
            mail: None,
        }
    }

    /// The same with what a script said.
    pub fn saying(mut self, log: &'a [LogLine]) -> RunView<'a> {
        self.log = log.iter().map(|line| LogView { level: if line.warns { "warn" } else { "info" }, text: &line.text }).collect();
        self
    }

    /// The same with what became of the mail about it.
    pub fn mailed(self, mail: Option<MailView>) -> RunView<'a> {
        RunView { mail, ..self }
    }
}
