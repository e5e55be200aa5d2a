//! Secrets that rules refer to as `${secret:NAME}`: sealed in the store, by a key that is kept elsewhere.
//!
//! Architecture invariant: the store holds sealed bytes and never the key, and what is opened lives in `SecretString`s only. Of a secret
//! only its name and the time when it was set can be asked for; its value goes into rules and nowhere else.

mod held;
mod kept;
mod opened_once;
mod seal;
mod seal_key;

pub use kept::{KeptSecret, SetSecret, Vault, VaultError};
pub use opened_once::OpenedOnce;
pub use seal::SealKey;
pub use seal_key::KeySource;
