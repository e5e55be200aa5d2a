//! The firm's script has the last word on what connect creates, within what the rules and Case Status can take.

use super::hooks::Hook;
use super::phone::e164;
use super::plan::{attorney, paralegal};
use super::raw::AttorneyRule;
use super::{Draft, FirmRules};
use crate::domain::{Attribute, Case, Directory, Email, FixBy, NewCase, Note, NoteCode, Origin, StaffUser};

/// Asks `connect_case` about a draft.
///
/// # Errors
/// The hook failed, or asks for what cannot be created.
pub(super) fn connect_case_hook(rules: &FirmRules, directory: &Directory, case: &Case, draft: Draft) -> Result<Draft, Vec<Note>> {
    let Some(hooks) = rules.hooks.as_deref() else { return Ok(draft) };
    let Some(origin) = hooks.origin(Hook::ConnectCase) else { return Ok(draft) };
    let new_case = match hooks.connect_case(case, &draft.new_case) {
        Ok(Some(new_case)) if new_case != draft.new_case => new_case,
        Ok(_) => return Ok(draft),
        Err(fault) => return Err(vec![fault.into()]),
    };
    let mut check = Check { origin, problems: Vec::new(), notes: draft.notes };
    let new_case = check.new_case(rules, directory, new_case);
    if check.problems.is_empty() { Ok(Draft { new_case, notes: check.notes }) } else { Err(check.problems) }
}

struct Check<'a> {
    origin: &'a Origin,
    problems: Vec<Note>,
    notes: Vec<Note>,
}

impl Check<'_> {
    fn note(&self, code: NoteCode, attribute: Option<Attribute>, text: String) -> Note {
        Note { code, attribute, text, rule: Some(self.origin.clone()), fix_by: Some(FixBy::Support) }
    }

    fn problem(&mut self, code: NoteCode, attribute: Option<Attribute>, text: impl Into<String>) {
        let note = self.note(code, attribute, format!("{}, as connect_case asks for it", text.into()));
        self.problems.push(note);
    }

    fn new_case(&mut self, rules: &FirmRules, directory: &Directory, mut case: NewCase) -> NewCase {
        match directory.practice_area(&case.practice_area) {
            None => {
                let text = format!("Case Status has no practice area \"{}\"", case.practice_area);
                self.problem(NoteCode::UnknownPracticeArea, Some(Attribute::PracticeArea), text);
            }
            Some(area) if !area.has(case.stage) => {
                let text = format!("practice area \"{}\" has no stage {}", area.name, case.stage);
                self.problem(NoteCode::StageNotInPracticeArea, Some(Attribute::Stage), text);
            }
            Some(_) => {}
        }
        match attorney(directory, &case.primary_attorney) {
            Ok(user) => case.primary_attorney = user.email.clone(),
            Err(_) if rules.validation.attorney.value == AttorneyRule::Optional => {}
            Err(text) => self.problem(NoteCode::UnknownAttorney, Some(Attribute::PrimaryAttorney), text),
        }
        let attorneys = std::mem::take(&mut case.additional_attorneys);
        let about = (NoteCode::UnknownAdditionalAttorney, Attribute::AdditionalAttorneys);
        case.additional_attorneys = self.known_among(attorneys.iter().map(|email| attorney(directory, email)), about);
        let paralegals = std::mem::take(&mut case.paralegals);
        let about = (NoteCode::UnknownParalegal, Attribute::Paralegals);
        case.paralegals = self.known_among(paralegals.iter().map(|email| paralegal(directory, email)), about);
        if let Some(typed) = &case.phone {
            match e164(typed, &rules.validation.phone) {
                Some(phone) => case.phone = Some(phone),
                None => self.problem(NoteCode::InvalidPhone, None, "the client's phone number is not valid"),
            }
        } else if rules.validation.phone.required.value {
            self.problem(NoteCode::InvalidPhone, None, "the client has no phone number");
        }
        for (name, value) in [("case number", &case.readable_id), ("first name", &case.first_name), ("last name", &case.last_name)] {
            if value.trim().is_empty() {
                self.problem(NoteCode::MissingField, None, format!("the {name} is missing"));
            }
        }
        case
    }

    fn known_among<'d>(
        &mut self,
        asked_for: impl Iterator<Item = Result<&'d StaffUser, String>>,
        (code, attribute): (NoteCode, Attribute),
    ) -> Vec<Email> {
        let mut known: Vec<Email> = Vec::new();
        for user in asked_for {
            match user {
                Ok(user) if known.contains(&user.email) => {}
                Ok(user) => known.push(user.email.clone()),
                Err(problem) => {
                    let note = self.note(code, Some(attribute), format!("{problem}, whom connect_case asked for; left out"));
                    self.notes.push(note);
                }
            }
        }
        known
    }
}
