//! The copy in folders: files written whole, removed, and the lock that lets one process at a time do it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::rule_path::{RULES, SCRIPTS, is_rule_path};
use crate::store::{StoreError, private_folder};

/// The folder of the copy.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// The copy in this folder; makes the folders that it takes.
    pub(super) fn in_folder(folder: PathBuf) -> Result<Copy, StoreError> {
        for part in [RULES, SCRIPTS] {
            private_folder(&folder.join(part))?;
        }
        Ok(Copy { folder })
    }

    /// Where something that is kept under this path is in the copy.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Waits until no other process writes the copy, and keeps others from it while the answer lives: what was read from the store first
    /// is written first.
    pub(super) fn lock(&self) -> io::Result<File> {
        let file = File::options().create(true).truncate(false).write(true).open(self.folder.join(".lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// Writes and removes these files, by path and text, where they are not so already; answers whether any was not.
    pub(super) fn bring_up(&self, files: &BTreeMap<String, Option<String>>) -> io::Result<bool> {
        let (mut begun, mut gone) = (Vec::new(), Vec::new());
        for (path, text) in files.iter().filter(|(path, _)| is_rule_path(path)) {
            let place = self.place(path);
            match text {
                Some(text) if fs::read(&place).is_ok_and(|held| held == text.as_bytes()) => {}
                Some(text) => begun.push((write_beside(&place, text)?, place)),
                None => gone.push(place),
            }
        }
        // A disk that is full has said so by now, while all of the files were as before.
        let mut wrote = !begun.is_empty();
        for (beside, place) in begun {
            fs::rename(beside, place)?;
        }
        for place in gone {
            wrote |= removed(&place)?;
        }
        Ok(wrote)
    }

    /// Makes the copy one of these files and no others.
    pub(super) fn bring_whole(&self, files: &BTreeMap<String, Option<String>>) -> io::Result<bool> {
        let mut others = Vec::new();
        let mut folders = vec![PathBuf::from(RULES), PathBuf::from(SCRIPTS)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.folder.join(&folder))? {
                let entry = entry?;
                let within = folder.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    folders.push(within);
                } else if !files.contains_key(&*within.to_string_lossy()) {
                    others.push(entry.path());
                }
            }
        }
        let mut wrote = self.bring_up(files)?;
        for other in others {
            wrote |= removed(&other)?;
        }
        Ok(wrote)
    }
}

/// Removes a file; answers whether it was there.
fn removed(place: &Path) -> io::Result<bool> {
    match fs::remove_file(place) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a file beside its place, for nobody to read half of it; answers where. It may be lost with the power: the store has it.
fn write_beside(place: &Path, text: &str) -> io::Result<PathBuf> {
    if let Some(folder) = place.parent() {
        private_folder(folder).map_err(io::Error::other)?;
    }
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = place.with_file_name(format!(".{name}.new"));
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?.write_all(text.as_bytes())?;
    Ok(unfinished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_as_a_whole_is_not_written_by_halves() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Copy::in_folder(folder.path().join("mirror")).unwrap();
        let kept = |text: &str| ["rules/a.yaml", "rules/b.yaml"].map(|path| (path.to_owned(), Some(text.to_owned()))).into();
        copy.bring_whole(&kept("old")).unwrap();
        // Where the second file is to be begun, something else stands.
        fs::create_dir(copy.place("rules/.b.yaml.new")).unwrap();
        copy.bring_up(&kept("new")).unwrap_err();
        assert_eq!(["rules/a.yaml", "rules/b.yaml"].map(|path| fs::read_to_string(copy.place(path)).unwrap()), ["old", "old"]);
        fs::remove_dir(copy.place("rules/.b.yaml.new")).unwrap();
        assert!(copy.bring_up(&kept("new")).unwrap());
        assert!(!copy.bring_whole(&kept("new")).unwrap());
        assert_eq!(fs::read_to_string(copy.place("rules/a.yaml")).unwrap(), "new");
    }

    #[test]
    fn the_copy_has_what_is_kept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let copy = Copy::in_folder(folder.path().join("mirror")).unwrap();
        fs::write(copy.place("rules/stray.yaml"), "x").unwrap();
        let kept = |files: &[(&str, Option<&str>)]| {
            files.iter().map(|(path, text)| ((*path).to_owned(), text.map(str::to_owned))).collect::<BTreeMap<_, _>>()
        };
        copy.bring_whole(&kept(&[("rules/a.yaml", Some("a")), ("scripts/hooks/a.rhai", Some("b")), ("rules/gone.yaml", None)])).unwrap();
        assert_eq!(fs::read_to_string(copy.place("rules/a.yaml")).unwrap(), "a");
        assert_eq!(fs::read_to_string(copy.place("scripts/hooks/a.rhai")).unwrap(), "b");
        assert!(!copy.place("rules/stray.yaml").exists());
        copy.bring_up(&kept(&[("rules/a.yaml", Some("c")), ("scripts/hooks/a.rhai", None), ("../out.yaml", Some("x"))])).unwrap();
        assert_eq!(fs::read_to_string(copy.place("rules/a.yaml")).unwrap(), "c");
        assert!(!copy.place("scripts/hooks/a.rhai").exists());
        assert!(!folder.path().join("out.yaml").exists());
        assert_eq!(fs::read_dir(copy.place("rules")).unwrap().count(), 1);
    }
}
