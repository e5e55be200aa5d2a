//! Attorneys and paralegals: only those whom Case Status knows are sent, in its own spelling; the others are reported.

use super::Planner;
use crate::domain::{Attribute, Case, Directory, Email, FixBy, NoteCode, StaffRole, StaffUser, UserRole};

impl Planner<'_> {
    pub(super) fn primary_attorney(&mut self) {
        let Some(email) = self.case.primary_attorney() else {
            let text = "CASEpeer names no primary attorney with an e-mail; the primary attorney was left as it is".to_owned();
            let rule = self.rules.sync.attributes.origin(Attribute::PrimaryAttorney);
            return self.leave(NoteCode::NoAttorney, Attribute::PrimaryAttorney, text, rule, Some(FixBy::Firm));
        };
        if *email == self.existing.primary_attorney {
            return;
        }
        match attorney(self.directory, email) {
            Ok(user) => self.plan.changes.primary_attorney = Some(user.email.clone()),
            Err(problem) => {
                let text = format!("{problem}; the primary attorney was left as it is");
                let rule = &self.rules.validation.attorney.origin;
                self.leave(NoteCode::UnknownAttorney, Attribute::PrimaryAttorney, text, Some(rule), Some(FixBy::Firm));
            }
        }
    }

    pub(super) fn additional_attorneys(&mut self) {
        if is_held(self.case, StaffRole::Attorney, &self.existing.additional_attorneys) {
            return;
        }
        let team = additional_attorneys(self.directory, self.case);
        if team.is_to_be_written(&self.existing.additional_attorneys) {
            self.plan.changes.additional_attorneys = Some(team.known.clone());
        }
        self.report_unknown(&team, NoteCode::UnknownAdditionalAttorney, Attribute::AdditionalAttorneys);
    }

    pub(super) fn paralegals(&mut self) {
        if is_held(self.case, StaffRole::Paralegal, &self.existing.paralegals) {
            return;
        }
        let team = paralegals(self.directory, self.case);
        if team.is_to_be_written(&self.existing.paralegals) {
            self.plan.changes.paralegals = Some(team.known.clone());
        }
        self.report_unknown(&team, NoteCode::UnknownParalegal, Attribute::Paralegals);
    }

    fn report_unknown(&mut self, team: &Team, code: NoteCode, attribute: Attribute) {
        let rule = self.rules.sync.attributes.origin(attribute);
        for problem in &team.unknown {
            let left = if team.known.is_empty() { "; nothing was changed there" } else { "; left out" };
            self.leave(code, attribute, format!("{problem}{left}"), rule, Some(FixBy::Firm));
        }
    }
}

/// The people of one role on a case: those to send, and what is wrong with the others.
#[derive(Debug, Default)]
pub(in crate::rules) struct Team {
    /// In Case Status's spelling, each once.
    pub known: Vec<Email>,
    /// One sentence for each who cannot be sent.
    pub unknown: Vec<String>,
}

impl Team {
    /// Where CASEpeer names people and Case Status knows none of them, what it holds says more than nothing would.
    fn is_to_be_written(&self, held: &[Email]) -> bool {
        let wanted_and_unknown = self.known.is_empty() && !self.unknown.is_empty();
        !wanted_and_unknown && !crate::domain::same_people(&self.known, held)
    }
}

/// Whether Case Status holds exactly the people that CASEpeer names; found without an allocation.
fn is_held(case: &Case, role: StaffRole, held: &[Email]) -> bool {
    let mut members = case.staff.iter().filter(|member| member.role == role);
    members.clone().all(|member| member.email.as_ref().is_some_and(|email| held.contains(email)))
        && held.iter().all(|email| members.clone().any(|member| member.email.as_ref() == Some(email)))
        && (members.next().is_some() || held.is_empty())
}

/// The additional attorneys: active attorneys in Case Status.
pub(in crate::rules) fn additional_attorneys(directory: &Directory, case: &Case) -> Team {
    team(case, StaffRole::Attorney, "additional attorney", |email| attorney(directory, email))
}

/// The paralegals: active users of Case Status, of whatever role.
pub(in crate::rules) fn paralegals(directory: &Directory, case: &Case) -> Team {
    team(case, StaffRole::Paralegal, "paralegal", |email| paralegal(directory, email))
}

/// The active user with this address, or what is wrong with it in a sentence.
pub(in crate::rules) fn paralegal<'d>(directory: &'d Directory, email: &Email) -> Result<&'d StaffUser, String> {
    match directory.user(email) {
        Some(user) if user.active => Ok(user),
        Some(_) => Err(format!("paralegal {email} is no longer active in Case Status")),
        None => Err(format!("paralegal {email} is not known to Case Status")),
    }
}

fn team<'d>(case: &Case, role: StaffRole, what: &str, find: impl Fn(&Email) -> Result<&'d StaffUser, String>) -> Team {
    let mut team = Team::default();
    for member in case.staff.iter().filter(|member| member.role == role) {
        match member.email.as_ref().map(&find) {
            Some(Ok(user)) if team.known.contains(&user.email) => {}
            Some(Ok(user)) => team.known.push(user.email.clone()),
            Some(Err(problem)) => team.unknown.push(problem),
            None => team.unknown.push(format!("{what} {} has no e-mail in CASEpeer", member.name)),
        }
    }
    team
}

/// The active attorney with this address, or what is wrong with it in a sentence.
pub(in crate::rules) fn attorney<'d>(directory: &'d Directory, email: &Email) -> Result<&'d StaffUser, String> {
    match directory.user(email) {
        Some(user) if user.is_active_attorney() => Ok(user),
        Some(user) if user.role != UserRole::Attorney => {
            let article = if user.role == UserRole::Admin { "an" } else { "a" };
            Err(format!("{email} is {article} {} in Case Status, not an attorney", user.role.as_str()))
        }
        Some(_) => Err(format!("attorney {email} is no longer active in Case Status")),
        None => Err(format!("attorney {email} is not known to Case Status")),
    }
}
