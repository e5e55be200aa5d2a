//! The letter about a run: how it went, how many cases came out how, whom they need, and the CSV.

use jiff::SignedDuration;

use super::letter::{Csv, Letter, one_line};
use crate::domain::{Counts, FirmId, FixBy, Kind, Row, Run, RunStatus};

/// A firm as letters speak of it.
#[derive(Debug, Clone, Copy)]
pub struct FirmName<'a> {
    /// What it is called in commands and files.
    pub id: &'a FirmId,
    /// What people call it.
    pub name: &'a str,
}

/// A run and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct RunMail<'a> {
    /// What people call the firm.
    pub firm_name: &'a str,
    /// The run.
    pub run: &'a Run,
    /// How many cases came out how.
    pub counts: Counts,
    /// Every row.
    pub rows: &'a [Row],
    /// The content of its CSV; `None` where there is none any more.
    pub csv: Option<&'a [u8]>,
}

/// The letter for whoever asked to hear of a run.
pub fn run_letter(report: &RunMail<'_>) -> Letter {
    report.letter(&[])
}

impl RunMail<'_> {
    /// The letter, with `advice` before what it says about the CSV.
    pub(super) fn letter(&self, advice: &[String]) -> Letter {
        let mut parts = vec![self.outcome(), self.tally()];
        parts.extend(self.needed());
        parts.extend_from_slice(advice);
        parts.push(self.closing());
        let csv = self.csv.map(|content| Csv { name: format!("{}-{}.csv", self.run.firm, self.run.id), content: content.to_vec() });
        Letter::new(&self.subject(), &(parts.join("\n\n") + "\n")).with(csv)
    }

    fn subject(&self) -> String {
        let dry = if self.run.dry_run { ", nothing written" } else { "" };
        let (kind, status) = (kind(self.run.kind), self.run.status.as_str());
        format!("{}: {kind} {status}{dry} ({})", self.firm_name, self.counts.in_words(self.run.dry_run))
    }

    fn outcome(&self) -> String {
        let how = match self.run.status {
            RunStatus::Succeeded => "went well.",
            RunStatus::Partial => "went through in part: some cases failed.",
            RunStatus::Failed => "failed.",
            RunStatus::Held => "is held until someone approves it. Nothing was written.",
            RunStatus::Cancelled => "was stopped before its end.",
            RunStatus::Interrupted => "was cut off before its end.",
            RunStatus::Running => "is still at work.",
            RunStatus::Queued => "waits for its turn.",
        };
        let mut text = format!("The {} of {} {how}", kind(self.run.kind), one_line(self.firm_name));
        for said in [&self.run.reason, &self.run.answer].into_iter().flatten() {
            text += &format!("\n{}", one_line(said));
        }
        text
    }

    fn tally(&self) -> String {
        let Counts { created, updated, unchanged, held, failed, skipped, .. } = self.counts;
        let dry = self.run.dry_run;
        let lines = [
            (created, if dry { "would be created" } else { "created" }),
            (updated, if dry { "would be updated" } else { "updated" }),
            (unchanged, "unchanged"),
            (held, "held"),
            (failed, "failed"),
            (skipped, "skipped: one of the two sides lacks them"),
        ];
        let lines: Vec<String> = lines.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count:>6}  {name}")).collect();
        if lines.is_empty() { "No case was looked at.".to_owned() } else { format!("Cases\n{}", lines.join("\n")) }
    }

    /// Whom the cases need. A run that did not do its work needs someone whatever its rows say, and its outcome has said so.
    fn needed(&self) -> Option<String> {
        let count = |who| self.rows.iter().filter(|row| row.fix_by == Some(who)).count();
        let lines = [
            (count(FixBy::Firm), "the firm's staff, in CASEpeer or Case Status"),
            (count(FixBy::Support), "integration support, in the rules"),
        ];
        let lines: Vec<String> = lines.iter().filter(|(count, _)| *count > 0).map(|(count, who)| format!("{count:>6}  {who}")).collect();
        match self.run.status {
            _ if !lines.is_empty() => Some(format!("Cases that need somebody\n{}", lines.join("\n"))),
            RunStatus::Succeeded => Some("No case needs anybody.".to_owned()),
            _ => None,
        }
    }

    fn closing(&self) -> String {
        let run = self.run;
        let csv = match self.csv {
            Some(_) => "The attached CSV has every case: what was changed, why it came out so, and who can put it right.",
            None => "The CSV of this run is not there any more.",
        };
        let took = run.finished_at.map(|end| SignedDuration::from_secs(end.duration_since(run.started_at).as_secs().max(1)));
        let took = took.map(|took| format!(", took {took:#}")).unwrap_or_default();
        format!(
            "{csv}\n\nRun {}, rules {}, begun {}{took}.\nTo see it again: casebridge runs show {}",
            run.id,
            run.revision,
            run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            run.id
        )
    }
}

/// What a kind of run is called in a sentence.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Sync => "sync",
        Kind::SyncCase => "sync of one case",
        Kind::Connect => "connect",
        Kind::Migration => "migration",
        Kind::Undo => "undo",
        Kind::Messages => "pass over messages",
        Kind::Outbox => "pass over the outbox",
        Kind::Documents => "pass over documents",
        Kind::StageSync => "stage sync",
    }
}
