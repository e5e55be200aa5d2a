//! Secrets that rules refer to as `${secret:NAME}`: sealed in the store, by a key that is kept elsewhere.
//!
//! Architecture invariant: the store holds sealed bytes and never the key, and what is opened lives in `SecretString`s only. Of a secret
//! only its name and the time when it was set can be asked for; its value goes into rules and nowhere else.

mod cache;
mod lazy;
mod seal;
mod seal_key;
mod vault;

pub use lazy::LazyVault;
pub use seal::SealKey;
pub use seal_key::KeySource;
pub use vault::{SecretStatus, SetSecret, Vault, VaultError};
