//! What comes out of a test, held against what should.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::fixture::Fixture;
use super::raw::{Expect, Refused};
use crate::domain::{Changes, NewCase, Note};
use crate::rules::{FirmRules, draft, note_text, plan};

/// Where a test differs: a heading, what was expected, what came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is looked at: `changes`, `notes`, `refused`, `creates`, `phone` or `note_text`.
    pub what: &'static str,
    /// Lines that should have come out and did not.
    pub expected: Vec<String>,
    /// Lines that came out and should not have.
    pub came_out: Vec<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |lines: &[String]| if lines.is_empty() { "nothing else".to_owned() } else { lines.join(", ") };
        write!(formatter, "{}: expected {}, came out {}", self.what, listed(&self.expected), listed(&self.came_out))
    }
}

/// What came of a test's case or message.
struct Outcome {
    changes: Changes,
    creates: Option<NewCase>,
    notes: Vec<Note>,
    refused: bool,
    note_text: Option<String>,
}

/// Runs a test, and answers where it differs.
pub(super) fn differences(rules: &FirmRules, given: &Fixture, expect: &Expect) -> Vec<Difference> {
    let outcome = outcome(rules, given);
    let mut found = Vec::new();
    if let Some(changes) = &expect.changes {
        found.extend(differ("changes", &lines(&changes.value.0), &lines(&outcome.changes)));
    }
    if let Some(creates) = &expect.creates {
        let made = outcome.creates.as_ref().map(created).unwrap_or_default();
        // Only what the test names is looked at: a new case always has everything.
        let wanted = creates.value.0.to_json();
        let made = made.to_json().into_iter().filter(|(name, _)| wanted.contains_key(name));
        let made: Vec<String> = made.map(|(name, value)| line(&name, &value)).collect();
        found.extend(differ("creates", &lines(&creates.value.0), &made));
    }
    if let Some(phone) = &expect.phone {
        let sent: Vec<String> = outcome.creates.as_ref().and_then(|case| case.phone.clone()).into_iter().collect();
        found.extend(differ("phone", std::slice::from_ref(&phone.value), &sent));
    }
    if let Some(notes) = &expect.notes {
        let wanted: Vec<String> = notes.iter().map(|note| note.value.clone()).collect();
        let noted: Vec<String> = outcome.notes.iter().map(|note| note.code.as_str().to_owned()).collect();
        found.extend(differ("notes", &wanted, &noted));
    }
    if let Some(text) = &expect.note_text {
        let shown = |text: &Option<String>| [text.clone().unwrap_or_else(|| "(left out)".to_owned())];
        found.extend(differ("note_text", &shown(&text.value.0), &shown(&outcome.note_text)));
    }
    found.extend(refusal(expect, &outcome));
    found
}

fn outcome(rules: &FirmRules, given: &Fixture) -> Outcome {
    let mut outcome = Outcome { changes: Changes::default(), creates: None, notes: Vec::new(), refused: false, note_text: None };
    if let Some(message) = &given.message {
        match note_text(rules, message) {
            Ok(text) => outcome.note_text = text,
            Err(note) => (outcome.notes, outcome.refused) = (vec![note], true),
        }
        return outcome;
    }
    match &given.existing {
        Some(existing) => {
            let plan = plan(rules, &given.directory, &given.case, existing);
            (outcome.changes, outcome.notes, outcome.refused) = (plan.changes, plan.notes, plan.refused);
        }
        None => match draft(rules, &given.directory, &given.case) {
            Ok(draft) => (outcome.creates, outcome.notes) = (Some(draft.new_case), draft.notes),
            Err(problems) => (outcome.notes, outcome.refused) = (problems, true),
        },
    }
    outcome
}

fn refusal(expect: &Expect, outcome: &Outcome) -> Option<Difference> {
    let reasons = || outcome.notes.iter().map(|note| format!("{}: {}", note.code.as_str(), note.text)).collect::<Vec<_>>();
    let came_out = if outcome.refused { reasons() } else { vec!["it was not refused".to_owned()] };
    let names = |wanted: &str| outcome.notes.iter().any(|note| note.code.as_str() == wanted || note.text.contains(wanted));
    match expect.refused.as_ref().map(|at| &at.value) {
        None | Some(Refused::Is(false)) if outcome.refused => {
            Some(Difference { what: "refused", expected: vec!["it is not refused".to_owned()], came_out })
        }
        Some(Refused::Is(true)) if !outcome.refused => {
            Some(Difference { what: "refused", expected: vec!["it is refused".to_owned()], came_out })
        }
        Some(Refused::Because(wanted)) if !outcome.refused || !wanted.iter().all(|wanted| names(wanted)) => {
            let expected = wanted.iter().filter(|wanted| !outcome.refused || !names(wanted)).cloned().collect();
            Some(Difference { what: "refused", expected, came_out })
        }
        _ => None,
    }
}

/// The lines that only one of both has; order does not matter.
fn differ(what: &'static str, expected: &[String], came_out: &[String]) -> Option<Difference> {
    let mut times: BTreeMap<&str, i64> = BTreeMap::new();
    expected.iter().for_each(|line| *times.entry(line).or_default() += 1);
    came_out.iter().for_each(|line| *times.entry(line).or_default() -= 1);
    let repeated = |line: &str, times: i64| std::iter::repeat_n(line.to_owned(), usize::try_from(times).unwrap_or_default());
    let missing: Vec<String> = times.iter().flat_map(|(line, times)| repeated(line, *times)).collect();
    let surplus: Vec<String> = times.iter().flat_map(|(line, times)| repeated(line, -*times)).collect();
    (!missing.is_empty() || !surplus.is_empty()).then_some(Difference { what, expected: missing, came_out: surplus })
}

/// Attributes as a test writes them, people in one order and without letter case.
fn lines(changes: &Changes) -> Vec<String> {
    changes.to_json().iter().map(|(name, value)| line(name, value)).collect()
}

fn line(name: &str, value: &Value) -> String {
    match value {
        Value::Null => format!("{name}: null"),
        Value::String(text) if name == "primary_attorney" => format!("{name}: {}", text.to_lowercase()),
        Value::String(text) => format!("{name}: {text}"),
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().filter_map(Value::as_str).map(str::to_lowercase).collect();
            items.sort();
            format!("{name}: [{}]", items.join(", "))
        }
        other => format!("{name}: {other}"),
    }
}

/// A new case by the names that it has in common with changes.
fn created(case: &NewCase) -> Changes {
    let NewCase { readable_id, practice_area, stage, primary_attorney, .. } = case.clone();
    Changes {
        stage: Some(stage),
        primary_attorney: Some(primary_attorney),
        additional_attorneys: Some(case.additional_attorneys.clone()),
        paralegals: Some(case.paralegals.clone()),
        description: Some(case.description.clone()),
        practice_area: Some(practice_area),
        case_date: Some(case.case_date),
        readable_id: Some(readable_id),
        ..Changes::default()
    }
}
