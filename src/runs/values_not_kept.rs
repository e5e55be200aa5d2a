//! What Case Status did not keep when it was sent: it is left out of a plan, so that nothing is sent again every night, and each stage that
//! is sent is a survey.

use std::collections::HashMap;

use jiff::Timestamp;

use super::RunError;
use crate::domain::{Attribute, CaseId, Changes, FirmId, FixBy, Note, NoteCode};
use crate::rules::CasePlan;
use crate::store::Store;

/// Whether what Case Status did not keep is sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendAgain {
    /// Somebody asks for this one case.
    Yes,
    /// A schedule, an event, or a sync of all cases.
    No,
}

/// For each case of a firm, what was sent and not kept.
pub(super) struct ValuesNotKept {
    /// As the store has them.
    known: HashMap<CaseId, Changes>,
    /// What is noted from now on of those that differ from it.
    changed: Vec<(CaseId, Changes)>,
    send_again: SendAgain,
}

impl ValuesNotKept {
    pub(super) async fn of(store: &Store, firm: &FirmId, send_again: SendAgain) -> Result<ValuesNotKept, RunError> {
        Ok(ValuesNotKept { known: store.values_not_kept(firm, None).await?, changed: Vec::new(), send_again })
    }

    /// Leaves out of the plan of a case what Case Status did not keep. What is not wanted any more, since either side has another value by
    /// now, is forgotten.
    pub(super) fn leave_out(&mut self, case: CaseId, plan: &mut CasePlan) {
        let Some(known) = self.known.get(&case) else { return };
        let left_out = if self.send_again == SendAgain::Yes { Changes::default() } else { known.in_common(&plan.changes) };
        for attribute in Attribute::ALL.into_iter().filter(|attribute| left_out.has(*attribute)) {
            plan.notes.push(Note {
                code: NoteCode::ValueNotKept,
                attribute: Some(attribute),
                text: format!(
                    "Case Status keeps another value of {} than was sent; it is not sent again until CASEpeer's changes",
                    attribute.as_str()
                ),
                rule: None,
                fix_by: Some(FixBy::Support),
            });
        }
        plan.changes = std::mem::take(&mut plan.changes).without(&left_out);
        if left_out != *known {
            self.changed.push((case, left_out));
        }
    }

    /// Writes down what is forgotten.
    pub(super) async fn save(self, store: &Store, firm: &FirmId) -> Result<(), RunError> {
        for (case, left_out) in self.changed {
            store.put_values_not_kept(firm, case, &left_out, Timestamp::now()).await?;
        }
        Ok(())
    }
}

/// Notes what of an update was not kept.
pub(super) async fn note(store: &Store, firm: &FirmId, case: CaseId, not_kept: &Changes) -> Result<(), crate::store::StoreError> {
    let before = store.values_not_kept(firm, Some(case)).await?.remove(&case).unwrap_or_default();
    store.put_values_not_kept(firm, case, &before.overlaid(not_kept.clone()), Timestamp::now()).await
}
