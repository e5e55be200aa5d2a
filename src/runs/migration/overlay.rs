//! What the vendors would hold after what a dry run has done so far, so that a script that reads what it wrote sees it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Case, CaseFilter, CaseId, Effect, ExistingCase, ExistingStatus, NewCase};

#[derive(Debug, Default)]
pub(super) struct SimulatedState {
    existing: BTreeMap<CaseId, ExistingCase>,
    connected: BTreeSet<CaseId>,
}

impl SimulatedState {
    /// As if this had been done.
    pub(super) fn perform(&mut self, case: CaseId, effect: &Effect) {
        match effect {
            Effect::UpdateCase { existing, changes } => drop(self.existing.insert(case, changes.applied_to(existing))),
            Effect::CreateCase(new_case) => {
                self.existing.insert(case, created(new_case));
                self.connected.insert(case);
            }
            Effect::MarkConnected { .. } => drop(self.connected.insert(case)),
            Effect::SendMessage(_) | Effect::AddNote(_) | Effect::AddDocument(_) => {}
        }
    }

    /// CASEpeer's case as it would be.
    pub(super) fn case(&self, mut case: Case) -> Case {
        case.connected |= self.connected.contains(&case.id);
        case
    }

    /// What a listing of CASEpeer is to be asked for: where marks are imagined, it cannot say which cases have one.
    pub(super) fn asked(&self, filter: CaseFilter) -> CaseFilter {
        if self.connected.is_empty() { filter } else { CaseFilter { connected: None, ..filter } }
    }

    /// CASEpeer's cases as they would be listed.
    pub(super) fn cases(&self, listed: Vec<Case>, filter: CaseFilter) -> Vec<Case> {
        let listed = listed.into_iter().map(|case| self.case(case));
        listed.filter(|case| filter.connected.is_none_or(|connected| case.connected == connected)).collect()
    }

    /// The case in Case Status as it would be.
    pub(super) fn existing(&self, id: CaseId, existing: Option<ExistingCase>) -> Option<ExistingCase> {
        self.existing.get(&id).cloned().or(existing)
    }

    /// Case Status's cases as they would be listed: the new ones come last.
    pub(super) fn existing_cases(&self, listed: Vec<ExistingCase>, status: Option<ExistingStatus>) -> Vec<ExistingCase> {
        let known: BTreeSet<CaseId> = listed.iter().map(|case| case.integration_id).collect();
        let listed = listed.into_iter().map(|case| self.existing.get(&case.integration_id).cloned().unwrap_or(case));
        let others = self.existing.values().filter(|case| !known.contains(&case.integration_id)).cloned();
        listed.chain(others).filter(|case| status.is_none_or(|status| case.status == status)).collect()
    }
}

fn created(case: &NewCase) -> ExistingCase {
    let NewCase { integration_id, readable_id, practice_area, stage, primary_attorney, .. } = case.clone();
    ExistingCase {
        id: format!("new-{integration_id}").into(),
        integration_id,
        readable_id,
        practice_area,
        stage,
        status: ExistingStatus::Open,
        primary_attorney,
        additional_attorneys: case.additional_attorneys.clone(),
        paralegals: case.paralegals.clone(),
        description: case.description.clone(),
        case_date: case.case_date,
        closed_date: None,
        client: format!("{} {}", case.first_name, case.last_name).trim().into(),
    }
}
