//! The vault of a command: most rules ask for no sealed secret, and then the store is not opened for their sake.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use secrecy::SecretString;
use tokio::runtime::Handle;

use super::KeySource;
use super::cache::SecretCache;
use crate::domain::{FirmId, Reference, StoreAddress};
use crate::rules::MissingSecret;
use crate::ruleset::{SealedSecrets, hosts_of};
use crate::store::{Store, StoreError};

/// Sealed secrets as they are when the first one is asked for.
#[derive(Debug)]
pub struct LazyVault {
    data_dir: PathBuf,
    database: StoreAddress,
    source: KeySource,
    held: OnceLock<Result<SecretCache, MissingSecret>>,
    hosts: OnceLock<BTreeSet<String>>,
}

impl LazyVault {
    /// The vault of the store at this address, which is not opened yet. To be asked on a thread of a runtime with several.
    pub fn new(data_dir: PathBuf, database: StoreAddress, source: KeySource) -> LazyVault {
        LazyVault { data_dir, database, source, held: OnceLock::new(), hosts: OnceLock::new() }
    }

    fn held(&self) -> Result<&SecretCache, MissingSecret> {
        let read = || tokio::task::block_in_place(|| Handle::current().block_on(self.read()));
        let held = self.held.get_or_init(|| {
            read().map_err(|error| MissingSecret {
                problem: error.to_string(),
                help: "run the command as the user whose data folder it is".to_owned(),
            })
        });
        held.as_ref().map_err(Clone::clone)
    }

    async fn read(&self) -> Result<SecretCache, StoreError> {
        let Some(store) = self.store().await? else { return Ok(SecretCache::default()) };
        let held = SecretCache::read(&store).await;
        store.close().await;
        held
    }

    async fn read_hosts(&self) -> Result<BTreeSet<String>, StoreError> {
        let Some(store) = self.store().await? else { return Ok(BTreeSet::new()) };
        let good = store.good_rules().await;
        store.close().await;
        Ok(hosts_of(&good?))
    }

    /// The store. Looking for a secret leaves none behind where there was none.
    async fn store(&self) -> Result<Option<Store>, StoreError> {
        if self.database.file().is_some_and(|file| !file.exists()) {
            return Ok(None);
        }
        Store::open(&self.data_dir, &self.database).await.map(Some)
    }
}

impl SealedSecrets for LazyVault {
    fn open(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.held()?.open(name, &self.source)
    }

    fn change(&self, name: &str) -> Option<i64> {
        self.held().ok()?.change(name)
    }

    fn destination(&self, reference: &Reference) -> Option<String> {
        self.held().ok()?.destination(reference)
    }

    fn knows_host(&self, host: &str) -> bool {
        let read = || tokio::task::block_in_place(|| Handle::current().block_on(self.read_hosts()));
        self.hosts.get_or_init(|| read().unwrap_or_default()).contains(host)
    }

    fn since(&self, firm: &FirmId) -> Option<i64> {
        self.held().ok()?.since(firm)
    }
}
