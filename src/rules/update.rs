//! What an update that a script asks for comes to: nothing that the rules leave out, only what Case Status can take, in its own spelling,
//! and only what differs.

use super::FirmRules;
use super::plan::{attorney, broken_validation_rule, hook_problems, lacks, paralegal};
use crate::domain::{Attribute, Case, Changes, Directory, Email, ExistingCase, FixBy, Note, NoteCode, Origin, StaffUser};

/// Holds an update to the rules and to Case Status. `case` is what CASEpeer has of it, if it has it.
///
/// # Errors
/// Every problem; nothing is written then.
pub fn update(
    rules: &FirmRules,
    directory: &Directory,
    case: Option<&Case>,
    existing: &ExistingCase,
    wanted: Changes,
) -> Result<Changes, Vec<Note>> {
    let mut check = Check { rules, problems: Vec::new() };
    if let Some(case) = case {
        check
            .problems
            .extend(rules.validation.rules.iter().filter(|rule| rule.on_sync).filter_map(|rule| broken_validation_rule(rule, case)));
        if let Some(hooks) = &rules.hooks {
            check.problems.extend(hook_problems(&**hooks, case));
        }
    }
    check.attributes(&wanted);
    let mut changes = wanted;
    let asked = changes.primary_attorney.take();
    changes.primary_attorney =
        asked.and_then(|email| check.known(attorney(directory, &email), NoteCode::UnknownAttorney, Attribute::PrimaryAttorney));
    if let Some(emails) = changes.additional_attorneys.take() {
        let (code, about) = (NoteCode::UnknownAdditionalAttorney, Attribute::AdditionalAttorneys);
        changes.additional_attorneys =
            Some(emails.iter().filter_map(|email| check.known(attorney(directory, email), code, about)).collect());
    }
    if let Some(emails) = changes.paralegals.take() {
        let (code, about) = (NoteCode::UnknownParalegal, Attribute::Paralegals);
        changes.paralegals = Some(emails.iter().filter_map(|email| check.known(paralegal(directory, email), code, about)).collect());
    }
    check.place(directory, existing, &changes);
    if check.problems.is_empty() { Ok(changes.still_missing(existing)) } else { Err(check.problems) }
}

struct Check<'a> {
    rules: &'a FirmRules,
    problems: Vec<Note>,
}

impl Check<'_> {
    fn problem(&mut self, code: NoteCode, attribute: Attribute, text: String, rule: Option<&Origin>) {
        self.problems.push(Note { code, attribute: Some(attribute), text, rule: rule.cloned(), fix_by: Some(FixBy::Support) });
    }

    fn attributes(&mut self, wanted: &Changes) {
        let sync = &self.rules.sync;
        for attribute in Attribute::ALL.into_iter().filter(|attribute| wanted.has(*attribute) && !sync.attributes.has(*attribute)) {
            let text = format!("{} is not among the attributes that this firm lets casebridge write", attribute.as_str());
            self.problem(NoteCode::AttributeLeftOut, attribute, text, Some(&sync.attributes_origin));
        }
    }

    /// The address as Case Status spells it.
    fn known(&mut self, found: Result<&StaffUser, String>, code: NoteCode, attribute: Attribute) -> Option<Email> {
        found.map_err(|text| self.problem(code, attribute, text, None)).ok().map(|user| user.email.clone())
    }

    /// The practice area exists, and has the stage that the case would have in it.
    fn place(&mut self, directory: &Directory, existing: &ExistingCase, changes: &Changes) {
        if let Some(area) = &changes.practice_area
            && directory.practice_area(area).is_none()
        {
            let text = format!("Case Status has no practice area \"{area}\"");
            return self.problem(NoteCode::UnknownPracticeArea, Attribute::PracticeArea, text, None);
        }
        let area = changes.practice_area.as_ref().unwrap_or(&existing.practice_area);
        let stage = changes.stage.unwrap_or(existing.stage);
        if (changes.stage.is_some() || changes.practice_area.is_some()) && lacks(directory, area, stage) {
            let text = format!("practice area \"{area}\" has no stage {stage}");
            self.problem(NoteCode::StageNotInPracticeArea, Attribute::Stage, text, None);
        }
    }
}
