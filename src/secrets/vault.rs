//! The vault of a host that goes on: what is sealed is held in memory, set through here, and read anew when others have set it.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

use super::KeySource;
use super::cache::{self, SecretCache};
use crate::domain::{FirmId, Reference, SealedSecret, SecretName};
use crate::rules::MissingSecret;
use crate::ruleset::{SealedSecrets, usable};
use crate::store::{Store, StoreError};

/// Sealed secrets and the way to their store. Clones are the same vault.
#[derive(Debug, Clone)]
pub struct Vault {
    store: Store,
    source: KeySource,
    held: Arc<ArcSwap<SecretCache>>,
    hosts: Arc<BTreeSet<String>>,
}

/// What is known of a sealed secret; its value is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretStatus {
    /// What it is called.
    pub name: SecretName,
    /// When it was set.
    pub set_at: Timestamp,
    /// Why it does not open now, if it does not.
    pub fault: Option<MissingSecret>,
}

/// What came of setting a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSecret {
    /// When it was set.
    pub at: Timestamp,
    /// When the one that it takes the place of was set.
    pub before: Option<Timestamp>,
}

/// Why a secret was not set.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The value is none that a vendor's key could have, or there is no key to seal it with.
    #[error("{0}")]
    Refused(MissingSecret),
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Vault {
    /// Opens the vault of a store.
    pub async fn open(store: Store, source: KeySource) -> Result<Vault, StoreError> {
        let held = SecretCache::read(&store).await?;
        Ok(Vault { store, source, held: Arc::new(ArcSwap::from_pointee(held)), hosts: Arc::default() })
    }

    /// The same, which knows these hosts as those of firms.
    pub fn with_hosts(self, hosts: BTreeSet<String>) -> Vault {
        Vault { hosts: Arc::new(hosts), ..self }
    }

    /// Binds each key to the scheme, host and port that it is used for first.
    pub async fn bind(&self, keys: impl IntoIterator<Item = (Reference, String)>) -> Result<(), StoreError> {
        let held = self.held.load_full();
        let unbound: Vec<_> = keys.into_iter().filter(|(reference, _)| held.destination(reference).is_none()).collect();
        if unbound.is_empty() {
            return Ok(());
        }
        let mut unsealed = Vec::new();
        for (reference, to) in unbound {
            let is_bound = match held.sealed(&reference) {
                Some(secret) => self.reseal(secret, &to).await.unwrap_or(false),
                None => false,
            };
            // One that does not open now is bound once it is set anew.
            if !is_bound {
                unsealed.push((reference, to));
            }
        }
        self.store.first_destinations(&unsealed, Timestamp::now()).await?;
        self.refresh().await
    }

    /// What a key is known to go to.
    pub fn destination(&self, reference: &Reference) -> Option<String> {
        self.held.load().destination(reference)
    }

    /// Lets a key go to this from now on, and to nothing else.
    pub async fn trust(&self, reference: &Reference, to: &str) -> Result<(), VaultError> {
        let held = self.held.load_full();
        let is_resealed = match held.sealed(reference) {
            Some(secret) => self.reseal(secret, to).await?,
            None => false,
        };
        if !is_resealed {
            self.store.put_destination(reference, to, Timestamp::now()).await?;
        }
        Ok(self.refresh().await?)
    }

    async fn reseal(&self, secret: &SealedSecret, to: &str) -> Result<bool, VaultError> {
        let value = cache::open(secret, &self.source).map_err(VaultError::Refused)?;
        let sealed = self.source.key().map_err(VaultError::Refused)?.seal(&secret.name, Some(to), &value)?;
        Ok(self.store.reseal_secret(secret, &sealed, to).await?)
    }

    /// Whether there is a key to seal with: to be asked before somebody types a secret.
    pub fn can_seal(&self) -> Result<(), MissingSecret> {
        self.source.key().map(drop)
    }

    /// Seals a secret, in place of the one of its name if there is one. Rules that refer to it have it from the next look at them.
    pub async fn set(&self, name: &SecretName, value: SecretString) -> Result<SetSecret, VaultError> {
        let what = format!("the value of `{name}`");
        let value = usable(value.expose_secret(), &what, "write the key alone, on one line".to_owned()).map_err(VaultError::Refused)?;
        let sealed = self.source.key().map_err(VaultError::Refused)?.seal(name, None, &value)?;
        let now = Timestamp::now();
        // In whole milliseconds, as the store keeps it.
        let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let before = self.store.put_sealed_secret(name, &sealed, at).await?;
        self.refresh().await?;
        Ok(SetSecret { at, before })
    }

    /// Removes a secret; `false` if there is none of this name.
    pub async fn remove(&self, name: &SecretName) -> Result<bool, StoreError> {
        let removed = self.store.remove_sealed_secret(name).await?;
        self.refresh().await?;
        Ok(removed)
    }

    /// What is known of every secret, by name.
    pub async fn names(&self) -> Result<Vec<SecretStatus>, StoreError> {
        let secrets = self.store.sealed_secrets().await?;
        let kept = |secret| SecretStatus { fault: cache::open(&secret, &self.source).err(), name: secret.name, set_at: secret.set_at };
        Ok(secrets.into_iter().map(kept).collect())
    }

    /// Reads the secrets anew if any has been set or removed since, be it by another process.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        if self.store.sealed_secret_changes().await? != self.changes() {
            let read = Arc::new(SecretCache::read(&self.store).await?);
            // Of two that read at once, the one that read later has its way.
            self.held.rcu(|held| Arc::clone(if held.changes < read.changes { &read } else { held }));
        }
        Ok(())
    }

    /// How many changes the secrets in memory have seen: another number once there is something new for rules.
    pub fn changes(&self) -> i64 {
        self.held.load().changes
    }
}

impl SealedSecrets for Vault {
    fn open(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.held.load().open(name, &self.source)
    }

    fn change(&self, name: &str) -> Option<i64> {
        self.held.load().change(name)
    }

    fn destination(&self, reference: &Reference) -> Option<String> {
        Vault::destination(self, reference)
    }

    fn knows_host(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }

    fn since(&self, firm: &FirmId) -> Option<i64> {
        self.held.load().since(firm)
    }
}
