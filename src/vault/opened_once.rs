//! The vault of a command: most rules ask for no sealed secret, and then the store is not opened for their sake.

use std::path::PathBuf;
use std::sync::OnceLock;

use secrecy::SecretString;
use tokio::runtime::Handle;

use super::KeySource;
use super::held::Held;
use crate::domain::{FirmId, StoreAddress};
use crate::live::SealedSecrets;
use crate::rules::MissingSecret;
use crate::store::{Store, StoreError};

/// Sealed secrets as they are when the first one is asked for.
#[derive(Debug)]
pub struct OpenedOnce {
    data_dir: PathBuf,
    database: StoreAddress,
    source: KeySource,
    held: OnceLock<Result<Held, MissingSecret>>,
}

impl OpenedOnce {
    /// The vault of the store at this address, which is not opened yet. To be asked on a thread of a runtime with several.
    #[must_use]
    pub fn new(data_dir: PathBuf, database: StoreAddress, source: KeySource) -> OpenedOnce {
        OpenedOnce { data_dir, database, source, held: OnceLock::new() }
    }

    fn held(&self) -> Result<&Held, MissingSecret> {
        let read = || tokio::task::block_in_place(|| Handle::current().block_on(self.read()));
        let held = self.held.get_or_init(|| {
            read().map_err(|error| MissingSecret {
                problem: error.to_string(),
                help: "run the command as the user whose data folder it is".to_owned(),
            })
        });
        held.as_ref().map_err(Clone::clone)
    }

    async fn read(&self) -> Result<Held, StoreError> {
        // Looking for a secret leaves no store behind where there was none.
        if self.database.file().is_some_and(|file| !file.exists()) {
            return Ok(Held::default());
        }
        let store = Store::open(&self.data_dir, &self.database).await?;
        let held = Held::read(&store).await;
        store.close().await;
        held
    }
}

impl SealedSecrets for OpenedOnce {
    fn open(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.held()?.open(name, &self.source)
    }

    fn change(&self, name: &str) -> Option<i64> {
        self.held().ok()?.change(name)
    }

    fn since(&self, firm: &FirmId) -> Option<i64> {
        self.held().ok()?.since(firm)
    }
}
