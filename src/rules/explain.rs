//! How each attribute of a case comes to be: both values, the rule, the outcome.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::plan::{AreaFound, practice_area};
use super::{CasePlan, FirmRules};
use crate::domain::{Attribute, Case, Changes, Directory, Email, ExistingCase, Origin, PeerCaseStatus, StaffRole};

/// One attribute of a case, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExplainedAttribute)]
pub struct Explained {
    /// Its name in the rules.
    pub attribute: &'static str,
    /// What CASEpeer has.
    pub casepeer: String,
    /// What Case Status has.
    pub case_status: String,
    /// The line that decides it.
    pub rule: Option<String>,
    /// What a sync does with it, in words.
    pub outcome: String,
}

/// Explains every attribute of a planned case.
pub fn explain(rules: &FirmRules, directory: &Directory, case: &Case, existing: &ExistingCase, plan: &CasePlan) -> Vec<Explained> {
    let explained = Attribute::ALL.map(|attribute| {
        let notes: Vec<_> = plan.notes.iter().filter(|note| note.attribute == Some(attribute)).collect();
        let rule = notes.iter().find_map(|note| note.rule.clone()).or_else(|| rule(rules, directory, case, attribute));
        let mut outcome = if !rules.sync.attributes.has(attribute) {
            "not synced: sync.attributes leaves it out".to_owned()
        } else if plan.changes.has(attribute) {
            format!("changes to {}", wanted(&plan.changes, attribute))
        } else if plan.refused {
            "not written: the case is refused".to_owned()
        } else if notes.is_empty() {
            "the same on both sides".to_owned()
        } else {
            String::new()
        };
        for note in notes {
            if !outcome.is_empty() {
                outcome.push_str("; ");
            }
            outcome.push_str(&note.text);
        }
        Explained {
            attribute: attribute.as_str(),
            casepeer: in_casepeer(case, attribute),
            case_status: in_case_status(existing, attribute),
            rule: rule.map(|rule| rule.to_string()),
            outcome,
        }
    });
    let about_the_case = plan.notes.iter().filter(|note| note.attribute.is_none()).map(|note| Explained {
        attribute: "case",
        casepeer: String::new(),
        case_status: String::new(),
        rule: note.rule.as_ref().map(Origin::to_string),
        outcome: note.text.clone(),
    });
    explained.into_iter().chain(about_the_case).collect()
}

fn rule(rules: &FirmRules, directory: &Directory, case: &Case, attribute: Attribute) -> Option<Origin> {
    let attributes = &rules.sync.attributes;
    if !attributes.has(attribute) {
        return Some(rules.sync.attributes_origin.clone());
    }
    let mapped = match attribute {
        Attribute::Stage => rules.stages.target(&case.case_type, &case.stage).map(|target| &target.origin),
        Attribute::PracticeArea => match practice_area(rules, directory, case) {
            AreaFound::Is(_, origin) | AreaFound::Unknown(_, origin) => Some(origin),
            AreaFound::Unmapped(_, unmapped) => Some(&unmapped.origin),
        },
        _ => None,
    };
    mapped.or_else(|| attributes.origin(attribute)).cloned()
}

fn in_casepeer(case: &Case, attribute: Attribute) -> String {
    match attribute {
        Attribute::Stage => case.stage.to_string(),
        Attribute::Status => match (case.status, case.closed_on) {
            (PeerCaseStatus::Open, _) => "open".to_owned(),
            (PeerCaseStatus::Closed, Some(date)) => format!("closed on {date}"),
            (PeerCaseStatus::Closed, None) => "closed".to_owned(),
        },
        Attribute::PrimaryAttorney => people(case.staff_emails(StaffRole::PrimaryAttorney)),
        Attribute::AdditionalAttorneys => people(case.staff_emails(StaffRole::Attorney)),
        Attribute::Paralegals => people(case.staff_emails(StaffRole::Paralegal)),
        Attribute::Description => text(case.description.as_deref()),
        Attribute::PracticeArea => case.case_type.to_string(),
        Attribute::CaseDate => date(case.opened_on),
        Attribute::ReadableId => case.case_number.to_string(),
    }
}

fn in_case_status(existing: &ExistingCase, attribute: Attribute) -> String {
    match attribute {
        Attribute::Stage => existing.stage.to_string(),
        Attribute::Status => existing.status.to_string(),
        Attribute::PrimaryAttorney => existing.primary_attorney.to_string(),
        Attribute::AdditionalAttorneys => people(&existing.additional_attorneys),
        Attribute::Paralegals => people(&existing.paralegals),
        Attribute::Description => text(existing.description.as_deref()),
        Attribute::PracticeArea => existing.practice_area.to_string(),
        Attribute::CaseDate => date(existing.case_date),
        Attribute::ReadableId => existing.readable_id.to_string(),
    }
}

fn wanted(changes: &Changes, attribute: Attribute) -> String {
    let value = match attribute {
        Attribute::Stage => changes.stage.map(|stage| stage.to_string()),
        Attribute::Status => changes.status.map(|status| match changes.closed_date {
            Some(Some(date)) => format!("{status} on {date}"),
            _ => status.to_string(),
        }),
        Attribute::PrimaryAttorney => changes.primary_attorney.as_ref().map(Email::to_string),
        Attribute::AdditionalAttorneys => changes.additional_attorneys.as_ref().map(people),
        Attribute::Paralegals => changes.paralegals.as_ref().map(people),
        Attribute::Description => changes.description.as_ref().map(|description| text(description.as_deref())),
        Attribute::PracticeArea => changes.practice_area.as_ref().map(ToString::to_string),
        Attribute::CaseDate => changes.case_date.map(date),
        Attribute::ReadableId => changes.readable_id.as_ref().map(ToString::to_string),
    };
    value.unwrap_or_default()
}

fn people<'a>(emails: impl IntoIterator<Item = &'a Email>) -> String {
    let emails: Vec<&str> = emails.into_iter().map(Email::as_str).collect();
    if emails.is_empty() { "nobody".to_owned() } else { emails.join(", ") }
}

fn text(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or("none").to_owned()
}

fn date(date: Option<Date>) -> String {
    date.map_or_else(|| "none".to_owned(), |date| date.to_string())
}
