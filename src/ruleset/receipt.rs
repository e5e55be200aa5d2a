//! Edits of rules: what became of each, and the receipt that is recorded of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::build::BuiltFirm;
use super::files::FirmInputs;
use super::registry::{FirmEntry, RulesState};
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Revision};

/// What came of an edit.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Whose rules.
    pub firm: FirmId,
    /// The hash of what the files hold now; of a firm that is gone, of what they held.
    pub revision: Revision,
    /// What became of it.
    pub outcome: EditOutcome,
    /// What the files have wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The files' text, secrets masked.
    pub text: Arc<str>,
    /// The files themselves, if they are in order.
    pub files: Option<BTreeMap<String, String>>,
}

impl Edit {
    pub(super) fn without_file(firm: &FirmId, revision: Revision, outcome: EditOutcome, fault: Diagnostic) -> Edit {
        Edit { firm: firm.clone(), revision, outcome, diagnostics: vec![fault], text: "".into(), files: None }
    }
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditOutcome {
    /// It is in use.
    Applied,
    /// It is not; what was in use before is.
    Rejected,
    /// The firm's file is gone, and the firm with it.
    Removed,
    /// The firm's file is gone with those of many others, and the firm goes on.
    Gone,
}

impl EditOutcome {
    /// As the store writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            EditOutcome::Applied => "applied",
            EditOutcome::Rejected => "rejected",
            EditOutcome::Removed => "removed",
            EditOutcome::Gone => "gone",
        }
    }
}

/// What is in use after an edit, and the receipt of it if it changed something.
pub(super) fn taken_over(firm: &FirmId, before: Option<&FirmEntry>, built: &BuiltFirm, inputs: &FirmInputs) -> (FirmEntry, Option<Edit>) {
    let last = before.and_then(|before| before.rules.clone());
    let (in_use, outcome) = if let Some(rules) = &built.rules {
        // Also where the revision is the same: a key in a file of its own may be another one.
        (
            FirmEntry { rules: Some(Arc::clone(rules)), state: RulesState::Active, diagnostics: built.diagnostics.clone() },
            EditOutcome::Applied,
        )
    } else {
        let state = if last.is_some() { RulesState::Held } else { RulesState::Rejected };
        (FirmEntry { rules: last, state, diagnostics: built.diagnostics.clone() }, EditOutcome::Rejected)
    };
    let same = before.is_some_and(|before| {
        let revision = |in_use: &FirmEntry| in_use.rules.as_ref().map(|rules| rules.revision.clone());
        before.state == in_use.state && revision(before) == revision(&in_use) && before.diagnostics == in_use.diagnostics
    });
    let edit = Edit {
        firm: firm.clone(),
        revision: built.revision.clone(),
        outcome,
        diagnostics: built.diagnostics.clone(),
        text: Arc::clone(&built.text),
        files: built.rules.as_ref().map(|rules| inputs.good_files(rules)),
    };
    (in_use, (!same).then_some(edit))
}
