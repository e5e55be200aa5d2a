//! A run as people read it: one line that says how it went, then the cases that someone should look at.

use std::fmt::Write as _;

use crate::domain::{FixBy, Row, RowResult, RunStatus};
use crate::report::{ROWS_SHOWN, RunView};
use crate::runs::RunReport;

use super::{Context, Exit, output};

/// Shows a run that has ended, or was looked up, and answers its exit code.
pub(super) fn show(context: &Context, finished: &RunReport) -> Exit {
    if context.json {
        output::json(&view(finished));
    } else {
        output::text(as_text(finished));
    }
    match &finished.unwritten {
        Some(unwritten) => {
            eprintln!("error: {unwritten}");
            Exit::Failed
        }
        None => finished.run.status.into(),
    }
}

/// A run as JSON.
pub(super) fn view(finished: &RunReport) -> RunView<'_> {
    RunView::new(&finished.run, finished.counts, &finished.rows, finished.report.as_deref()).saying(&finished.log)
}

/// A run in words.
pub(super) fn as_text(finished: &RunReport) -> String {
    let RunReport { run, counts, rows, report, .. } = finished;
    let mut text = String::new();
    let dry = if run.dry_run { ", nothing written" } else { "" };
    let _ = writeln!(
        text,
        "{} {}: {}{dry} — {}",
        run.firm,
        run.kind.as_str().replace('_', " "),
        run.status.as_str(),
        counts.in_words(run.dry_run)
    );
    if let Some(reason) = &run.reason {
        let _ = writeln!(text, "  {reason}");
    }
    if let Some(answer) = &run.answer {
        let _ = writeln!(text, "  {}", printable(answer));
    }
    let shown: Vec<&Row> = rows.iter().filter(|row| row.is_eventful()).collect();
    for row in shown.iter().take(ROWS_SHOWN) {
        text.push_str(&line(row, run.dry_run));
    }
    if shown.len() > ROWS_SHOWN {
        let _ = writeln!(text, "  … and {} more, all in the CSV", shown.len() - ROWS_SHOWN);
    }
    if run.would_hold == Some(true) {
        let _ = writeln!(text, "  The run would be held until someone approves it.");
    }
    let csv = report.as_ref().map(|report| format!(", CSV {}", report.display())).unwrap_or_default();
    let _ = writeln!(text, "  run {}, rules {}{csv}", run.id, run.revision);
    if run.status == RunStatus::Held {
        // A script that does more in earnest than it showed is stopped on its way.
        let nothing = if counts.created + counts.updated == 0 { "Nothing was written. " } else { "" };
        let _ = writeln!(text, "  {nothing}After looking at the moves: casebridge runs approve {}", run.id);
    }
    text
}

fn line(row: &Row, dry_run: bool) -> String {
    let result = match row.result {
        RowResult::Created if dry_run => "to create",
        RowResult::Updated if dry_run => "to update",
        result => result.as_str(),
    };
    let who = format!("{} {}", printable(&row.readable_id), printable(&row.client));
    let line = format!("  {:>8}  {result:<9}  {:<34}  {}", row.integration_id, who.trim(), printable(&row.changes));
    let mut text = format!("{}\n", line.trim_end());
    if let Some(reason) = &row.reason {
        let rule = row.rule.as_ref().map(|rule| format!(" ({rule})")).unwrap_or_default();
        let fix_by = match row.fix_by {
            Some(FixBy::Firm) => " → the firm's staff",
            Some(FixBy::Support) => " → support",
            None => "",
        };
        let _ = writeln!(text, "                       {}{rule}{fix_by}", printable(reason));
    }
    text
}

/// Text from a vendor as a terminal may show it: no control characters, which could move the cursor or worse.
pub(super) fn printable(text: &str) -> String {
    // What turns the direction of text could show another order than there is.
    let turns = |letter| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|letter| if letter.is_control() || turns(letter) { ' ' } else { letter }).collect()
}
