//! The folder of rules: where it is read, what users call it, and how one of its files is written.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build::{self, FileText};
use super::replace_file::replace_file;
use super::rule_tests::ENDING;
use crate::domain::FirmId;

/// What keeps rules where a folder is but a copy of them, as the store does, which this room does not know. Blocks: for threads that may.
pub trait KeptRules: fmt::Debug + Send + Sync {
    /// Gives a file (`rules/hartwell.yaml`) the text `new` if it still has `old`, or is not there where that is `None`; `false` if not.
    /// Afterwards the folder has what is kept, in either case.
    fn replace(&self, path: &str, old: Option<&str>, new: &str) -> io::Result<bool>;
}

/// A folder of rules.
#[derive(Debug, Clone)]
pub struct RulesFolder {
    at: PathBuf,
    shown: PathBuf,
    kept: Option<Arc<dyn KeptRules>>,
}

impl RulesFolder {
    /// The folder at this path, which is what users call it.
    pub fn on_disk(path: impl Into<PathBuf>) -> RulesFolder {
        let at = path.into();
        RulesFolder { shown: at.clone(), at, kept: None }
    }

    /// Whether it is a copy of what is in the store.
    pub fn is_copy(&self) -> bool {
        self.kept.is_some()
    }

    /// The folder at this path as a copy of what is kept elsewhere, where its files are called `rules/…`.
    pub fn copy_of(kept: Arc<dyn KeptRules>, at: impl Into<PathBuf>) -> RulesFolder {
        RulesFolder { at: at.into(), shown: "rules".into(), kept: Some(kept) }
    }

    /// Where it is read.
    pub fn at(&self) -> &Path {
        &self.at
    }

    /// As users know it.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// A file in it, as users know it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.shown.join(name)
    }

    /// The file of a firm's own tests, as users know it.
    pub(super) fn tests_of(&self, firm: &FirmId) -> PathBuf {
        self.file(&format!("{firm}{ENDING}"))
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, file: &Path) -> bool {
        self.place_of(file).is_file()
    }

    /// The firms that have a file in it.
    pub fn firms(&self) -> BTreeSet<FirmId> {
        let paths = std::fs::read_dir(&self.at).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        paths.filter(|path| build::is_rules_file(path)).filter_map(|path| build::firm_of(&path).ok()).collect()
    }

    /// Reads a file, given as users know it, with the byte order mark that it may have.
    pub(super) fn read_as_it_is(&self, file: &Path) -> FileText {
        build::read_as_it_is(&self.place_of(file), file)
    }

    /// Reads a file, given as users know it.
    pub(super) fn read(&self, file: &Path) -> FileText {
        self.read_as_it_is(file).map(build::without_mark)
    }

    /// Gives a file the content `new` if it still has `old`; `false` if not.
    pub(super) fn replace(&self, file: &Path, old: &str, new: &str) -> io::Result<bool> {
        match &self.kept {
            Some(kept) => kept.replace(&file.to_string_lossy(), Some(old), new),
            None => replace_file(file, old, new),
        }
    }

    /// Makes a file whole or not at all, and never in the place of another; `false` if there is one.
    pub(super) fn create(&self, file: &Path, text: &str) -> io::Result<bool> {
        match &self.kept {
            Some(kept) => kept.replace(&file.to_string_lossy(), None, text),
            None => match create(&self.at, file, text) {
                Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists => Ok(false),
                made => made.map(|()| true),
            },
        }
    }

    pub(super) fn place_of(&self, file: &Path) -> PathBuf {
        file.file_name().map_or_else(|| file.to_owned(), |name| self.at.join(name))
    }
}

fn create(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension(format!("yaml.{:08x}.new", getrandom::u32().unwrap_or_default()));
    let unfinished = unfinished.with_file_name(format!(".{}", unfinished.file_name().unwrap_or_default().to_string_lossy()));
    let written = File::options().write(true).create_new(true).open(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Unlike a rename, a link never replaces what is there.
        std::fs::hard_link(&unfinished, path)
    });
    let _ = std::fs::remove_file(&unfinished);
    written?;
    // Only now does the new name outlive a loss of power. A file system that cannot do this has it all the same.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
