//! The sealed secrets as they were read from the store at one moment.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::KeySource;
use super::seal::Unopened;
use crate::domain::{FirmId, Reference, ReferenceKind, SealedSecret, SecretName};
use crate::rules::MissingSecret;
use crate::store::{Store, StoreError};

/// All sealed secrets.
#[derive(Debug, Default)]
pub(super) struct SecretCache {
    /// How many changes had been made by then.
    pub changes: i64,
    secrets: BTreeMap<SecretName, SealedSecret>,
    since: BTreeMap<FirmId, i64>,
    destinations: BTreeMap<Reference, String>,
}

impl SecretCache {
    /// Reads them.
    pub(super) async fn read(store: &Store) -> Result<SecretCache, StoreError> {
        // In this order: a change in between is noticed as one that came after.
        let changes = store.sealed_secret_changes().await?;
        let secrets = store.sealed_secrets().await?;
        let since = store.firms_since().await?;
        let destinations = store.secret_destinations().await?;
        Ok(SecretCache { changes, secrets: secrets.into_iter().map(|secret| (secret.name.clone(), secret)).collect(), since, destinations })
    }

    /// What the key behind a reference is known to go to.
    pub(super) fn destination(&self, reference: &Reference) -> Option<String> {
        self.destinations.get(reference).cloned()
    }

    /// The sealed secret that a reference stands for.
    pub(super) fn sealed(&self, reference: &Reference) -> Option<&SealedSecret> {
        if reference.kind != ReferenceKind::Sealed {
            return None;
        }
        self.secrets.get(&SecretName::new(&reference.name)?)
    }

    /// Since when the store knows the firm.
    pub(super) fn since(&self, firm: &FirmId) -> Option<i64> {
        self.since.get(firm).copied()
    }

    /// The change that set the secret of this name.
    pub(super) fn change(&self, name: &str) -> Option<i64> {
        Some(self.secrets.get(&SecretName::new(name)?)?.change)
    }

    /// Opens the secret of this name.
    pub(super) fn open(&self, name: &str, source: &KeySource) -> Result<SecretString, MissingSecret> {
        let Some(name) = SecretName::new(name) else {
            return Err(MissingSecret { problem: format!("no secret can be called `{name}`"), help: SecretName::FORM.to_owned() });
        };
        let set = format!("casebridge secret set {name}");
        match self.secrets.get(&name) {
            Some(secret) => open(secret, source),
            None => Err(MissingSecret { problem: format!("no secret `{name}` is sealed in the store"), help: format!("`{set}` seals it") }),
        }
    }
}

/// Opens a sealed secret.
pub(super) fn open(secret: &SealedSecret, source: &KeySource) -> Result<SecretString, MissingSecret> {
    let name = &secret.name;
    source.key()?.open(name, secret.origin.as_deref(), &secret.sealed).map_err(|unopened| MissingSecret {
        problem: match unopened {
            Unopened::AnotherKey => format!("the secret `{name}` was sealed with another key: set it again"),
            Unopened::Altered => format!("the secret `{name}` was altered since it was sealed: set it again"),
        },
        help: format!("`casebridge secret set {name}`, or let `seal_key` stand for the key that it was sealed with"),
    })
}
