//! A case + what Case Status holds + the rules → what to change, and why the rest stays. Pure: no I/O, no clock.
//!
//! Architecture invariant: a plan of an unchanged case allocates nothing, since a firm's nightly sync plans every case it has.

mod attributes;
mod hooks;
mod people;
mod stage;

pub(super) use hooks::hook_problems;
pub(super) use people::{additional_attorneys, attorney, paralegal, paralegals};
pub(super) use stage::{AreaFound, lacks, practice_area, unmapped_stage};

use super::FirmRules;
use crate::domain::{Attribute, Case, Changes, Directory, ExistingCase, FixBy, Note, NoteCode, Origin};

/// What a sync would do with one case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CasePlan {
    /// Only what differs and may be written. Empty when the case is refused.
    pub changes: Changes,
    /// What was left as it is, or why the case is refused; in the order of the attributes.
    pub notes: Vec<Note>,
    /// Whether the rules say that this case is not to be synced at all.
    pub refused: bool,
}

/// Plans one case.
pub fn plan(rules: &FirmRules, directory: &Directory, case: &Case, existing: &ExistingCase) -> CasePlan {
    let mut planner = Planner { rules, directory, case, existing, plan: CasePlan::default() };
    planner.validation_rules();
    planner.validate_hook();
    planner.attributes();
    planner.map_case_hook();
    planner.finish()
}

/// `existing` as it is when the YAML rules have had their say and nothing else has: a case that needs nothing, but for a script.
pub fn in_step(rules: &FirmRules, directory: &Directory, case: &Case, existing: &ExistingCase) -> ExistingCase {
    let mut planner = Planner { rules, directory, case, existing, plan: CasePlan::default() };
    planner.attributes();
    planner.plan.changes.applied_to(existing)
}

struct Planner<'a> {
    rules: &'a FirmRules,
    directory: &'a Directory,
    case: &'a Case,
    existing: &'a ExistingCase,
    plan: CasePlan,
}

impl Planner<'_> {
    /// Compares every attribute that the rules keep in step.
    fn attributes(&mut self) {
        let wanted = &self.rules.sync.attributes;
        if wanted.has(Attribute::PracticeArea) {
            self.practice_area();
        }
        if wanted.has(Attribute::Stage) {
            self.stage();
        }
        self.hold_practice_area_to_its_stages();
        if wanted.has(Attribute::Status) {
            self.status();
        }
        if wanted.has(Attribute::PrimaryAttorney) {
            self.primary_attorney();
        }
        if wanted.has(Attribute::AdditionalAttorneys) {
            self.additional_attorneys();
        }
        if wanted.has(Attribute::Paralegals) {
            self.paralegals();
        }
        if wanted.has(Attribute::Description) {
            self.description();
        }
        if wanted.has(Attribute::CaseDate) {
            self.case_date();
        }
        if wanted.has(Attribute::ReadableId) {
            self.readable_id();
        }
    }

    /// The firm's own rules that say `on: sync`.
    fn validation_rules(&mut self) {
        for rule in self.rules.validation.rules.iter().filter(|rule| rule.on_sync) {
            if let Some(note) = broken_validation_rule(rule, self.case) {
                self.plan.notes.push(note);
                self.plan.refused = true;
            }
        }
    }

    /// Says why `attribute` is left as it is.
    fn leave(&mut self, code: NoteCode, attribute: Attribute, text: String, rule: Option<&Origin>, fix_by: Option<FixBy>) {
        self.plan.notes.push(Note { code, attribute: Some(attribute), text, rule: rule.cloned(), fix_by });
    }

    /// Says why the whole case is left as it is.
    fn refuse(&mut self, code: NoteCode, attribute: Attribute, text: String, rule: &Origin, fix_by: FixBy) {
        self.leave(code, attribute, text, Some(rule), Some(fix_by));
        self.plan.refused = true;
    }

    fn finish(mut self) -> CasePlan {
        self.plan.notes.sort_by_key(|note| note.attribute);
        if self.plan.refused {
            self.plan.changes = Changes::default();
        }
        self.plan
    }
}

/// What one of the firm's own rules has against `case`. A rule that cannot be evaluated lets nothing through.
pub(super) fn broken_validation_rule(rule: &super::ValidationRule, case: &Case) -> Option<Note> {
    let (code, text, fix_by) = match rule.when.holds(case) {
        Ok(false) => return None,
        Ok(true) => (NoteCode::ValidationRule, rule.error.to_string(), FixBy::Firm),
        Err(fault) => (NoteCode::BrokenRule, format!("this rule could not be evaluated: {fault}"), FixBy::Support),
    };
    Some(Note { code, attribute: None, text, rule: Some(rule.origin.clone()), fix_by: Some(fix_by) })
}
