//! The firm's script has the last word on what is written, within what Case Status can take.

use super::Planner;
use super::people::{attorney, paralegal};
use super::stage::lacks;
use crate::domain::{Attribute, Case, Changes, Email, ExistingCase, FixBy, Note, NoteCode, Origin, StaffUser};
use crate::rules::hooks::{Hook, HookFault, Hooks};

impl Planner<'_> {
    /// Asks `validate`; what it names refuses the case.
    pub(super) fn validate_hook(&mut self) {
        let Some(hooks) = &self.rules.hooks else { return };
        let problems = hook_problems(&**hooks, self.case);
        self.plan.refused |= !problems.is_empty();
        self.plan.notes.extend(problems);
    }

    /// Asks `map_case` about what the rules came to. It is not asked about a case that the rules refuse.
    pub(super) fn map_case_hook(&mut self) {
        let Some(hooks) = self.rules.hooks.as_deref() else { return };
        let Some(origin) = hooks.origin(Hook::MapCase) else { return };
        if self.plan.refused {
            return;
        }
        let wanted = self.plan.changes.applied_to(self.existing);
        match hooks.map_case(self.case, &wanted) {
            Ok(None) => {}
            Ok(Some(mapped)) => self.take_over(&wanted, &mapped, origin),
            Err(fault) => {
                self.plan.notes.push(fault.into());
                self.plan.refused = true;
            }
        }
    }

    /// Takes over what the hook altered: what the rules had to say about those attributes is no longer so.
    fn take_over(&mut self, wanted: &ExistingCase, mapped: &ExistingCase, origin: &Origin) {
        let mut altered = Changes::between(wanted, mapped);
        if altered.is_empty() {
            return;
        }
        for attribute in Attribute::ALL.into_iter().filter(|attribute| altered.has(*attribute)) {
            if !self.rules.sync.attributes.has(attribute) {
                let text = format!("map_case changed {}, which sync.attributes leaves out", attribute.as_str());
                return self.refuse(NoteCode::BrokenHook, attribute, text, origin, FixBy::Support);
            }
            self.plan.notes.retain(|note| note.attribute != Some(attribute));
        }
        if altered.closes() && altered.closed_date.is_none() && wanted.closed_date.is_none() {
            altered.closed_date = self.case.closed_on.map(Some);
        }
        self.hold_to_directory(&mut altered, origin);
        let changes = std::mem::take(&mut self.plan.changes);
        self.plan.changes = changes.overlaid(altered).still_missing(self.existing);
        self.hold_stage_to_practice_area(origin);
    }

    /// People and practice areas that Case Status does not know are left out, as those of the rules are.
    fn hold_to_directory(&mut self, altered: &mut Changes, origin: &Origin) {
        let left = |text: String| format!("{text}, which map_case asked for; left as it is");
        if let Some(email) = &altered.primary_attorney
            && let Err(problem) = attorney(self.directory, email)
        {
            self.leave(NoteCode::UnknownAttorney, Attribute::PrimaryAttorney, left(problem), Some(origin), Some(FixBy::Support));
            altered.primary_attorney = None;
        }
        if let Some(emails) = altered.additional_attorneys.take() {
            let known = emails.iter().map(|email| attorney(self.directory, email));
            let about = (NoteCode::UnknownAdditionalAttorney, Attribute::AdditionalAttorneys);
            altered.additional_attorneys = self.known_among(known, about, origin);
        }
        if let Some(emails) = altered.paralegals.take() {
            let known = emails.iter().map(|email| paralegal(self.directory, email));
            altered.paralegals = self.known_among(known, (NoteCode::UnknownParalegal, Attribute::Paralegals), origin);
        }
        if let Some(area) = &altered.practice_area
            && self.directory.practice_area(area).is_none()
        {
            let text = left(format!("Case Status has no practice area \"{area}\""));
            self.leave(NoteCode::UnknownPracticeArea, Attribute::PracticeArea, text, Some(origin), Some(FixBy::Support));
            altered.practice_area = None;
        }
    }

    /// Those who are known; `None` where people are asked for and none of them is.
    fn known_among<'d>(
        &mut self,
        asked_for: impl ExactSizeIterator<Item = Result<&'d StaffUser, String>>,
        (code, attribute): (NoteCode, Attribute),
        origin: &Origin,
    ) -> Option<Vec<Email>> {
        let nobody = asked_for.len() == 0;
        let mut known: Vec<Email> = Vec::with_capacity(asked_for.len());
        for user in asked_for {
            match user {
                Ok(user) if known.contains(&user.email) => {}
                Ok(user) => known.push(user.email.clone()),
                Err(problem) => {
                    let text = format!("{problem}, whom map_case asked for; left out");
                    self.leave(code, attribute, text, Some(origin), Some(FixBy::Support));
                }
            }
        }
        (nobody || !known.is_empty()).then_some(known)
    }

    /// A stage that the case's practice area lacks is not sent: Case Status would refuse the whole update.
    fn hold_stage_to_practice_area(&mut self, origin: &Origin) {
        let changes = &self.plan.changes;
        let area = changes.practice_area.as_ref().unwrap_or(&self.existing.practice_area);
        let stage = changes.stage.unwrap_or(self.existing.stage);
        if (changes.stage.is_some() || changes.practice_area.is_some()) && lacks(self.directory, area, stage) {
            let text = format!("practice area \"{area}\" has no stage {stage}, which map_case asked for; both were left as they are");
            self.plan.changes.stage = None;
            self.plan.changes.practice_area = None;
            self.leave(NoteCode::StageNotInPracticeArea, Attribute::Stage, text, Some(origin), Some(FixBy::Support));
        }
    }
}

/// What `validate` has against a case.
pub(in crate::rules) fn hook_problems(hooks: &dyn Hooks, case: &Case) -> Vec<Note> {
    match hooks.validate(case) {
        Ok(problems) => problems.into_iter().map(|text| problem(text, hooks.origin(Hook::Validate))).collect(),
        Err(fault) => vec![fault.into()],
    }
}

fn problem(text: String, origin: Option<&Origin>) -> Note {
    Note { code: NoteCode::ValidationHook, attribute: None, text, rule: origin.cloned(), fix_by: Some(FixBy::Firm) }
}

impl From<HookFault> for Note {
    fn from(fault: HookFault) -> Note {
        let text = fault.to_string();
        Note { code: NoteCode::BrokenHook, attribute: None, text, rule: Some(fault.origin), fix_by: Some(FixBy::Support) }
    }
}
