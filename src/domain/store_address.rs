//! Where a host keeps what it knows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

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
}
