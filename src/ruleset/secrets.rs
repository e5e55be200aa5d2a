//! Where `${env:…}`, `${file:…}` and `${secret:…}` come from on this machine.

use std::fmt;
use std::path::{Component, Path};
use std::sync::Arc;

use secrecy::SecretString;

use super::host_secret::is_of_host;
use crate::domain::{FirmId, Reference, ReferencePolicy};
use crate::rules::{MissingSecret, Secrets};

/// What the store, which this room does not know, has of secrets: those that are sealed there, and where keys go.
pub trait SealedSecrets: fmt::Debug + Send + Sync {
    /// The secret of this name.
    fn open(&self, name: &str) -> Result<SecretString, MissingSecret>;

    /// The change that set the secret of this name, if there is one: another number once it is another secret.
    fn change(&self, name: &str) -> Option<i64>;

    /// The scheme, host and port that the key behind a reference is known to go to.
    fn destination(&self, reference: &Reference) -> Option<String>;

    /// Whether the last good rules of a firm name this host.
    fn knows_host(&self, host: &str) -> bool;

    /// Since when a firm has been in use; `None` for one that the store does not know. Of two that cannot both be there, the older stays.
    fn since(&self, firm: &FirmId) -> Option<i64>;
}

/// The process's environment, the files under `secrets_dir`, and what is sealed in the store.
#[derive(Debug, Clone, Default)]
pub struct MachineSecrets {
    /// What opens sealed secrets; `None` where there is no store.
    pub sealed: Option<Arc<dyn SealedSecrets>>,
    /// Which references are the host's own, and which firms share.
    pub policy: Arc<ReferencePolicy>,
    /// Whether keys may go elsewhere than they were given for, as somebody who is about to accept it wants to see.
    pub for_any_destination: bool,
}

impl MachineSecrets {
    /// Since when the store knows the firm.
    pub fn since(&self, firm: &FirmId) -> Option<i64> {
        self.sealed.as_ref()?.since(firm)
    }
}

/// Stands for every secret, where rules are only tested: nothing is sent anywhere.
#[derive(Debug, Clone, Default)]
pub struct NoSecrets {
    /// The secrets that this machine has all the same; `None` where rules are edited by nobody.
    pub machine: Option<MachineSecrets>,
    /// Which references are the host's own, and which firms share.
    pub policy: Arc<ReferencePolicy>,
}

impl NoSecrets {
    fn of_machine(&self, read: impl Fn(&MachineSecrets) -> Result<SecretString, MissingSecret>) -> SecretString {
        let found = self.machine.as_ref().and_then(|machine| read(machine).ok());
        found.unwrap_or_else(|| SecretString::from("no-secret-is-read-here"))
    }
}

impl Secrets for NoSecrets {
    fn env(&self, name: &str) -> Result<SecretString, MissingSecret> {
        Ok(self.of_machine(|machine| machine.env(name)))
    }

    fn file(&self, name: &str) -> Result<SecretString, MissingSecret> {
        Ok(self.of_machine(|machine| machine.file(name)))
    }

    fn secret(&self, name: &str) -> Result<SecretString, MissingSecret> {
        Ok(self.of_machine(|machine| machine.secret(name)))
    }

    fn is_of_host(&self, reference: &Reference) -> bool {
        is_of_host(reference, &self.policy)
    }

    fn is_shared_with(&self, reference: &Reference, firm: &FirmId) -> bool {
        self.policy.is_shared_with(reference, firm)
    }

    fn destination(&self, reference: &Reference) -> Option<String> {
        self.machine.as_ref()?.destination(reference)
    }

    fn knows_host(&self, host: &str) -> bool {
        self.machine.as_ref().is_some_and(|machine| machine.knows_host(host))
    }
}

/// No key is longer; a larger file is the wrong one.
const MAX_BYTES: u64 = 64 * 1024;

impl Secrets for MachineSecrets {
    fn env(&self, name: &str) -> Result<SecretString, MissingSecret> {
        match std::env::var(name) {
            Ok(value) => usable(&value, &format!("the environment variable {name}"), format!("export {name}=…")),
            Err(_) => {
                Err(missing(format!("the environment variable {name} is not set"), format!("export {name}=… before starting casebridge")))
            }
        }
    }

    fn file(&self, name: &str) -> Result<SecretString, MissingSecret> {
        let Some(folder) = &self.policy.folder else {
            return Err(missing(
                "no folder of secrets is set".to_owned(),
                "set `secrets_dir` in casebridge.yaml, or CASEBRIDGE_SECRETS_DIR",
            ));
        };
        let inside = !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(missing(format!("`{name}` is no file under secrets_dir"), "name a file in that folder, without .. and not from /"));
        }
        let path = folder.join(name);
        let readable = std::fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= MAX_BYTES);
        let text = if readable { std::fs::read_to_string(&path).ok() } else { None };
        match text {
            Some(text) => usable(
                text.trim_end_matches(['\r', '\n']),
                &format!("the file {name} under secrets_dir"),
                "write the key into it".to_owned(),
            ),
            None => Err(missing(format!("the file {name} under secrets_dir cannot be read"), "create it, readable for casebridge's user")),
        }
    }

    fn secret(&self, name: &str) -> Result<SecretString, MissingSecret> {
        match &self.sealed {
            Some(sealed) => sealed.open(name),
            None => Err(missing("there is no store here that a secret could be sealed in".to_owned(), "use ${env:NAME} or ${file:NAME}")),
        }
    }

    fn is_of_host(&self, reference: &Reference) -> bool {
        is_of_host(reference, &self.policy)
    }

    fn is_shared_with(&self, reference: &Reference, firm: &FirmId) -> bool {
        self.policy.is_shared_with(reference, firm)
    }

    fn destination(&self, reference: &Reference) -> Option<String> {
        self.sealed.as_ref().filter(|_| !self.for_any_destination)?.destination(reference)
    }

    fn knows_host(&self, host: &str) -> bool {
        self.sealed.as_ref().is_some_and(|known| known.knows_host(host))
    }
}

/// A secret goes into a header: it must be there, and be one line of visible characters. `what` says whose value it is.
///
/// # Errors
/// What is wrong with it, without a word of it.
pub fn usable(value: &str, what: &str, help: String) -> Result<SecretString, MissingSecret> {
    if value.trim().is_empty() {
        return Err(missing(format!("{what} is empty"), help));
    }
    if !value.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
        return Err(missing(format!("{what} has spaces or characters that no key has"), "write the key alone, on one line".to_owned()));
    }
    Ok(SecretString::from(value))
}

fn missing(problem: String, help: impl Into<String>) -> MissingSecret {
    MissingSecret { problem, help: help.into() }
}
