//! Where the key is that seals secrets in the store: `seal_key` names the place and never holds the key.

use crate::diagnostic::Diagnostic;
use crate::yaml::At;

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealKeyReference {
    /// In this environment variable.
    Env(String),
    /// In this file under `secrets_dir`.
    File(String),
}

impl SealKeyReference {
    /// Reads `${env:NAME}` and `${file:NAME}`.
    pub(super) fn read(text: &str) -> Option<SealKeyReference> {
        let inside = text.strip_prefix("${")?.strip_suffix('}')?;
        match inside.split_once(':')? {
            ("env", name) => Some(SealKeyReference::Env(name.to_owned())),
            ("file", name) => Some(SealKeyReference::File(name.to_owned())),
            _ => None,
        }
    }
}

/// Reads `seal_key`. What is no reference may be the key: it is not quoted, and its line is shown masked.
pub(super) fn resolve(at: &At<String>, faults: &mut Vec<Diagnostic>) -> Option<SealKeyReference> {
    let reference = SealKeyReference::read(&at.value);
    if reference.is_none() {
        let help = "write ${file:NAME} for a file under secrets_dir, or ${env:NAME} for an environment variable; the key stands there";
        faults.push(at.error("`seal_key` says where the key is, and is not the key").help(help));
    }
    reference
}
