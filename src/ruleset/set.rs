//! Sets keys of a firm's file on disk: edited, checked as a whole, and only then written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::RulesFolder;
use super::build::{self, BaseLayer, Before, BuiltFirm, DEFAULTS, FileText};
use super::edit::{Edited, Setting, edit};
use super::rule_tests::{TestFile, Tested};
use crate::diagnostic::{Diagnostic, nearest};
use crate::domain::{FirmId, Revision};
use crate::rules::{FirmRules, ResolveContext};
use crate::yaml::KeyPath;

/// How often an edit is made anew when the file has changed meanwhile.
const TRIES: u32 = 8;

/// What came of setting keys.
#[derive(Debug)]
pub struct SetOutcome {
    /// The firm.
    pub firm: FirmId,
    /// Its file as users know it.
    pub file: PathBuf,
    /// Every key asked for.
    pub settings: Vec<Setting>,
    /// The revision of the firm's rules now.
    pub revision: Revision,
    /// What someone should look at, although it keeps nothing from being used.
    pub warnings: Vec<Diagnostic>,
}

/// Why nothing was set. The file is as it was.
#[derive(Debug, Error)]
pub enum SetError {
    /// No file of this firm is there.
    #[error("there is no firm `{name}`")]
    NoSuchFirm {
        /// The firm as asked for.
        name: String,
        /// The one that was most likely meant.
        nearest: Option<String>,
    },
    /// The rules folder cannot be read.
    #[error("{0}")]
    Folder(Diagnostic),
    /// The edited text would not be a firm's rules.
    #[error("{} would not be in order", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// Every fault, placed in the edited text, those of failed tests included.
        diagnostics: Vec<Diagnostic>,
        /// The firm's own tests that fail by it.
        failed_tests: Vec<Tested>,
    },
    /// Others write the file faster than it can be edited.
    #[error("{} keeps changing; nothing was written", file.display())]
    KeepsChanging {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be replaced.
    #[error("{} cannot be written: {problem}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why.
        problem: std::io::Error,
    },
}

impl SetError {
    /// A file with faults that no test found.
    pub(super) fn faulty(file: &Path, diagnostics: Vec<Diagnostic>) -> SetError {
        SetError::Refused { file: file.to_owned(), diagnostics, failed_tests: Vec::new() }
    }
}

/// Sets keys of a firm's file in the rules folder. Where every value is there already, the file is not touched.
pub fn set(
    folder: &RulesFolder,
    firm: &str,
    changes: &[(KeyPath, String)],
    resolve_context: &ResolveContext<'_>,
) -> Result<SetOutcome, SetError> {
    let rewritten = rewrite(folder, firm, resolve_context, |name, text| {
        let Edited { text, settings } = edit(name, text, changes)?;
        Ok((text, settings))
    })?;
    let Rewritten { firm, file, made: settings, revision, warnings } = rewritten;
    Ok(SetOutcome { firm, file, settings, revision, warnings })
}

/// A firm's file that was rewritten.
pub(super) struct Rewritten<T> {
    pub firm: FirmId,
    pub file: PathBuf,
    /// What the rewriting answers beside the text.
    pub made: T,
    pub revision: Revision,
    pub warnings: Vec<Diagnostic>,
}

/// Rewrites a firm's file: its new text is checked as a whole, and written if nobody has written another one meanwhile; if somebody
/// has, that one is rewritten in its turn.
pub(super) fn rewrite<T>(
    folder: &RulesFolder,
    firm: &str,
    resolve_context: &ResolveContext<'_>,
    edit: impl Fn(&str, &str) -> Result<(String, T), Vec<Diagnostic>>,
) -> Result<Rewritten<T>, SetError> {
    let (firm, file) = file_of(folder, firm)?;
    let name = file.display().to_string();
    for _ in 0..TRIES {
        let text = folder.read_as_it_is(&file).map_err(|fault| SetError::faulty(&file, vec![fault]))?;
        let (edited, made) = edit(&name, &text).map_err(|faults| SetError::faulty(&file, faults))?;
        let (rules, warnings) = check(folder, &firm, &file, Some(&text), edited.clone(), None, resolve_context)?;
        let rewritten = Rewritten { firm: firm.clone(), file: file.clone(), made, revision: rules.revision.clone(), warnings };
        if edited == text {
            return Ok(rewritten);
        }
        match folder.replace(&file, &text, &edited) {
            Ok(true) => return Ok(rewritten),
            // Somebody else has written it since: what is there now is edited, and checked, in its turn.
            Ok(false) => {}
            Err(problem) => return Err(SetError::Write { file, problem }),
        }
    }
    Err(SetError::KeepsChanging { file })
}

