//! What connect would create for a case, or every problem that stands in the way, all at once.

use super::connect_hook::connect_case_hook;
use super::plan::{
    AreaFound, additional_attorneys, attorney, broken_validation_rule, hook_problems, paralegals, practice_area, unmapped_stage,
};
use super::raw::AttorneyRule;
use super::{FirmRules, RequiredField, cell_phone};
use crate::domain::{Attribute, Case, Directory, FixBy, NewCase, Note, NoteCode, Origin};

/// A case that can be created, and what is to be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What would be created.
    pub new_case: NewCase,
    /// Who was left out.
    pub notes: Vec<Note>,
}

/// Drafts the case that connect creates.
///
/// # Errors
/// Every problem, for staff to read together before anything is written (by the vendors' help pages).
pub fn draft(rules: &FirmRules, directory: &Directory, case: &Case) -> Result<Draft, Vec<Note>> {
    let mut drafter = Drafter { rules, problems: Vec::new() };
    let primary_attorney = drafter.primary_attorney(directory, case);
    let phone = drafter.phone(case);
    drafter.required_fields(case);
    let stage = drafter.stage(case);
    let area = drafter.practice_area(directory, case);
    if let (Some((stage, origin)), Some(area)) = (stage, area)
        && directory.practice_area(area).is_some_and(|area| !area.has(stage))
    {
        let text = format!("practice area \"{area}\" has no stage {stage}");
        drafter.problem(NoteCode::StageNotInPracticeArea, Some(Attribute::Stage), text, origin, FixBy::Support);
    }
    let own = rules.validation.rules.iter().filter(|rule| rule.on_connect);
    drafter.problems.extend(own.filter_map(|rule| broken_validation_rule(rule, case)));
    if let Some(hooks) = &rules.hooks {
        drafter.problems.extend(hook_problems(&**hooks, case));
    }

    let (Some(primary_attorney), Some((stage, _)), Some(area), true) = (primary_attorney, stage, area, drafter.problems.is_empty()) else {
        return Err(drafter.problems);
    };
    let attorneys = additional_attorneys(directory, case);
    let paralegals = paralegals(directory, case);
    let left_out = |problems: Vec<String>, code, attribute| {
        let rule = rules.sync.attributes.origin(attribute).cloned();
        problems.into_iter().map(move |text| Note {
            code,
            attribute: Some(attribute),
            text: format!("{text}; left out"),
            rule: rule.clone(),
            fix_by: Some(FixBy::Firm),
        })
    };
    let notes = left_out(attorneys.unknown, NoteCode::UnknownAdditionalAttorney, Attribute::AdditionalAttorneys)
        .chain(left_out(paralegals.unknown, NoteCode::UnknownParalegal, Attribute::Paralegals))
        .collect();
    let new_case = NewCase {
        integration_id: case.id,
        readable_id: case.case_number.clone(),
        practice_area: area.clone(),
        stage,
        primary_attorney,
        additional_attorneys: attorneys.known,
        paralegals: paralegals.known,
        description: case.description.clone().filter(|text| !text.is_empty()),
        case_date: case.opened_on,
        first_name: case.client.first_name.clone(),
        last_name: case.client.last_name.clone(),
        phone,
        client_email: case.client.email.clone(),
    };
    connect_case_hook(rules, directory, case, Draft { new_case, notes })
}

struct Drafter<'a> {
    rules: &'a FirmRules,
    problems: Vec<Note>,
}

impl<'a> Drafter<'a> {
    fn problem(&mut self, code: NoteCode, attribute: Option<Attribute>, text: String, rule: &Origin, fix_by: FixBy) {
        self.problems.push(Note { code, attribute, text, rule: Some(rule.clone()), fix_by: Some(fix_by) });
    }

    fn primary_attorney(&mut self, directory: &Directory, case: &Case) -> Option<crate::domain::Email> {
        let rule = &self.rules.validation.attorney;
        let about = Some(Attribute::PrimaryAttorney);
        let Some(email) = case.primary_attorney() else {
            let text = "CASEpeer names no primary attorney with an e-mail".to_owned();
            self.problem(NoteCode::NoAttorney, about, text, &rule.origin, FixBy::Firm);
            return None;
        };
        match attorney(directory, email) {
            Ok(user) => Some(user.email.clone()),
            Err(_) if rule.value == AttorneyRule::Optional => Some(email.clone()),
            Err(text) => {
                self.problem(NoteCode::UnknownAttorney, about, text, &rule.origin, FixBy::Firm);
                None
            }
        }
    }

    fn phone(&mut self, case: &Case) -> Option<String> {
        let rules = &self.rules.validation.phone;
        let phone = cell_phone(&case.client, rules);
        if phone.is_none() && rules.required.value {
            let text = match case.client.phones.len() {
                0 => "the client has no phone number".to_owned(),
                1 => "the client's phone number is not valid".to_owned(),
                count => format!("none of the client's {count} phone numbers is valid"),
            };
            self.problem(NoteCode::InvalidPhone, None, text, &rules.required.origin, FixBy::Firm);
        }
        phone
    }

    fn required_fields(&mut self, case: &Case) {
        for field in &self.rules.validation.required {
            if is_empty(case, field.value) {
                let text = format!("the {} is missing", field.value.words());
                self.problem(NoteCode::MissingField, None, text, &field.origin, FixBy::Firm);
            }
        }
    }

    fn stage(&mut self, case: &Case) -> Option<(crate::domain::Stage, &'a Origin)> {
        let stages = &self.rules.stages;
        if let Some(target) = stages.target(&case.case_type, &case.stage) {
            return Some((target.value, &target.origin));
        }
        let text = unmapped_stage(self.rules, case);
        self.problem(NoteCode::UnmappedStage, Some(Attribute::Stage), text, &stages.unmapped.origin, FixBy::Support);
        None
    }

    fn practice_area<'d>(&mut self, directory: &'d Directory, case: &Case) -> Option<&'d crate::domain::Name>
    where
        'a: 'd,
    {
        let about = Some(Attribute::PracticeArea);
        match practice_area(self.rules, directory, case) {
            AreaFound::Is(name, _) => return Some(name),
            AreaFound::Unknown(text, rule) => self.problem(NoteCode::UnknownPracticeArea, about, text, rule, FixBy::Support),
            AreaFound::Unmapped(text, rule) => self.problem(NoteCode::UnmappedPracticeArea, about, text, &rule.origin, FixBy::Support),
        }
        None
    }
}

fn is_empty(case: &Case, field: RequiredField) -> bool {
    let blank = |text: &str| text.trim().is_empty();
    match field {
        RequiredField::CaseNumber => blank(&case.case_number),
        RequiredField::Name => case.name.as_deref().is_none_or(blank),
        RequiredField::Description => case.description.as_deref().is_none_or(blank),
        RequiredField::OpenedOn => case.opened_on.is_none(),
        RequiredField::ClientFirstName => blank(&case.client.first_name),
        RequiredField::ClientLastName => blank(&case.client.last_name),
        RequiredField::ClientEmail => case.client.email.as_deref().is_none_or(blank),
    }
}
