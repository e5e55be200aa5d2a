//! From a plan to rows: what a report says of a case.

use smol_str::format_smolstr;

use crate::domain::{Case, CaseId, Changes, Effect, ExistingCase, FixBy, Note, Row, RowResult};
use crate::rules::CasePlan;
use crate::vendors::Failure;

/// What is to become of one case.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The case.
    pub case: CaseId,
    /// What is to be done, if anything.
    pub effect: Option<Effect>,
    /// The row as it will read once that is done.
    pub row: Row,
    /// What its rules say about it, each thing by itself; the row has them in one sentence.
    pub notes: Vec<Note>,
}

impl Planned {
    pub(super) fn nothing(case: CaseId, row: Row) -> Planned {
        Planned { case, effect: None, row, notes: Vec::new() }
    }

    pub(super) fn doing(case: CaseId, effect: Effect, row: Row) -> Planned {
        Planned { case, effect: Some(effect), row, notes: Vec::new() }
    }

    /// Its row in a run that is held: what would be done waits.
    pub(super) fn held(self) -> Row {
        if self.effect.is_some() { Row { result: RowResult::Held, ..self.row } } else { self.row }
    }

    /// The ledger's key of its effect: a case has one effect in a run that is planned.
    pub(super) fn key(&self) -> Option<String> {
        self.effect.as_ref().map(|effect| format!("{}:{}", effect.kind().as_str(), self.case))
    }
}

/// What a sync is to do with a case.
pub(super) fn planned(case: &Case, existing: Box<ExistingCase>, plan: CasePlan) -> Planned {
    let mut row = row(case.id, &case.case_number, &case.client.full_name(), RowResult::Unchanged);
    row.say(&plan.notes);
    if plan.refused {
        row.result = RowResult::Failed;
        return Planned { notes: plan.notes, ..Planned::nothing(case.id, row) };
    }
    Planned { notes: plan.notes, ..changed(row, existing, plan.changes) }
}

/// A case that gets these changes, if there are any.
pub(super) fn changed(mut row: Row, existing: Box<ExistingCase>, changes: Changes) -> Planned {
    let case = existing.integration_id;
    if changes.is_empty() {
        return Planned::nothing(case, row);
    }
    row.result = RowResult::Updated;
    row.changes = changes.describe(&existing);
    row.stage_to = changes.stage;
    row.closes = changes.closes();
    Planned::doing(case, Effect::UpdateCase { existing, changes: Box::new(changes) }, row)
}

/// A row that has nothing to say yet.
pub(super) fn row(id: CaseId, readable_id: &str, client: &str, result: RowResult) -> Row {
    Row {
        integration_id: format_smolstr!("{id}"),
        readable_id: readable_id.into(),
        client: client.into(),
        result,
        changes: String::new(),
        reason: None,
        rule: None,
        fix_by: None,
        stage_to: None,
        closes: false,
    }
}

impl Row {
    /// Puts notes into the row: all of their sentences, the first one's rule, the first name of who can put it right.
    pub(super) fn say(&mut self, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        self.reason = Some(notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("; "));
        // A reader needs the rule of what is to be put right before one that only explains.
        let first = notes.iter().find(|note| note.fix_by.is_some()).unwrap_or(&notes[0]);
        self.rule = first.rule.as_ref().map(ToString::to_string);
        self.fix_by = first.fix_by;
    }

    /// Puts a reason before what the row says already.
    pub(super) fn because(mut self, reason: &str, fix_by: Option<FixBy>) -> Row {
        self.reason = Some(match self.reason {
            Some(before) => format!("{reason}; {before}"),
            None => reason.to_owned(),
        });
        self.fix_by = fix_by.or(self.fix_by);
        self
    }

    /// The row of a case that a vendor did not let through.
    pub(super) fn failed(mut self, failure: &Failure) -> Row {
        self.result = RowResult::Failed;
        let fix_by = match failure {
            Failure::KeyRefused { .. } | Failure::Refused { .. } | Failure::Malformed { .. } | Failure::OtherIdentity { .. } => {
                Some(FixBy::Support)
            }
            // What passes by itself needs nobody: the next run tries again.
            _ => None,
        };
        self.because(&failure.to_string(), fix_by)
    }
}
