//! Why something was left as it is, or refused: what a person reads, the rule behind it, and who can put it right.

use std::fmt;
use std::sync::Arc;

use super::Attribute;

/// Where a rule was written: `rules/hartwell.yaml:12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file as users know it.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// Who can put something right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixBy {
    /// The firm's staff, in CASEpeer or Case Status.
    Firm,
    /// Integration support, in the rules.
    Support,
}

impl FixBy {
    /// As reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            FixBy::Firm => "firm",
            FixBy::Support => "support",
        }
    }

    /// Reads what [`FixBy::as_str`] wrote.
    pub fn parse(text: &str) -> Option<FixBy> {
        [FixBy::Firm, FixBy::Support].into_iter().find(|fix_by| fix_by.as_str() == text)
    }
}

/// One thing to say about a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Which kind, for rule tests.
    pub code: NoteCode,
    /// The attribute it is about, if it is about one.
    pub attribute: Option<Attribute>,
    /// One sentence without a full stop.
    pub text: String,
    /// The rule behind it.
    pub rule: Option<Origin>,
    /// Who can put it right.
    pub fix_by: Option<FixBy>,
}

/// The kinds of notes. Rule tests name them in snake case, such as `unmapped_stage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteCode {
    /// No rule maps the CASEpeer stage.
    UnmappedStage,
    /// The practice area has no such stage.
    StageNotInPracticeArea,
    /// No rule maps the case type, and no practice area is called like it.
    UnmappedPracticeArea,
    /// A rule names a practice area that Case Status lacks.
    UnknownPracticeArea,
    /// CASEpeer names no primary attorney with an e-mail.
    NoAttorney,
    /// The primary attorney is no active attorney in Case Status.
    UnknownAttorney,
    /// An additional attorney is no active attorney in Case Status.
    UnknownAdditionalAttorney,
    /// A paralegal is no active user in Case Status.
    UnknownParalegal,
    /// The case is on hold in Case Status, and the rules leave it so.
    OnHold,
    /// The case is closed in Case Status and open in CASEpeer, and the rules leave it so.
    NotReopened,
    /// CASEpeer has no date for the closing.
    NoClosedDate,
    /// The client has no valid phone number.
    InvalidPhone,
    /// A required field is empty.
    MissingField,
    /// One of the firm's own validation rules says no.
    ValidationRule,
    /// One of the firm's own validation rules could not be evaluated.
    BrokenRule,
    /// The firm's script says no.
    ValidationHook,
    /// The firm's script failed.
    BrokenHook,
    /// A migration asks for an attribute that the rules leave out.
    AttributeLeftOut,
    /// Case Status did not keep this value when it was sent.
    ValueNotKept,
}

impl NoteCode {
    /// As rule tests write it.
    pub fn as_str(self) -> &'static str {
        match self {
            NoteCode::UnmappedStage => "unmapped_stage",
            NoteCode::StageNotInPracticeArea => "stage_not_in_practice_area",
            NoteCode::UnmappedPracticeArea => "unmapped_practice_area",
            NoteCode::UnknownPracticeArea => "unknown_practice_area",
            NoteCode::NoAttorney => "no_attorney",
            NoteCode::UnknownAttorney => "unknown_attorney",
            NoteCode::UnknownAdditionalAttorney => "unknown_additional_attorney",
            NoteCode::UnknownParalegal => "unknown_paralegal",
            NoteCode::OnHold => "on_hold",
            NoteCode::NotReopened => "not_reopened",
            NoteCode::NoClosedDate => "no_closed_date",
            NoteCode::InvalidPhone => "invalid_phone",
            NoteCode::MissingField => "missing_field",
            NoteCode::ValidationRule => "validation_rule",
            NoteCode::BrokenRule => "broken_rule",
            NoteCode::ValidationHook => "validation_hook",
            NoteCode::BrokenHook => "broken_hook",
            NoteCode::AttributeLeftOut => "attribute_left_out",
            NoteCode::ValueNotKept => "value_not_kept",
        }
    }
}
