//! What can go wrong with the store, in words for whoever runs the host.

use std::path::PathBuf;

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or a file in it cannot be used.
    #[error("{path} cannot be used: {problem}; check its owner and that the disk has room")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// The kind of trouble.
        problem: std::io::ErrorKind,
    },
    /// The store was written by a later version.
    #[error(
        "the store {place} was written by a newer casebridge (schema {found}, this one knows {known}); run that version, or restore an older copy"
    )]
    Newer {
        /// The store's file, or its database's host.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest that this version knows.
        known: i64,
    },
    /// The store's file is not there any more, or is another one, while the host has it open.
    #[error("the store {path} was removed or replaced while casebridge had it open; stop casebridge, put the file back, start again")]
    Gone {
        /// The store's file.
        path: PathBuf,
    },
    /// Its address cannot be read; it may hold a password, and is not quoted.
    #[error("the store's address cannot be read; write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Address,
    /// Another process was given this one's work, since this one had stood still for too long.
    #[error("another instance has taken this over, since this one had stopped answering")]
    TakenOver,
    /// The database says no.
    #[error("the store cannot be used: {0}")]
    Database(#[from] sqlx::Error),
    /// Setting up or upgrading the tables failed.
    #[error("the store's tables cannot be set up: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The machine has no randomness, of which secrets are made.
    #[error("this machine has no randomness")]
    NoRandomness,
    /// A row holds what no version of the host writes.
    #[error("the store holds a {0} that this version cannot read")]
    Unreadable(&'static str),
}
