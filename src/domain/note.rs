//! Why something was left as it is, or refused: what a person reads, the rule behind it, and who can put it right.

use std::fmt;
use std::sync::Arc;

use super::Attribute;
use super::named;

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

named! {
    /// Who can put something right.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum FixBy {
        /// The firm's staff, in CASEpeer or Case Status.
        Firm => "firm",
        /// Integration support, in the rules.
        Support => "support",
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

named! {
    /// The kinds of notes. Rule tests name them in snake case, such as `unmapped_stage`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum NoteCode {
        /// No rule maps the CASEpeer stage.
        UnmappedStage => "unmapped_stage",
        /// The practice area has no such stage.
        StageNotInPracticeArea => "stage_not_in_practice_area",
        /// No rule maps the case type, and no practice area is called like it.
        UnmappedPracticeArea => "unmapped_practice_area",
        /// A rule names a practice area that Case Status lacks.
        UnknownPracticeArea => "unknown_practice_area",
        /// CASEpeer names no primary attorney with an e-mail.
        NoAttorney => "no_attorney",
        /// The primary attorney is no active attorney in Case Status.
        UnknownAttorney => "unknown_attorney",
        /// An additional attorney is no active attorney in Case Status.
        UnknownAdditionalAttorney => "unknown_additional_attorney",
        /// A paralegal is no active user in Case Status.
        UnknownParalegal => "unknown_paralegal",
        /// The case is on hold in Case Status, and the rules leave it so.
        OnHold => "on_hold",
        /// The case is closed in Case Status and open in CASEpeer, and the rules leave it so.
        NotReopened => "not_reopened",
        /// CASEpeer has no date for the closing.
        NoClosedDate => "no_closed_date",
        /// The client has no valid phone number.
        InvalidPhone => "invalid_phone",
        /// A required field is empty.
        MissingField => "missing_field",
        /// One of the firm's own validation rules says no.
        ValidationRule => "validation_rule",
        /// One of the firm's own validation rules could not be evaluated.
        BrokenRule => "broken_rule",
        /// The firm's script says no.
        ValidationHook => "validation_hook",
        /// The firm's script failed.
        BrokenHook => "broken_hook",
        /// A migration asks for an attribute that the rules leave out.
        AttributeLeftOut => "attribute_left_out",
        /// Case Status did not keep this value when it was sent.
        ValueNotKept => "value_not_kept",
    }
}
