//! Status, description, case date and readable ID.

use super::Planner;
use crate::domain::{Attribute, ExistingStatus, FixBy, NoteCode, PeerCaseStatus};

impl Planner<'_> {
    /// What staff did by hand in Case Status stands, unless the rules say otherwise (by the vendors' help pages).
    pub(super) fn status(&mut self) {
        let wanted = match self.case.status {
            PeerCaseStatus::Open => ExistingStatus::Open,
            PeerCaseStatus::Closed => ExistingStatus::Closed,
        };
        let sync = &self.rules.sync;
        match (self.existing.status, wanted) {
            (held, wanted) if held == wanted => {}
            (ExistingStatus::OnHold, _) if !sync.release_hold.value => {
                let text = "on hold in Case Status; the hold was left".to_owned();
                self.leave(NoteCode::OnHold, Attribute::Status, text, Some(&sync.release_hold.origin), None);
            }
            (ExistingStatus::Closed, ExistingStatus::Open) if !sync.reopen.value => {
                let text = "closed in Case Status and open in CASEpeer; it was not reopened".to_owned();
                self.leave(NoteCode::NotReopened, Attribute::Status, text, Some(&sync.reopen.origin), None);
            }
            (_, wanted) => self.set_status(wanted),
        }
    }

    fn set_status(&mut self, wanted: ExistingStatus) {
        self.plan.changes.status = Some(wanted);
        if wanted == ExistingStatus::Closed {
            self.plan.changes.closed_date = self.case.closed_on.map(Some);
            if self.case.closed_on.is_none() {
                let text = "CASEpeer has no date for the closing, so none was sent".to_owned();
                let rule = self.rules.sync.attributes.origin(Attribute::Status);
                self.leave(NoteCode::NoClosedDate, Attribute::Status, text, rule, Some(FixBy::Firm));
            }
        }
    }

    pub(super) fn description(&mut self) {
        let wanted = self.case.description.as_deref().unwrap_or_default();
        if wanted != self.existing.description.as_deref().unwrap_or_default() {
            self.plan.changes.description = Some((!wanted.is_empty()).then(|| wanted.into()));
        }
    }

    pub(super) fn case_date(&mut self) {
        if self.case.opened_on != self.existing.case_date {
            self.plan.changes.case_date = Some(self.case.opened_on);
        }
    }

    pub(super) fn readable_id(&mut self) {
        if self.case.case_number == self.existing.readable_id {
            return;
        }
        if self.case.case_number.trim().is_empty() {
            let text = "CASEpeer has no case number; the readable ID was left as it is".to_owned();
            let rule = self.rules.sync.attributes.origin(Attribute::ReadableId);
            return self.leave(NoteCode::MissingField, Attribute::ReadableId, text, rule, Some(FixBy::Firm));
        }
        self.plan.changes.readable_id = Some(self.case.case_number.clone());
    }
}
