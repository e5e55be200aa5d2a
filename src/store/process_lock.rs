//! Which processes of one data folder are there: each that takes claims holds a file lock as long as it lives. So what a killed process held
//! need not wait for its lease to run out, where another process of the same machine looks.

use super::{LockGuard, Locks, StoreError};

/// What the files are called.
const PREFIX: &str = "process-";

/// A process that is there, or was: its name and the lock that says so.
#[derive(Debug)]
pub(super) struct ProcessLock {
    /// By what name it holds claims.
    pub holder: String,
    locks: Locks,
    _lock: LockGuard,
}

impl ProcessLock {
    /// Gives this process a name that no other has.
    pub(super) fn begin(locks: &Locks) -> Result<ProcessLock, StoreError> {
        loop {
            let mut random = [0_u8; 16];
            getrandom::fill(&mut random).map_err(|_| StoreError::NoRandomness)?;
            let holder: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
            // Another process may have taken the new file for one that a dead process left.
            if let Some(lock) = locks.take_file(&format!("{PREFIX}{holder}"), true)? {
                return Ok(ProcessLock { holder, locks: locks.clone(), _lock: lock });
            }
        }
    }

    /// The processes of this folder that ended without a word. Their files go once this is dropped.
    pub(super) fn dead(&self) -> Vec<ProcessLock> {
        let entries = std::fs::read_dir(&self.locks.folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_prefix(PREFIX)?.to_owned()));
        let others = names.filter(|holder| *holder != self.holder);
        let unlocked = others.filter_map(|holder| {
            let lock = self.locks.take_file(&format!("{PREFIX}{holder}"), true).ok()??;
            Some(ProcessLock { holder, locks: self.locks.clone(), _lock: lock })
        });
        unlocked.collect()
    }
}