pub(super) fn file_of(folder: &RulesFolder, name: &str) -> Result<(FirmId, PathBuf), SetError> {
    if let Some(firm) = FirmId::new(name) {
        let file = folder.file(&format!("{firm}.yaml"));
        if folder.has(&file) {
            return Ok((firm, file));
        }
    }
    let files = build::read_folder(folder).map_err(SetError::Folder)?;
    let firms: Vec<&str> =
        files.iter().filter_map(|(path, _)| path.file_stem()?.to_str()).filter(|stem| FirmId::new(stem).is_some()).collect();
    Err(SetError::NoSuchFirm { name: name.to_owned(), nearest: nearest(name, firms).map(str::to_owned) })
}

/// The rules that the firm has with this text as its file in the place of `before`, held to its tests or to `tests` in their place, and any
/// warnings.
pub(super) fn check(
    folder: &RulesFolder,
    firm: &FirmId,
    file: &Path,
    before: Option<&str>,
    text: String,
    tests: Option<&str>,
    resolve_context: &ResolveContext<'_>,
) -> Result<(Arc<FirmRules>, Vec<Diagnostic>), SetError> {
    let (mut diagnostics, built) = build_firm(folder, firm, file, before, text, resolve_context);
    let rules = built.and_then(|built| {
        diagnostics.extend(built.diagnostics);
        built.rules
    });
    let Some(rules) = rules else { return Err(SetError::faulty(file, diagnostics)) };
    let tests = match tests {
        Some(text) => Some(TestFile::of(firm.clone(), folder.tests_of(firm), build::without_mark(text.to_owned()))),
        None => TestFile::in_folder(folder).0.into_iter().find(|tests| tests.firm == *firm),
    };
    match tests.map_or_else(|| Ok(Vec::new()), |tests| tests.run(&rules)) {
        Ok(tested) => {
            let failed_tests: Vec<Tested> = tested.into_iter().filter(|test| test.fault.is_some()).collect();
            if failed_tests.is_empty() {
                return Ok((rules, diagnostics));
            }
            diagnostics.extend(failed_tests.iter().filter_map(|test| test.fault.clone()));
            Err(SetError::Refused { file: file.to_owned(), diagnostics, failed_tests })
        }
        Err(faults) => Err(SetError::faulty(file, [diagnostics, faults].concat())),
    }
}

/// What is made of a firm with this text as its file, whatever its tests say; first what is wrong with the files of all firms.
pub(super) fn build_firm(
    folder: &RulesFolder,
    firm: &FirmId,
    file: &Path,
    before: Option<&str>,
    text: String,
    resolve_context: &ResolveContext<'_>,
) -> (Vec<Diagnostic>, Option<BuiltFirm>) {
    let defaults = folder.file(DEFAULTS);
    let mut files: Vec<(PathBuf, FileText)> = Vec::new();
    if folder.has(&defaults) {
        files.push((defaults.clone(), folder.read(&defaults)));
    }
    let mut found = Vec::new();
    let base_layer = BaseLayer::of(&files, resolve_context, &mut found);
    let defaults = base_layer.written.clone().and_then(|(_, text)| text.ok());
    let before = before.map(|text| (firm.clone(), build::without_mark(text.to_owned())));
    let place = |firm: FirmId| (firm.clone(), folder.file(&format!("{firm}.yaml")));
    let staying = folder.firms().into_iter().chain([firm.clone()]).map(place).collect();
    let base_layer = base_layer.against(Before { defaults, firms: BTreeMap::from_iter(before), staying }, &[], resolve_context);
    let built = base_layer.build_firm(firm, file, &Ok(build::without_mark(text)), resolve_context);
    (found, Some(built))
}
