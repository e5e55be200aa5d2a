//! Who may do what at the same time. Where the store is one machine's, file locks of the operating system say so: they end with the process
//! that holds them, however it ends. Where several machines share it, claims do.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use super::StoreError;
use super::database::Fence;
use super::leases::{ClaimGuard, Leases};
use super::open::private_folder;
use crate::domain::{FirmId, Kind, RunId};

/// The locks of one data folder, and of the store if others share it.
#[derive(Debug, Clone)]
pub struct Locks {
    pub(super) folder: PathBuf,
    pub(super) leases: Option<Leases>,
}

/// A lock, until it is dropped.
#[derive(Debug)]
pub struct LockGuard(Held);

#[derive(Debug)]
enum Held {
    /// Locked as long as it is open.
    File {
        _file: File,
        remove: Option<PathBuf>,
    },
    Lease(ClaimGuard),
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Held::File { remove: Some(path), .. } = self {
            // A file that stays is only clutter: it is not locked any more.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl LockGuard {
    /// Lets go of it, and waits until others may have it: a process that ends at once does not get round to that.
    pub async fn release(self) {
        if let Held::Lease(claim) = &self.0
            && let Some(released) = claim.release()
        {
            released.await;
        }
    }

    pub(super) fn fence(&self) -> Option<Fence> {
        match &self.0 {
            Held::File { .. } => None,
            Held::Lease(claim) => Some(claim.0.fence.clone()),
        }
    }

    /// What says whether it is held still.
    pub fn hold(&self) -> LeaseWatch {
        match &self.0 {
            Held::File { .. } => LeaseWatch(None),
            Held::Lease(claim) => LeaseWatch(Some(std::sync::Arc::clone(&claim.0))),
        }
    }
}

/// Says whether a lock is held still. One of a file always is; a claim can be taken over from a process that stood still.
#[derive(Debug, Clone, Default)]
pub struct LeaseWatch(Option<std::sync::Arc<super::leases::Lease>>);

impl LeaseWatch {
    /// Whether it is; waits while the store cannot say.
    pub async fn is_held(&self) -> bool {
        match &self.0 {
            None => true,
            Some(claim) => claim.is_held().await,
        }
    }

    /// Whether it is, as far as is known here.
    pub fn is_fresh(&self) -> bool {
        self.0.as_ref().is_none_or(|claim| claim.is_fresh())
    }

    /// Waits until it is not known any more that it is.
    pub async fn is_over(&self) {
        match &self.0 {
            None => std::future::pending().await,
            Some(claim) => claim.is_over().await,
        }
    }

    /// Cancelled once another process has it.
    pub fn lost(&self) -> CancellationToken {
        self.0.as_ref().map(|claim| claim.lost.clone()).unwrap_or_default()
    }
}

impl Locks {
    pub(super) fn in_folder(data_dir: &Path) -> Result<Locks, StoreError> {
        let folder = data_dir.join("locks");
        private_folder(&folder)?;
        Ok(Locks { folder, leases: None })
    }

    /// The right to run this kind of work for `firm`; `None` while another process has it. A sync of one case counts as a sync.
    pub async fn firm(&self, firm: &FirmId, kind: Kind) -> Result<Option<LockGuard>, StoreError> {
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
        self.take(&format!("{firm}.{group}"), false).await
    }

    /// The right to serve from this data folder; `None` while another process does.
    pub fn serve(&self) -> Result<Option<LockGuard>, StoreError> {
        self.take_file("serve", false)
    }

    /// The right to start what schedules and events ask for, of all that serve from this store; `None` while another process has it.
    pub async fn lead(&self) -> Result<Option<LockGuard>, StoreError> {
        self.take("lead", false).await
    }

    /// The sign that a run is at work.
    pub async fn run(&self, run: &RunId) -> Result<Option<LockGuard>, StoreError> {
        self.take(&name_of(run), true).await
    }

    /// Those of these runs whose processes are still there.
    pub async fn alive(&self, runs: &[RunId]) -> Result<HashSet<RunId>, StoreError> {
        let Some(leases) = self.leases.as_ref().filter(|_| !runs.is_empty()) else {
            return Ok(runs.iter().filter(|run| self.is_locked(&name_of(run))).cloned().collect());
        };
        let held = leases.held(&runs.iter().map(name_of).collect::<Vec<_>>()).await?;
        Ok(runs.iter().filter(|run| held.contains(&name_of(run))).cloned().collect())
    }

    /// Waits for the right to set up the store's tables.
    pub(super) fn opening(&self) -> Result<LockGuard, StoreError> {
        let path = self.folder.join("opening");
        let file = open(&path)?;
        file.lock().map_err(|error| StoreError::Folder { path, problem: error.kind() })?;
        Ok(LockGuard(Held::File { _file: file, remove: None }))
    }

    async fn take(&self, name: &str, remove: bool) -> Result<Option<LockGuard>, StoreError> {
        match &self.leases {
            None => self.take_file(name, remove),
            Some(leases) => Ok(leases.take(name).await?.map(|claim| LockGuard(Held::Lease(claim)))),
        }
    }

    pub(super) fn take_file(&self, name: &str, remove: bool) -> Result<Option<LockGuard>, StoreError> {
        let path = self.folder.join(name);
        let file = open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(LockGuard(Held::File { _file: file, remove: remove.then_some(path) }))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::Folder { path, problem: error.kind() }),
        }
    }

    fn is_locked(&self, name: &str) -> bool {
        match File::open(self.folder.join(name)) {
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }
}

pub(super) fn name_of(run: &RunId) -> String {
    format!("run-{run}")
}

fn open(path: &Path) -> Result<File, StoreError> {
    let opened = File::options().create(true).truncate(false).write(true).read(true).open(path);
    opened.map_err(|error| StoreError::Folder { path: path.to_owned(), problem: error.kind() })
}
