//! What an update would change in Case Status: only the attributes that differ.

use std::fmt::Write as _;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::named;
use super::{Email, ExistingCase, ExistingStatus, Name, Stage};

named! {
    /// The attributes that a sync keeps in step, by the names that `sync.attributes` uses (by the vendors' help pages).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Attribute {
        /// The stage number.
        Stage => "stage",
        /// Open or closed.
        Status => "status",
        /// The primary attorney.
        PrimaryAttorney => "primary_attorney",
        /// The additional attorneys.
        AdditionalAttorneys => "additional_attorneys",
        /// The paralegals.
        Paralegals => "paralegals",
        /// The description.
        Description => "description",
        /// The practice area.
        PracticeArea => "practice_area",
        /// The case date.
        CaseDate => "case_date",
        /// The readable ID.
        ReadableId => "readable_id",
    }
}

/// New values for the attributes that are to change; `None` leaves one as it is. Two levels mean: change it, to nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// The stage; each write of one sends the client a survey.
    pub stage: Option<Stage>,
    /// Closing, reopening, releasing a hold.
    pub status: Option<ExistingStatus>,
    /// Goes with closing.
    pub closed_date: Option<Option<Date>>,
    /// The primary attorney.
    pub primary_attorney: Option<Email>,
    /// All additional attorneys.
    pub additional_attorneys: Option<Vec<Email>>,
    /// All paralegals.
    pub paralegals: Option<Vec<Email>>,
    /// The description.
    pub description: Option<Option<SmolStr>>,
    /// The practice area.
    pub practice_area: Option<Name>,
    /// The case date.
    pub case_date: Option<Option<Date>>,
    /// The readable ID.
    pub readable_id: Option<SmolStr>,
}

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.stage.is_none()
            && self.status.is_none()
            && self.closed_date.is_none()
            && self.primary_attorney.is_none()
            && self.additional_attorneys.is_none()
            && self.paralegals.is_none()
            && self.description.is_none()
            && self.practice_area.is_none()
            && self.case_date.is_none()
            && self.readable_id.is_none()
    }

    /// Whether it closes the case.
    pub fn closes(&self) -> bool {
        self.status == Some(ExistingStatus::Closed)
    }

    /// Whether the client would notice in a way that counts for the guard: a stage move or a closure.
    pub fn moves(&self) -> bool {
        self.stage.is_some() || self.closes()
    }

    /// Whether `attribute` changes.
    pub fn has(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Stage => self.stage.is_some(),
            Attribute::Status => self.status.is_some() || self.closed_date.is_some(),
            Attribute::PrimaryAttorney => self.primary_attorney.is_some(),
            Attribute::AdditionalAttorneys => self.additional_attorneys.is_some(),
            Attribute::Paralegals => self.paralegals.is_some(),
            Attribute::Description => self.description.is_some(),
            Attribute::PracticeArea => self.practice_area.is_some(),
            Attribute::CaseDate => self.case_date.is_some(),
            Attribute::ReadableId => self.readable_id.is_some(),
        }
    }

    /// What of these changes `held` does not have yet: all that may be sent after a write whose answer is unknown.
    pub fn still_missing(&self, held: &ExistingCase) -> Changes {
        let status = self.status.filter(|status| held.status != *status);
        // A closing has its date beside it, also where a case that is on hold has that date already.
        let closed_date = self.closed_date.filter(|date| status.is_some() || held.closed_date != *date);
        Changes {
            stage: self.stage.filter(|stage| held.stage != *stage),
            status,
            closed_date,
            primary_attorney: self.primary_attorney.clone().filter(|email| held.primary_attorney != *email),
            additional_attorneys: self.additional_attorneys.clone().filter(|emails| !same_people(&held.additional_attorneys, emails)),
            paralegals: self.paralegals.clone().filter(|emails| !same_people(&held.paralegals, emails)),
            description: self.description.clone().filter(|text| held.description.as_deref() != text.as_deref()),
            practice_area: self.practice_area.clone().filter(|name| held.practice_area != *name),
            case_date: self.case_date.filter(|date| held.case_date != *date),
            readable_id: self.readable_id.clone().filter(|id| held.readable_id != *id),
        }
    }

    /// What these changes and the others have in common, value by value.
    pub fn in_common(&self, other: &Changes) -> Changes {
        let other = other.clone();
        Changes {
            stage: self.stage.filter(|value| other.stage == Some(*value)),
            status: self.status.filter(|value| other.status == Some(*value)),
            closed_date: self.closed_date.filter(|value| other.closed_date == Some(*value)),
            primary_attorney: other.primary_attorney.filter(|value| self.primary_attorney.as_ref() == Some(value)),
            additional_attorneys: other.additional_attorneys.filter(|value| self.additional_attorneys.as_ref() == Some(value)),
            paralegals: other.paralegals.filter(|value| self.paralegals.as_ref() == Some(value)),
            description: other.description.filter(|value| self.description.as_ref() == Some(value)),
            practice_area: other.practice_area.filter(|value| self.practice_area.as_ref() == Some(value)),
            case_date: self.case_date.filter(|value| other.case_date == Some(*value)),
            readable_id: other.readable_id.filter(|value| self.readable_id.as_ref() == Some(value)),
        }
    }

    /// These changes less the values that `left_out` has.
    pub fn without(self, left_out: &Changes) -> Changes {
        Changes {
            stage: self.stage.filter(|_| left_out.stage.is_none()),
            status: self.status.filter(|_| left_out.status.is_none()),
            closed_date: self.closed_date.filter(|_| left_out.closed_date.is_none()),
            primary_attorney: self.primary_attorney.filter(|_| left_out.primary_attorney.is_none()),
            additional_attorneys: self.additional_attorneys.filter(|_| left_out.additional_attorneys.is_none()),
            paralegals: self.paralegals.filter(|_| left_out.paralegals.is_none()),
            description: self.description.filter(|_| left_out.description.is_none()),
            practice_area: self.practice_area.filter(|_| left_out.practice_area.is_none()),
            case_date: self.case_date.filter(|_| left_out.case_date.is_none()),
            readable_id: self.readable_id.filter(|_| left_out.readable_id.is_none()),
        }
    }

    /// What makes `held` like `wanted`.
    pub fn between(held: &ExistingCase, wanted: &ExistingCase) -> Changes {
        let wanted = wanted.clone();
        let all = Changes {
            stage: Some(wanted.stage),
            status: Some(wanted.status),
            closed_date: Some(wanted.closed_date),
            primary_attorney: Some(wanted.primary_attorney),
            additional_attorneys: Some(wanted.additional_attorneys),
            paralegals: Some(wanted.paralegals),
            description: Some(wanted.description),
            practice_area: Some(wanted.practice_area),
            case_date: Some(wanted.case_date),
            readable_id: Some(wanted.readable_id),
        };
        all.still_missing(held)
    }

    /// These changes with the values that `held` has: what takes them back.
    pub fn taken_back(&self, held: &ExistingCase) -> Changes {
        let held = held.clone();
        Changes {
            stage: self.stage.map(|_| held.stage),
            status: self.status.map(|_| held.status),
            closed_date: self.closed_date.map(|_| held.closed_date),
            primary_attorney: self.primary_attorney.as_ref().map(|_| held.primary_attorney),
            additional_attorneys: self.additional_attorneys.as_ref().map(|_| held.additional_attorneys),
            paralegals: self.paralegals.as_ref().map(|_| held.paralegals),
            description: self.description.as_ref().map(|_| held.description),
            practice_area: self.practice_area.as_ref().map(|_| held.practice_area),
            case_date: self.case_date.map(|_| held.case_date),
            readable_id: self.readable_id.as_ref().map(|_| held.readable_id),
        }
    }

    /// These changes with those of `over` in place of its attributes.
    pub fn overlaid(self, over: Changes) -> Changes {
        Changes {
            stage: over.stage.or(self.stage),
            status: over.status.or(self.status),
            closed_date: over.closed_date.or(self.closed_date),
            primary_attorney: over.primary_attorney.or(self.primary_attorney),
            additional_attorneys: over.additional_attorneys.or(self.additional_attorneys),
            paralegals: over.paralegals.or(self.paralegals),
            description: over.description.or(self.description),
            practice_area: over.practice_area.or(self.practice_area),
            case_date: over.case_date.or(self.case_date),
            readable_id: over.readable_id.or(self.readable_id),
        }
    }

    /// These changes without one attribute; a closing takes its date along.
    pub fn leave_out(&mut self, attribute: Attribute) {
        match attribute {
            Attribute::Stage => self.stage = None,
            Attribute::Status => (self.status, self.closed_date) = (None, None),
            Attribute::PrimaryAttorney => self.primary_attorney = None,
            Attribute::AdditionalAttorneys => self.additional_attorneys = None,
            Attribute::Paralegals => self.paralegals = None,
            Attribute::Description => self.description = None,
            Attribute::PracticeArea => self.practice_area = None,
            Attribute::CaseDate => self.case_date = None,
            Attribute::ReadableId => self.readable_id = None,
        }
    }

    /// `held` as it would be with these changes.
    pub fn applied_to(&self, held: &ExistingCase) -> ExistingCase {
        let changes = self.clone();
        let held = held.clone();
        ExistingCase {
            stage: changes.stage.unwrap_or(held.stage),
            status: changes.status.unwrap_or(held.status),
            closed_date: changes.closed_date.unwrap_or(held.closed_date),
            primary_attorney: changes.primary_attorney.unwrap_or(held.primary_attorney),
            additional_attorneys: changes.additional_attorneys.unwrap_or(held.additional_attorneys),
            paralegals: changes.paralegals.unwrap_or(held.paralegals),
            description: changes.description.unwrap_or(held.description),
            practice_area: changes.practice_area.unwrap_or(held.practice_area),
            case_date: changes.case_date.unwrap_or(held.case_date),
            readable_id: changes.readable_id.unwrap_or(held.readable_id),
            ..held
        }
    }

    /// As a row says it: `stage: 3 → 4; status: open → closed; description`. Texts and people are named without their values.
    pub fn describe(&self, held: &ExistingCase) -> String {
        let mut text = String::new();
        for attribute in Attribute::ALL.into_iter().filter(|attribute| self.has(*attribute)) {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(attribute.as_str());
            // Writing to a String cannot fail.
            let _ = match attribute {
                Attribute::Stage => write!(text, ": {} → {}", held.stage, self.stage.unwrap_or(held.stage)),
                Attribute::Status => match self.status {
                    Some(status) => write!(text, ": {} → {status}", held.status),
                    None => write!(text, ": closed on {}", date(self.closed_date.flatten())),
                },
                Attribute::PracticeArea => {
                    write!(text, ": {} → {}", held.practice_area, self.practice_area.as_ref().unwrap_or(&held.practice_area))
                }
                Attribute::ReadableId => {
                    write!(text, ": {} → {}", held.readable_id, self.readable_id.as_ref().unwrap_or(&held.readable_id))
                }
                Attribute::CaseDate => write!(text, ": {} → {}", date(held.case_date), date(self.case_date.flatten())),
                _ => Ok(()),
            };
        }
        text
    }
}

/// Whether both lists name the same people, in whatever order.
pub(crate) fn same_people(one: &[Email], other: &[Email]) -> bool {
    one.iter().all(|email| other.contains(email)) && other.iter().all(|email| one.contains(email))
}

fn date(date: Option<Date>) -> String {
    date.map_or_else(|| "none".to_owned(), |date| date.to_string())
}
