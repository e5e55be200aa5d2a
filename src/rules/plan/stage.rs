//! The stage and the practice area that it is numbered in. A stage nobody mapped is never guessed.

use super::Planner;
use crate::domain::{Attribute, Case, Directory, FixBy, Name, NoteCode, Origin, PracticeArea, Stage};
use crate::rules::raw::{UnmappedPracticeArea, UnmappedStage};
use crate::rules::{FirmRules, Ruled};

impl Planner<'_> {
    pub(super) fn stage(&mut self) {
        let Some(target) = self.rules.stages.target(&self.case.case_type, &self.case.stage) else {
            return self.unmapped_stage();
        };
        if target.value == self.existing.stage {
            return;
        }
        let area = self.plan.changes.practice_area.as_ref().unwrap_or(&self.existing.practice_area);
        if lacks(self.directory, area, target.value) {
            // A practice area that has neither this stage nor the case's own is not entered at all; see below.
            let entered = self.plan.changes.practice_area.is_some() && lacks(self.directory, area, self.existing.stage);
            if entered && !lacks(self.directory, &self.existing.practice_area, target.value) {
                self.plan.changes.stage = Some(target.value);
            } else {
                let text = format!("practice area \"{area}\" has no stage {}; the stage was left as it is", target.value);
                self.leave(NoteCode::StageNotInPracticeArea, Attribute::Stage, text, Some(&target.origin), Some(FixBy::Support));
            }
            return;
        }
        self.plan.changes.stage = Some(target.value);
    }

    fn unmapped_stage(&mut self) {
        let rule = &self.rules.stages.unmapped;
        let problem = unmapped_stage(self.rules, self.case);
        match rule.value {
            UnmappedStage::Keep => {
                let text = format!("{problem}; the stage was left as it is");
                self.leave(NoteCode::UnmappedStage, Attribute::Stage, text, Some(&rule.origin), Some(FixBy::Support));
            }
            UnmappedStage::Fail => self.refuse(NoteCode::UnmappedStage, Attribute::Stage, problem, &rule.origin, FixBy::Support),
        }
    }

    pub(super) fn practice_area(&mut self) {
        match practice_area(self.rules, self.directory, self.case) {
            AreaFound::Is(name, _) if *name == self.existing.practice_area => {}
            AreaFound::Is(name, _) => self.plan.changes.practice_area = Some(name.clone()),
            AreaFound::Unknown(text, rule) => {
                let text = format!("{text}; the practice area was left as it is");
                self.leave(NoteCode::UnknownPracticeArea, Attribute::PracticeArea, text, Some(rule), Some(FixBy::Support));
            }
            AreaFound::Unmapped(text, rule) => match rule.value {
                UnmappedPracticeArea::SameName => {
                    let text = format!("{text}; the practice area was left as it is");
                    self.leave(NoteCode::UnmappedPracticeArea, Attribute::PracticeArea, text, Some(&rule.origin), Some(FixBy::Support));
                }
                UnmappedPracticeArea::Fail => {
                    self.refuse(NoteCode::UnmappedPracticeArea, Attribute::PracticeArea, text, &rule.origin, FixBy::Support);
                }
            },
        }
    }

    /// A case does not enter a practice area that lacks the stage it would have there: Case Status would refuse the whole update.
    pub(super) fn hold_practice_area_to_its_stages(&mut self) {
        let Some(area) = &self.plan.changes.practice_area else { return };
        let stage = self.plan.changes.stage.unwrap_or(self.existing.stage);
        if lacks(self.directory, area, stage) {
            let text = format!("practice area \"{area}\" has no stage {stage}; the practice area was left as it is");
            let rule = match practice_area(self.rules, self.directory, self.case) {
                AreaFound::Is(_, rule) => Some(rule),
                _ => None,
            };
            self.plan.changes.practice_area = None;
            self.leave(NoteCode::StageNotInPracticeArea, Attribute::PracticeArea, text, rule, Some(FixBy::Support));
        }
    }
}

/// Whether a practice area that Case Status has lacks `stage`. One that it does not list is not judged.
pub(in crate::rules) fn lacks(directory: &Directory, area: &Name, stage: Stage) -> bool {
    directory.practice_area(area).is_some_and(|area| !area.has(stage))
}

/// The sentence about a stage that nobody mapped, with the mapped one that it was most likely meant to be.
pub(in crate::rules) fn unmapped_stage(rules: &FirmRules, case: &Case) -> String {
    let suggestion = match rules.stages.nearest(&case.case_type, &case.stage) {
        Some(near) => format!(": did you mean \"{near}\"?"),
        None => String::new(),
    };
    format!("stage \"{}\" is not mapped{suggestion}", case.stage)
}

/// What the rules and Case Status say about a case's practice area.
pub(in crate::rules) enum AreaFound<'a> {
    /// This one, by this line.
    Is(&'a Name, &'a Origin),
    /// A rule names one that Case Status lacks.
    Unknown(String, &'a Origin),
    /// No rule names one, and none has the case type's name.
    Unmapped(String, &'a Ruled<UnmappedPracticeArea>),
}

/// The practice area of `case`: by the mapping, or by the same name.
pub(in crate::rules) fn practice_area<'a>(rules: &'a FirmRules, directory: &'a Directory, case: &Case) -> AreaFound<'a> {
    find_practice_area(rules, directory, &case.case_type).0
}

fn find_practice_area<'a>(rules: &'a FirmRules, directory: &'a Directory, case_type: &Name) -> (AreaFound<'a>, Option<&'a PracticeArea>) {
    let areas = &rules.practice_areas;
    if let Some(target) = areas.map.get(case_type) {
        return match directory.practice_area(&target.value) {
            Some(area) => (AreaFound::Is(&area.name, &target.origin), Some(area)),
            None => (AreaFound::Unknown(format!("Case Status has no practice area \"{}\"", target.value), &target.origin), None),
        };
    }
    let unmapped = &areas.unmapped;
    let is_same = |area: &&PracticeArea| area.name == *case_type || (areas.ignore_case && area.name.matches(case_type));
    match (unmapped.value, directory.practice_areas.iter().find(is_same)) {
        (UnmappedPracticeArea::SameName, Some(area)) => (AreaFound::Is(&area.name, &unmapped.origin), Some(area)),
        (UnmappedPracticeArea::SameName, None) => {
            let text = format!("case type \"{case_type}\" is not mapped, and Case Status has no practice area of that name");
            (AreaFound::Unmapped(text, unmapped), None)
        }
        (UnmappedPracticeArea::Fail, _) => (AreaFound::Unmapped(format!("case type \"{case_type}\" is not mapped"), unmapped), None),
    }
}

impl FirmRules {
    /// The practice area that cases of this type belong to in Case Status.
    pub fn practice_area_of<'d>(&'d self, directory: &'d Directory, case_type: &Name) -> Result<&'d PracticeArea, String> {
        match find_practice_area(self, directory, case_type) {
            (_, Some(area)) => Ok(area),
            (AreaFound::Unknown(problem, _) | AreaFound::Unmapped(problem, _), None) => Err(problem),
            // Found by a rule means found in the directory.
            (AreaFound::Is(name, _), None) => Err(format!("Case Status has no practice area \"{name}\"")),
        }
    }
}
