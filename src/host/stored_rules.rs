//! Rules that are kept in the store: their files as this process read them last, and how one of them is replaced.
//!
//! Architecture invariant: whoever writes compares with what the store has, and never with what was read.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::ruleset::{RulesFolder, RulesStorage, SCRIPTS, is_rule_path, scripts_among};
use crate::scripting::ScriptFolder;
use crate::store::{Store, StoreError};

type Texts = BTreeMap<String, String>;

/// The rules of a store. Clones are the same.
#[derive(Clone)]
pub struct StoredRules(Arc<Inner>);

struct Inner {
    store: Store,
    /// Every file, by path.
    files: ArcSwap<Texts>,
    /// Those of scripts, by their names in the folder.
    scripts: Arc<ArcSwap<Texts>>,
    /// The change up to which they were read.
    change: AtomicI64,
    /// Of two that read, the one that began later swaps in later.
    reading: Mutex<()>,
}

impl fmt::Debug for StoredRules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "StoredRules({})", self.change())
    }
}

impl StoredRules {
    /// Reads the rules of this store.
    pub async fn open(store: Store) -> Result<StoredRules, StoreError> {
        let inner =
            Inner { store, files: ArcSwap::default(), scripts: Arc::default(), change: AtomicI64::new(0), reading: Mutex::default() };
        let stored = StoredRules(Arc::new(inner));
        stored.refresh().await?;
        Ok(stored)
    }

    /// The store that has them.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The rules.
    pub fn rules(&self) -> RulesFolder {
        RulesFolder::in_storage(Arc::new(self.clone()))
    }

    /// The scripts.
    pub fn scripts(&self) -> ScriptFolder {
        ScriptFolder::of_texts(SCRIPTS, Arc::clone(&self.0.scripts))
    }

    /// The change up to which the files were read.
    pub fn change(&self) -> i64 {
        self.0.change.load(Ordering::Acquire)
    }

    /// The newest change of the store's rules. Cheap: for looking often.
    pub async fn newest(&self) -> Result<i64, StoreError> {
        self.0.store.rule_file_changes().await
    }

    /// Reads what changed since the last time.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let inner = &self.0;
        let _reading = inner.reading.lock().await;
        // The number first: what is changed in between is read with it, and then once more.
        let (newest, have) = (self.newest().await?, self.change());
        if newest == have {
            return Ok(());
        }
        // A store with fewer changes is another one, as after a backup was put back.
        let is_other = newest < have;
        let mut files = if is_other { Texts::new() } else { Texts::clone(&inner.files.load()) };
        let changed = inner.store.rule_files_since(if is_other { 0 } else { have }).await?;
        for file in changed.into_iter().filter(|file| is_rule_path(&file.path)) {
            match file.text {
                Some(text) => files.insert(file.path, text),
                None => files.remove(&file.path),
            };
        }
        inner.scripts.store(Arc::new(scripts_among(&files).collect()));
        inner.files.store(Arc::new(files));
        inner.change.store(newest, Ordering::Release);
        Ok(())
    }
}

impl RulesStorage for StoredRules {
    fn files(&self) -> Arc<Texts> {
        self.0.files.load_full()
    }

    fn replace(&self, path: &str, old: Option<&str>, new: &str) -> io::Result<bool> {
        let replaced = async {
            let replaced = self.0.store.replace_rule_file(path, old, new, Timestamp::now()).await?;
            match self.refresh().await {
                // The store has it, and the next look reads it.
                Err(error) if replaced => tracing::error!(%error, "rules in the store could not be read"),
                read => read?,
            }
            Ok::<_, StoreError>(replaced)
        };
        tokio::task::block_in_place(|| Handle::current().block_on(replaced)).map_err(io::Error::other)
    }
}
