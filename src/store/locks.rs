//! File locks of the operating system: they end with the process that holds them, however it ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::open::private_folder;
use crate::domain::{FirmId, Kind, RunId};

/// The locks of one data folder.
#[derive(Debug, Clone)]
pub struct Locks {
    folder: PathBuf,
}

/// A lock, until it is dropped.
#[derive(Debug)]
pub struct HeldLock {
    _file: File,
    remove: Option<PathBuf>,
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        if let Some(path) = &self.remove {
            // A file that stays is only clutter: it is not locked any more.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Locks {
    pub(super) fn in_folder(data_dir: &Path) -> Result<Locks, StoreError> {
        let folder = data_dir.join("locks");
        private_folder(&folder)?;
        Ok(Locks { folder })
    }

    /// The right to run this kind of work for `firm`; `None` while another process has it. A sync of one case counts as a sync.
    ///
    /// # Errors
    /// The lock file cannot be used.
    pub fn firm(&self, firm: &FirmId, kind: Kind) -> Result<Option<HeldLock>, StoreError> {
        let group = match kind {
            // An undo, and a sync of what changed, write what a sync writes.
            Kind::Sync | Kind::SyncCase | Kind::StageSync | Kind::Undo => "sync",
            Kind::Connect => "connect",
            Kind::Migration => "migration",
            Kind::Messages => "messages",
            Kind::Outbox => "outbox",
            Kind::Documents => "documents",
        };
        // Firms are named so that they can name files. This file stays: removing it would let two processes lock two of the name.
        take(&self.folder.join(format!("{firm}.{group}")), false)
    }

    /// The right to serve from this data folder; `None` while another process does.
    ///
    /// # Errors
    /// The lock file cannot be used.
    pub fn serve(&self) -> Result<Option<HeldLock>, StoreError> {
        take(&self.folder.join("serve"), false)
    }

    /// The sign that a run is at work.
    ///
    /// # Errors
    /// The lock file cannot be used.
    pub fn run(&self, run: &RunId) -> Result<Option<HeldLock>, StoreError> {
        take(&self.run_path(run), true)
    }

    /// Whether the process of a run is still there.
    #[must_use]
    pub fn is_alive(&self, run: &RunId) -> bool {
        match File::open(self.run_path(run)) {
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }

    /// Waits for the right to set up the store's tables.
    pub(super) fn opening(&self) -> Result<HeldLock, StoreError> {
        let path = self.folder.join("opening");
        let file = open(&path)?;
        file.lock().map_err(|error| StoreError::Folder { path, problem: error.kind() })?;
        Ok(HeldLock { _file: file, remove: None })
    }

    fn run_path(&self, run: &RunId) -> PathBuf {
        self.folder.join(format!("run-{run}"))
    }
}

fn take(path: &Path, remove: bool) -> Result<Option<HeldLock>, StoreError> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(HeldLock { _file: file, remove: remove.then(|| path.to_owned()) })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(StoreError::Folder { path: path.to_owned(), problem: error.kind() }),
    }
}

fn open(path: &Path) -> Result<File, StoreError> {
    let opened = File::options().create(true).truncate(false).write(true).read(true).open(path);
    opened.map_err(|error| StoreError::Folder { path: path.to_owned(), problem: error.kind() })
}
