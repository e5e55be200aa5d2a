//! A firm's text before it is written: built as the firm's file, and held to the firm's tests. Every edit goes through here.

use std::path::Path;
use std::sync::Arc;

use super::set::SetError;
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Revision};
use crate::rules::{FirmRules, ResolveContext};
use crate::ruleset::RulesSources;
use crate::ruleset::build::BuiltFirm;
use crate::ruleset::files::{FileEdit, Files};

/// A text that can be a firm's file.
pub(super) struct Checked {
    pub rules: Arc<FirmRules>,
    /// What someone should look at, although it keeps nothing from being used.
    pub warnings: Vec<Diagnostic>,
    /// What the firm is built from with this text.
    pub hash: u64,
    pub built: BuiltFirm,
}

impl Checked {
    pub fn revision(&self) -> Revision {
        self.rules.revision.clone()
    }
}

/// Checks a text as a firm's file in the place of `before`, by the firm's tests or by `tests` in their place.
pub(super) fn check(
    sources: &RulesSources,
    firm: &FirmId,
    before: Option<&str>,
    text: &str,
    tests: Option<&str>,
    resolve_context: &ResolveContext<'_>,
) -> Result<Checked, SetError> {
    let (file, edit) = (sources.rules.file(&format!("{firm}.yaml")), FileEdit { firm, before, text, tests });
    let files = Files::edited(sources, &edit, resolve_context).map_err(SetError::Folder)?;
    // The file of a firm is one that a firm's rules may have, so that it is among them.
    let inputs = &files.firms[firm];
    let built = inputs.build(firm, &files.base_layer, resolve_context);
    let warnings = with_shared(&files, &built);
    match &built.rules {
        Some(rules) => Ok(Checked { rules: Arc::clone(rules), warnings, hash: inputs.hash, built }),
        None => Err(SetError::Refused { file, diagnostics: warnings, failed_tests: built.failed_tests }),
    }
}

/// The rules of a firm's file as it is, whatever its tests say.
pub(super) fn rules_as_they_are(
    sources: &RulesSources,
    firm: &FirmId,
    path: &Path,
    text: &str,
    resolve_context: &ResolveContext<'_>,
) -> Result<Arc<FirmRules>, SetError> {
    let edit = FileEdit { firm, before: Some(text), text, tests: None };
    let files = Files::edited(sources, &edit, resolve_context).map_err(SetError::Folder)?;
    let built = files.firms[firm].build_untested(firm, &files.base_layer, resolve_context);
    built.rules.clone().ok_or_else(|| SetError::faulty(path, with_shared(&files, &built)))
}

/// What is wrong with the files of all firms, and with this one.
fn with_shared(files: &Files, built: &BuiltFirm) -> Vec<Diagnostic> {
    let shared = files.base_layer.found.iter().filter(|found| !built.diagnostics.contains(found));
    shared.chain(&built.diagnostics).cloned().collect()
}
