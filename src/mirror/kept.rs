//! The rules of a store, as one process reads and writes them: the folders that are a copy, and how far that copy is.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::Timestamp;
use thiserror::Error;
use tokio::runtime::Handle;

use super::copy::Copy;
use super::rule_path::{RULES, SCRIPTS};
use crate::ruleset::{KeptRules, RulesFolder};
use crate::scripting::ScriptFolder;
use crate::store::{RuleFile, Store, StoreError};

/// The folder of copies, below the data folder; each store has one of its own in it.
const FOLDER: &str = "mirror";

/// Rules that are kept in the store. Clones are the same.
#[derive(Clone)]
pub struct Mirror(Arc<Kept>);

struct Kept {
    store: Store,
    copy: Copy,
    /// The change that the copy has.
    change: AtomicI64,
    /// Whether something was written into the copy since [`Mirror::wrote`] was asked.
    wrote: AtomicBool,
}

impl fmt::Debug for Mirror {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Mirror({})", self.change())
    }
}

/// Why the copy is not what the store has.
#[derive(Debug, Error)]
pub enum MirrorError {
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy cannot be written.
    #[error("the copy of the rules below the data folder cannot be written: {0}")]
    Copy(#[from] io::Error),
}

impl Mirror {
    /// Makes the copy what the store of this short name has. Other stores have other copies, so that a command that looks at one of them
    /// puts nothing in the way of whoever serves from this one.
    pub async fn open(store: Store, data_dir: &Path, short_name: &str) -> Result<Mirror, MirrorError> {
        let copy = Copy::in_folder(data_dir.join(FOLDER).join(short_name))?;
        let mirror = Mirror(Arc::new(Kept { store, copy, change: AtomicI64::new(0), wrote: AtomicBool::new(false) }));
        mirror.bring(true).await?;
        Ok(mirror)
    }

    /// The store that has the rules.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The rules.
    pub fn rules(&self) -> RulesFolder {
        RulesFolder::copy_of(Arc::new(self.clone()), self.0.copy.place(RULES))
    }

    /// The scripts.
    pub fn scripts(&self) -> ScriptFolder {
        ScriptFolder::new(self.0.copy.place(SCRIPTS)).shown_as(SCRIPTS)
    }

    /// The change that the copy has.
    pub fn change(&self) -> i64 {
        self.0.change.load(Ordering::Acquire)
    }

    /// The newest change of the store's rules. Cheap: for looking often.
    pub async fn newest(&self) -> Result<i64, StoreError> {
        self.0.store.rule_file_changes().await
    }

    /// Makes the copy what the store has, where it is not.
    pub async fn bring_up(&self) -> Result<(), MirrorError> {
        let there = self.newest().await?;
        if there == self.change() {
            return Ok(());
        }
        // A store with fewer changes is another one, as after a backup was put back.
        self.bring(there < self.change()).await
    }

    /// Whether the copy was written by this process since this was last asked.
    pub fn wrote(&self) -> bool {
        self.0.wrote.swap(false, Ordering::AcqRel)
    }

    /// Makes the copy what the store has, file by file, as after somebody else wrote into it.
    pub async fn bring_whole(&self) -> Result<(), MirrorError> {
        self.bring(true).await
    }

    async fn bring(&self, whole: bool) -> Result<(), MirrorError> {
        let kept = &self.0;
        let copy = kept.copy.clone();
        let lock = tokio::task::spawn_blocking(move || copy.lock()).await.map_err(io::Error::other)??;
        let have = if whole { 0 } else { self.change() };
        // The number first: what is changed in between is read with it, and then once more.
        let change = kept.store.rule_file_changes().await?;
        let files = kept.store.rule_files_since(have).await?;
        let copy = kept.copy.clone();
        let written = tokio::task::spawn_blocking(move || {
            let files: BTreeMap<String, Option<String>> = files.into_iter().map(|RuleFile { path, text, .. }| (path, text)).collect();
            let written = if whole { copy.bring_whole(&files) } else { copy.bring_up(&files) };
            drop(lock);
            written
        });
        if written.await.map_err(io::Error::other)?? {
            kept.wrote.store(true, Ordering::Release);
        }
        if whole {
            kept.change.store(change, Ordering::Release);
        } else {
            // Of two that brought it up, the one that read more has its way.
            kept.change.fetch_max(change, Ordering::AcqRel);
        }
        Ok(())
    }
}

impl KeptRules for Mirror {
    fn replace(&self, path: &str, old: Option<&str>, new: &str) -> io::Result<bool> {
        let replaced = async {
            let replaced = self.0.store.replace_rule_file(path, old, new, Timestamp::now()).await?;
            match self.bring_up().await {
                // It is kept, and the copy gets it at the next look.
                Err(error) if replaced => tracing::error!(%error, "rules could not be copied from the store"),
                brought => brought?,
            }
            Ok::<_, MirrorError>(replaced)
        };
        tokio::task::block_in_place(|| Handle::current().block_on(replaced)).map_err(io::Error::other)
    }
}
