//! Where a host keeps what it knows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

/// So many connections at a time a command has at most.
const COMMAND_CONNECTIONS: u32 = 4;

/// Where the store is.
#[derive(Debug, Clone)]
pub enum StoreAddress {
    /// A file of SQLite's: one machine.
    Sqlite(PathBuf),
    /// A database of PostgreSQL's, which several machines share.
    Postgres {
        /// `postgres://…`; it may hold a password.
        url: SecretString,
        /// At most so many connections at a time.
        connections: u32,
        /// How long runs wait for a database that is away.
        wait: Duration,
    },
}

impl StoreAddress {
    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            StoreAddress::Sqlite(path) => Some(path),
            StoreAddress::Postgres { .. } => None,
        }
    }

    /// The same for a command, which does one thing at a time and needs few connections.
    pub fn for_a_command(&self) -> StoreAddress {
        match self.clone() {
            StoreAddress::Postgres { url, connections, wait } => {
                StoreAddress::Postgres { url, connections: connections.min(COMMAND_CONNECTIONS), wait }
            }
            file @ StoreAddress::Sqlite(_) => file,
        }
    }

    /// A short name of the store for folders: sixteen hexadecimal digits, the same for the same address, whatever password goes with it.
    pub fn short_name(&self) -> String {
        let address = match self {
            StoreAddress::Sqlite(path) => path.to_string_lossy().into_owned(),
            StoreAddress::Postgres { url, .. } => without_password(url.expose_secret()),
        };
        Sha256::digest(address).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Where a password may stand in an address, nothing is left of it.
fn without_password(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return String::new() };
    let more: Vec<String> =
        url.query_pairs().filter(|(name, _)| name != "password").map(|(name, value)| format!("{name}={value}")).collect();
    let (host, port) = (url.host_str().unwrap_or_default(), url.port().unwrap_or(5432));
    format!("{}@{host}:{port}{}?{}", url.username(), url.path(), more.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_has_one_name_and_another_store_another() {
        let named = |url: &str| StoreAddress::Postgres { url: url.into(), connections: 2, wait: Duration::ZERO }.short_name();
        let one = named("postgres://casebridge:first@db/casebridge");
        assert_eq!(one, named("postgres://casebridge:second@db:5432/casebridge"));
        assert_eq!(one, named("postgres://casebridge@db/casebridge?password=third"));
        assert_ne!(one, named("postgres://casebridge:first@db/restored"));
        assert_ne!(one, named("postgres://casebridge:first@other/casebridge"));
    }
}
