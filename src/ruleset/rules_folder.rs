//! The folder of rules: which files it has, and how one of them is read and written. It is on disk, or kept in storage.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build::{self, FileText};
use super::replace_file::replace_file;
use super::rule_path::{RULES, name_within};
use super::rule_tests::ENDING;
use crate::domain::FirmId;

/// What keeps rules where no folder on disk does, as the store, which this room does not know.
pub trait RulesStorage: fmt::Debug + Send + Sync {
    /// Every file as it was last read, by path (`rules/hartwell.yaml`).
    fn files(&self) -> Arc<BTreeMap<String, String>>;

    /// Gives a file the text `new` if it still has `old`, or is not there where that is `None`; `false` if not. Afterwards
    /// [`RulesStorage::files`] has what is kept, in either case. Blocks: for threads that may.
    fn replace(&self, path: &str, old: Option<&str>, new: &str) -> io::Result<bool>;
}

/// What storage had at one moment: to be read, not written.
#[derive(Debug)]
struct FilesAtOneMoment(Arc<BTreeMap<String, String>>);

impl RulesStorage for FilesAtOneMoment {
    fn files(&self) -> Arc<BTreeMap<String, String>> {
        Arc::clone(&self.0)
    }

    fn replace(&self, _: &str, _: Option<&str>, _: &str) -> io::Result<bool> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}

/// A folder of rules.
#[derive(Debug, Clone)]
pub struct RulesFolder {
    path: PathBuf,
    storage: Option<Arc<dyn RulesStorage>>,
}

impl RulesFolder {
    /// The folder at this path.
    pub fn on_disk(path: impl Into<PathBuf>) -> RulesFolder {
        RulesFolder { path: path.into(), storage: None }
    }

    /// What storage has as `rules/…`.
    pub fn in_storage(storage: Arc<dyn RulesStorage>) -> RulesFolder {
        RulesFolder { path: RULES.into(), storage: Some(storage) }
    }

    /// Whether no folder on disk has it.
    pub fn is_in_storage(&self) -> bool {
        self.storage.is_some()
    }

    /// What storage has now, rules and scripts, by path.
    pub(super) fn stored_files(&self) -> Option<Arc<BTreeMap<String, String>>> {
        Some(self.storage.as_ref()?.files())
    }

    /// The folder with these files in the place of what its storage has.
    pub(super) fn with_files(&self, files: Arc<BTreeMap<String, String>>) -> RulesFolder {
        RulesFolder { path: self.path.clone(), storage: Some(Arc::new(FilesAtOneMoment(files))) }
    }

    /// As users know it; where it is, if it is on disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it, as users know it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The names of all that is in it, in their order.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names: Vec<String> = if let Some(storage) = &self.storage {
            storage.files().keys().filter_map(|path| name_within(RULES, path)).map(str::to_owned).collect()
        } else {
            let entries = std::fs::read_dir(&self.path)?.filter_map(Result::ok);
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        };
        names.sort();
        Ok(names)
    }

    /// The file of a firm's own tests, as users know it.
    pub(super) fn tests_of(&self, firm: &FirmId) -> PathBuf {
        self.file(&format!("{firm}{ENDING}"))
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, file: &Path) -> bool {
        match &self.storage {
            Some(storage) => storage.files().contains_key(&*file.to_string_lossy()),
            None => file.is_file(),
        }
    }

    /// The firms that have a file in it.
    pub fn firms(&self) -> BTreeSet<FirmId> {
        let paths = self.names().unwrap_or_default().into_iter().map(PathBuf::from);
        paths.filter(|path| build::is_rules_file(path)).filter_map(|path| build::firm_of(&path).ok()).collect()
    }

    /// Reads a file, given as users know it, with the byte order mark that it may have.
    pub(super) fn read_as_it_is(&self, file: &Path) -> FileText {
        build::read_as_it_is(file, |limit| {
            if let Some(storage) = &self.storage {
                let files = storage.files();
                return Ok(files.get(&*file.to_string_lossy()).ok_or(io::ErrorKind::NotFound)?.clone().into_bytes());
            }
            let mut bytes = Vec::new();
            File::open(file)?.take(limit).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// Reads a file, given as users know it.
    pub(super) fn read(&self, file: &Path) -> FileText {
        self.read_as_it_is(file).map(build::without_mark)
    }

    /// Gives a file the content `new` if it still has `old`; `false` if not.
    pub(super) fn replace(&self, file: &Path, old: &str, new: &str) -> io::Result<bool> {
        match &self.storage {
            Some(storage) => storage.replace(&file.to_string_lossy(), Some(old), new),
            None => replace_file(file, old, new),
        }
    }

    /// Makes a file whole or not at all, and never in the place of another; `false` if there is one.
    pub(super) fn create(&self, file: &Path, text: &str) -> io::Result<bool> {
        match &self.storage {
            Some(storage) => storage.replace(&file.to_string_lossy(), None, text),
            None => match create(&self.path, file, text) {
                Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists => Ok(false),
                made => made.map(|()| true),
            },
        }
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
