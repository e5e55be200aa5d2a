//! Replaces the content of a file at once and for good, or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and how long, to wait for another process that is replacing a file in the same folder. It takes milliseconds.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// Gives the file at `path` the content `new` if it still has `old`; `false` if it does not, or if another process keeps the folder.
///
/// A reader sees the old content or the new one. A symbolic link stays, and what it points to is replaced; owner and mode stay too.
pub(super) fn replace_file(path: &Path, old: &str, new: &str) -> io::Result<bool> {
    let target = fs::canonicalize(path)?;
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let Ok(folder_lock) = lock(folder) else { return Ok(false) };
    // A file that somebody made read-only is not to be changed, although renaming over it would work.
    let held = File::options().write(true).open(&target)?;
    let fresh = Fresh::beside(&target)?;
    (&fresh.file).write_all(new.as_bytes())?;
    keep_owner_and_mode(&held, &fresh.file)?;
    fresh.file.sync_all()?;
    // What is left of a race with an editor is the moment between these two lines.
    let unchanged = fs::canonicalize(path)? == target && fs::read(&target)? == old.as_bytes();
    if !unchanged {
        return Ok(false);
    }
    fresh.rename_to(&target)?;
    // Only now does the new name outlive a loss of power. A file system that cannot do this has renamed all the same.
    let _ = folder_lock.map(|folder| folder.sync_all());
    Ok(true)
}

/// Another process has the folder and does not let go.
struct Busy;

/// Locks a folder against other processes that replace files in it, while the answer lives. Where there is no such lock (not every
/// file system has them), comparing the content has to do.
fn lock(folder: &Path) -> Result<Option<File>, Busy> {
    let Ok(folder) = File::open(folder) else { return Ok(None) };
    for _ in 0..TRIES {
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(Some(folder)),
        }
    }
    Err(Busy)
}

/// A new file beside another, removed again unless it is renamed. Its name begins with a dot, so that nobody takes it for rules.
struct Fresh {
    file: File,
    path: Option<PathBuf>,
}

impl Fresh {
    fn beside(target: &Path) -> io::Result<Fresh> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|_| io::ErrorKind::Other)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.{:016x}.new", u64::from_ne_bytes(random)));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Fresh { file: options.open(&path)?, path: Some(path) })
    }

    fn rename_to(mut self, target: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, target)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // What stays is clutter with a dot, which nothing reads.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(unix)]
fn keep_owner_and_mode(held: &File, fresh: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (wanted, made) = (held.metadata()?, fresh.metadata()?);
    if (wanted.uid(), wanted.gid()) != (made.uid(), made.gid()) {
        // Else whoever runs the host might not be able to read the file any more.
        fchown(fresh, Some(wanted.uid()), Some(wanted.gid()))?;
    }
    fresh.set_permissions(wanted.permissions())
}

#[cfg(not(unix))]
fn keep_owner_and_mode(held: &File, fresh: &File) -> io::Result<()> {
    fresh.set_permissions(held.metadata()?.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn content_is_replaced_only_while_it_is_what_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.yaml");
        fs::write(&path, "old").unwrap();
        assert!(!replace_file(&path, "older", "new").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert!(replace_file(&path, "old", "new").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["x.yaml"]);
        replace_file(&folder.path().join("none.yaml"), "", "new").unwrap_err();
    }

    #[cfg(unix)]
    #[test]
    fn links_owners_and_modes_stay() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("shared")).unwrap();
        let (path, target) = (folder.path().join("x.yaml"), folder.path().join("shared/y.yaml"));
        fs::write(&target, "old").unwrap();
        symlink("shared/y.yaml", &path).unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        // Only root can give a file away.
        let given = chown(&target, Some(12345), Some(12345)).is_ok();
        assert!(replace_file(&path, "old", "new").unwrap());
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("shared/y.yaml"));
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        let metadata = fs::metadata(&target).unwrap();
        assert_eq!(metadata.mode() & 0o7777, 0o640);
        assert_eq!((metadata.uid() == 12345, metadata.gid() == 12345), (given, given));
        assert_eq!(names(target.parent().unwrap()), ["y.yaml"]);
    }

    #[test]
    fn of_many_at_once_none_overwrites_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.yaml");
        fs::write(&path, "0").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        loop {
                            let held = fs::read_to_string(&path).unwrap();
                            let next = (held.parse::<u32>().unwrap() + 1).to_string();
                            if replace_file(&path, &held, &next).unwrap() {
                                break;
                            }
                        }
                    }
                });
            }
        });
        assert_eq!(fs::read_to_string(&path).unwrap(), "40");
    }
}
