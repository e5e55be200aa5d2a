//! The seam to where secrets live: rules hold references, and resolving asks for what they stand for.

use secrecy::SecretString;

use crate::domain::{FirmId, Reference};

/// Answers what `${env:NAME}`, `${file:NAME}` and `${secret:NAME}` stand for.
pub trait Secrets {
    /// The value of an environment variable.
    fn env(&self, name: &str) -> Result<SecretString, MissingSecret>;

    /// The content of a file under `secrets_dir`, without its last line end.
    fn file(&self, name: &str) -> Result<SecretString, MissingSecret>;

    /// The secret of this name that is sealed in the store.
    fn secret(&self, name: &str) -> Result<SecretString, MissingSecret>;

    /// Whether a setting of the host refers to what this stands for: then it is no firm's, however it is called.
    fn is_of_host(&self, _: &Reference) -> bool {
        false
    }

    /// The scheme, host and port that the key behind this was given for; `None` where that is not known yet.
    fn destination(&self, _: &Reference) -> Option<String> {
        None
    }

    /// Whether a firm was served with this host before; asked where no setting names hosts.
    fn knows_host(&self, _: &str) -> bool {
        false
    }

    /// Whether `shared_secrets` lets this firm use it, keys aside.
    fn is_shared_with(&self, _: &Reference, _: &FirmId) -> bool {
        false
    }
}

/// Why a secret is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct MissingSecret {
    /// One sentence that names the reference and never a value.
    pub problem: String,
    /// What to do.
    pub help: String,
}
