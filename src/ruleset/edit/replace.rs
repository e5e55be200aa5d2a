//! A firm's file as a whole: looked at while somebody types, replaced, and made.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::check::check;
use super::set::{SetError, file_of};
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Revision};
use crate::ruleset::build::DEFAULTS;
use crate::ruleset::{RulesFolder, RulesRegistry, TestFile, Tested};

/// A firm's file as it was read.
#[derive(Debug, Clone)]
pub struct FirmFile {
    /// As users know it.
    pub path: PathBuf,
    /// What it holds.
    pub text: String,
    /// By which it is known again.
    pub etag: Etag,
}

/// A hash of a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(String);

impl Etag {
    /// That of a file that holds this text.
    pub fn of(text: &str) -> Etag {
        Etag(Sha256::digest(text).iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }

    /// What somebody says that a file had; anything else than what it has says that it was another.
    pub fn shown(text: &str) -> Etag {
        Etag(text.to_owned())
    }

    /// In hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a firm's file was not written. What was there before is there still.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The file is another than the one that was edited.
    #[error("the file was changed by somebody else meanwhile")]
    Changed {
        /// As it is now.
        now: Box<FirmFile>,
    },
    /// The firm's tests are others than those that were edited.
    #[error("the firm's tests were changed by somebody else meanwhile")]
    TestsChanged,
    /// A firm of this name is there.
    #[error("there is a firm of this name already")]
    IsThere,
    /// Anything else.
    #[error(transparent)]
    Set(#[from] SetError),
}

/// A firm's tests as somebody edited them.
#[derive(Debug, Clone)]
pub struct TestsEdit {
    /// By which their file is known again.
    pub held: Etag,
    /// What they are to be.
    pub text: String,
}

impl RulesRegistry {
    /// A firm's file.
    pub fn firm_file(&self, firm: &FirmId) -> Result<FirmFile, SetError> {
        let (_, path) = file_of(&self.sources().rules, firm.as_str())?;
        read(&self.sources().rules, path)
    }

    /// The text of what all firms share, if the folder has it.
    pub fn defaults_text(&self) -> Option<String> {
        let folder = &self.sources().rules;
        folder.read_as_it_is(&folder.file(DEFAULTS)).ok()
    }

    /// What would be wrong with a text as a firm's file, its own tests included; nothing is written. The second answer is the revision
    /// that it would have; `None` where it could not be used.
    pub fn look_at(&self, firm: &FirmId, text: &str) -> (Vec<Diagnostic>, Option<Revision>) {
        self.with_resolve_context(|sources, resolve_context| {
            let before = sources.rules.read_as_it_is(&sources.rules.file(&format!("{firm}.yaml"))).ok();
            match check(sources, firm, before.as_deref(), text, None, resolve_context) {
                Ok(checked) => (checked.warnings.clone(), Some(checked.revision())),
                Err(SetError::Refused { diagnostics, .. }) => (diagnostics, None),
                Err(other) => (vec![Diagnostic::without_place(other.to_string())], None),
            }
        })
    }

    /// The file of a firm's own tests, if it has one that can be read.
    pub fn tests_file(&self, firm: &FirmId) -> Option<FirmFile> {
        let folder = &self.sources().rules;
        read(folder, folder.tests_of(firm)).ok()
    }

    /// Replaces a firm's file with this text, if it still is the one of `held` and the text is in order; with `tests`, those of the firm
    /// too, or neither.
    pub fn replace(
        &self,
        firm: &FirmId,
        held: &Etag,
        text: &str,
        tests: Option<&TestsEdit>,
    ) -> Result<(Revision, Vec<Diagnostic>), WriteError> {
        self.with_resolve_context(|sources, resolve_context| {
            let folder = &sources.rules;
            let (firm, path) = file_of(folder, firm.as_str())?;
            let now = read(folder, path.clone())?;
            if now.etag != *held {
                return Err(WriteError::Changed { now: Box::new(now) });
            }
            let checked = check(sources, &firm, Some(&now.text), text, tests.map(|tests| tests.text.as_str()), resolve_context)?;
            let cannot = |file: &PathBuf, problem| SetError::Write { file: file.clone(), problem };
            let tests_path = folder.tests_of(&firm);
            let mut tests_before = None;
            if let Some(tests) = tests {
                let now = read(folder, tests_path.clone())?;
                let is_same = now.etag == tests.held;
                if !is_same || !folder.replace(&tests_path, &now.text, &tests.text).map_err(|problem| cannot(&tests_path, problem))? {
                    return Err(WriteError::TestsChanged);
                }
                tests_before = Some((&tests.text, now.text));
            }
            let written = folder.replace(&path, &now.text, text);
            if let (Ok(false) | Err(_), Some((tests, before))) = (&written, tests_before) {
                // Tests of rules that are not there would stand in the way of the next edit.
                let _ = folder.replace(&tests_path, tests, &before);
            }
            match written {
                Ok(true) => {
                    let written = (checked.revision(), checked.warnings);
                    self.is_built(&firm, checked.hash, checked.built);
                    Ok(written)
                }
                Ok(false) => Err(WriteError::Changed { now: Box::new(read(folder, path)?) }),
                Err(problem) => Err(cannot(&path, problem).into()),
            }
        })
    }

    /// Makes the file of a new firm.
    pub fn new_firm(&self, firm: &FirmId, text: &str) -> Result<Revision, WriteError> {
        self.with_resolve_context(|sources, resolve_context| {
            let (folder, path) = (&sources.rules, sources.rules.file(&format!("{firm}.yaml")));
            let checked = check(sources, firm, None, text, None, resolve_context)?;
            let cannot = |problem| WriteError::Set(SetError::Write { file: path.clone(), problem });
            match folder.create(&path, text) {
                Ok(true) => {
                    let revision = checked.revision();
                    self.is_built(firm, checked.hash, checked.built);
                    Ok(revision)
                }
                Ok(false) => Err(WriteError::IsThere),
                Err(problem) => Err(cannot(problem)),
            }
        })
    }

    /// How the tests of a firm's rules come out now; `None` where it has no tests or no rules in use.
    pub fn rule_tests(&self, firm: &FirmId) -> Option<Result<Vec<Tested>, Vec<Diagnostic>>> {
        let rules = self.current().firms.get(firm)?.rules.clone()?;
        let (files, _) = TestFile::in_folder(&self.sources().rules);
        Some(files.into_iter().find(|file| file.firm == *firm)?.run(&rules))
    }
}

pub(super) fn read(folder: &RulesFolder, path: PathBuf) -> Result<FirmFile, SetError> {
    let text = folder.read_as_it_is(&path).map_err(|fault| SetError::faulty(&path, vec![fault]))?;
    Ok(FirmFile { etag: Etag::of(&text), text, path })
}
