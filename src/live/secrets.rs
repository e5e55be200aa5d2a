//! Where `${env:…}`, `${file:…}` and `${secret:…}` come from on this machine.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use crate::rules::{MissingSecret, Secrets};

/// What opens the secrets that are sealed in the store, which this room does not know.
pub trait SealedSecrets: fmt::Debug + Send + Sync {
    /// The secret of this name.
    ///
    /// # Errors
    /// Why there is none, or why it does not open.
    fn open(&self, name: &str) -> Result<SecretString, MissingSecret>;

    /// The change that set the secret of this name, if there is one: another number once it is another secret.
    fn change(&self, name: &str) -> Option<i64>;
}

/// The process's environment, the files under `secrets_dir`, and what is sealed in the store.
#[derive(Debug, Clone, Default)]
pub struct MachineSecrets {
    /// `secrets_dir` of the settings.
    pub folder: Option<PathBuf>,
    /// What opens sealed secrets; `None` where there is no store.
    pub sealed: Option<Arc<dyn SealedSecrets>>,
}

/// Stands for every secret, where rules are only tested: nothing is sent anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn env(&self, _: &str) -> Result<SecretString, MissingSecret> {
        Ok(SecretString::from("none"))
    }

    fn file(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.env(name)
    }

    fn secret(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.env(name)
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
        let Some(folder) = &self.folder else {
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
