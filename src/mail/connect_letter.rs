//! The letter to whoever asked for a case to be connected: what was pushed, or everything that stands in the way and who can put it right.

use super::letter::{Letter, one_line};
use super::run_letter::RunMail;
use crate::domain::{CaseId, Email, FixBy, NewCase, Row, RowResult};

/// What came of a connect of one case.
#[derive(Debug, Clone, Copy)]
pub struct ConnectReport<'a> {
    /// Its run. Its CSV is not looked at.
    pub report: RunMail<'a>,
    /// The case.
    pub case: CaseId,
    /// What Case Status was sent, if the case was created there.
    pub pushed: Option<&'a NewCase>,
}

/// The letter for whoever asked for the connect.
pub fn connect_letter(connect: &ConnectReport<'_>) -> Letter {
    let row = connect.report.rows.first();
    let called = match row.map(|row| row.readable_id.as_str()).filter(|readable| !readable.is_empty()) {
        Some(readable) => format!("case {} ({})", connect.case, one_line(readable)),
        None => format!("case {}", connect.case),
    };
    let firm = one_line(connect.report.firm_name);
    let (subject, text) = match row {
        Some(Row { result: RowResult::Created, .. }) => (
            format!("{firm}: {called} is connected to Case Status"),
            format!("The connect of {called} went well: Case Status has it now, and CASEpeer shows it as connected.\n\n{}", sent(connect)),
        ),
        Some(Row { result: RowResult::Updated, .. }) => (
            format!("{firm}: {called} is connected to Case Status"),
            format!("Case Status had {called} before. It is marked as connected in CASEpeer now, and nothing was sent to Case Status."),
        ),
        Some(Row { result: RowResult::Unchanged, .. }) => (
            format!("{firm}: {called} was connected to Case Status already"),
            format!("{} is connected to Case Status already. Nothing was written.", capital(&called)),
        ),
        row => (
            format!("{firm}: {called} could not be connected to Case Status"),
            format!("The connect of {called} did not succeed.\n\n{}", problems(connect, row)),
        ),
    };
    let text = format!("{text}\n\nRun {}, rules {}.\n", connect.report.run.id, connect.report.run.revision);
    Letter::new(&subject, &text)
}

/// What was pushed. The client's name and phone are not in it: this is mail.
fn sent(connect: &ConnectReport<'_>) -> String {
    let Some(case) = connect.pushed else { return String::new() };
    let people = |emails: &[Email]| match emails {
        [] => "nobody".to_owned(),
        emails => emails.iter().map(|email| one_line(email.as_str())).collect::<Vec<_>>().join(", "),
    };
    let lines = [
        ("practice area", one_line(&case.practice_area.to_string())),
        ("stage", case.stage.to_string()),
        ("primary attorney", one_line(case.primary_attorney.as_str())),
        ("attorneys", people(&case.additional_attorneys)),
        ("paralegals", people(&case.paralegals)),
        ("case date", case.case_date.map_or_else(|| "none".to_owned(), |date| date.to_string())),
        ("client's phone", if case.phone.is_some() { "sent" } else { "none" }.to_owned()),
    ];
    let lines: Vec<String> = lines.iter().map(|(name, value)| format!("  {name:<17} {value}")).collect();
    let mut text = format!("What was sent, besides the client's details and the description\n{}", lines.join("\n"));
    if let Some(said) = connect.report.rows.first().and_then(|row| row.reason.as_deref()) {
        text += &format!("\n\nWorth knowing\n{}", listed(said));
    }
    text
}

fn problems(connect: &ConnectReport<'_>, row: Option<&Row>) -> String {
    let said = [row.and_then(|row| row.reason.as_deref()), connect.report.run.reason.as_deref()];
    let said: Vec<String> = said.into_iter().flatten().map(listed).collect();
    let said = if said.is_empty() { "  The run ended before the case was looked at.".to_owned() } else { said.join("\n") };
    let who = match row.and_then(|row| row.fix_by) {
        Some(FixBy::Firm) => "The firm's staff can put this right, in CASEpeer or Case Status. Ask for the connect again after that.",
        Some(FixBy::Support) => "Integration support can put this right, in the rules or at the vendor. They find it by the run below.",
        None => {
            "It was tried for as long as it made sense, and may pass by itself: ask for the connect again later, and tell integration \
                 support if it goes on."
        }
    };
    format!("What stands in the way\n{said}\n\nWho can put it right\n  {who}")
}

/// The sentences of a row's reason, a line each.
fn listed(reason: &str) -> String {
    reason.split("; ").map(|sentence| format!("  - {}", one_line(sentence))).collect::<Vec<_>>().join("\n")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
