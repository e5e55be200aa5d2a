//! Keys of a firm's file are set, whatever else happens to the file meanwhile.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::check::{Checked, check};
use super::text::{Edited, Setting, edit};
use crate::diagnostic::{Diagnostic, nearest};
use crate::domain::{FirmId, Revision};
use crate::rules::ResolveContext;
use crate::ruleset::build;
use crate::ruleset::{RulesFolder, RulesRegistry, RulesSources, Tested};
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

impl RulesRegistry {
    /// Sets keys of a firm's file.
    pub fn set(&self, firm: &FirmId, changes: &[(KeyPath, String)]) -> Result<SetOutcome, SetError> {
        self.with_resolve_context(|sources, resolve_context| {
            let (outcome, checked) = set_checked(sources, firm.as_str(), changes, resolve_context)?;
            self.is_built(firm, checked.hash, checked.built);
            Ok(outcome)
        })
    }
}

/// Sets keys of a firm's file. Where every value is there already, the file is not touched.
pub fn set(
    sources: &RulesSources,
    firm: &str,
    changes: &[(KeyPath, String)],
    resolve_context: &ResolveContext<'_>,
) -> Result<SetOutcome, SetError> {
    Ok(set_checked(sources, firm, changes, resolve_context)?.0)
}

/// The new text is checked as a whole, and written if nobody has written another one meanwhile; if somebody has, that one is edited in its
/// turn.
fn set_checked(
    sources: &RulesSources,
    firm: &str,
    changes: &[(KeyPath, String)],
    resolve_context: &ResolveContext<'_>,
) -> Result<(SetOutcome, Checked), SetError> {
    let folder = &sources.rules;
    let (firm, file) = file_of(folder, firm)?;
    let name = file.display().to_string();
    for _ in 0..TRIES {
        let before = folder.read_as_it_is(&file).map_err(|fault| SetError::faulty(&file, vec![fault]))?;
        let Edited { text, settings } = edit(&name, &before, changes).map_err(|faults| SetError::faulty(&file, faults))?;
        let checked = check(sources, &firm, Some(&before), &text, None, resolve_context)?;
        let (revision, warnings) = (checked.revision(), checked.warnings.clone());
        let outcome = SetOutcome { firm: firm.clone(), file: file.clone(), settings, revision, warnings };
        if text == before {
            return Ok((outcome, checked));
        }
        match folder.replace(&file, &before, &text) {
            Ok(true) => return Ok((outcome, checked)),
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
