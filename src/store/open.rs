//! Opening the store: its folder, its file or database, its tables.

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::database::{Dialect, Pool};
use super::health::StoreFile;
use super::leases::Leases;
use super::tables::{set_up_postgres, set_up_sqlite};
use super::{LockGuard, Locks, StoreError};
use crate::domain::StoreAddress;

/// So many look at once.
const READERS: u32 = 4;

/// How long somebody waits for a connection to PostgreSQL at a time. Runs try again, for as long as the address says.
const PATIENCE: Duration = Duration::from_secs(30);

/// What each connection to PostgreSQL begins with. A process that stands still within a transaction, or whose machine is gone, keeps others out
/// of what it has locked, its claim's row among it, for less than a lease.
const ON_CONNECT: &str = "set idle_in_transaction_session_timeout = '8s'";

/// The store of one host.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) pool: Pool,
    /// For what only looks: it waits for no writer, nor any writer for it.
    pub(super) readers: Pool,
    pub(super) file: Option<StoreFile>,
    /// Who may do what at the same time.
    pub locks: Locks,
}

impl Store {
    /// Opens the store, making its folder (mode 0700), its file (0600) and its tables as needed.
    ///
    /// # Errors
    /// The folder, file or database cannot be used, or a newer version wrote it.
    pub async fn open(data_dir: &Path, address: &StoreAddress) -> Result<Store, StoreError> {
        private_folder(data_dir)?;
        let locks = Locks::in_folder(data_dir)?;
        match address {
            StoreAddress::Sqlite(file) => Store::open_file(locks, file).await,
            StoreAddress::Postgres { url, connections, wait } => {
                let options: PgConnectOptions = url.expose_secret().parse().map_err(|_| StoreError::Address)?;
                Store::open_postgres(locks, options.application_name("casebridge"), *connections, *wait).await
            }
        }
    }

    async fn open_file(locks: Locks, database: &Path) -> Result<Store, StoreError> {
        if let Some(parent) = database.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
            private_folder(parent)?;
        }
        private_file(database)?;
        let options = SqliteConnectOptions::new()
            .filename(database)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30));
        // One process at a time sets the file up: switching it to WAL does not wait for others as statements do. Waiting for them
        // blocks a thread, not the runtime.
        let lock = locks.clone();
        let opening = tokio::task::spawn_blocking(move || lock.opening()).await;
        let _opening = opening.map_err(|_| StoreError::Unreadable("lock"))??;
        let file = StoreFile::of(database);
        let pool = only_to(&file).max_connections(2).connect_with(options.clone()).await?;
        set_up_sqlite(&pool, database).await?;
        let readers = only_to(&file).max_connections(READERS).connect_lazy_with(options.read_only(true));
        Ok(Store { pool: pool.into(), readers: readers.into(), file: Some(file), locks })
    }

    async fn open_postgres(locks: Locks, options: PgConnectOptions, connections: u32, wait: Duration) -> Result<Store, StoreError> {
        let host = options.get_host().to_owned();
        let pool = PgPoolOptions::new().max_connections(connections.max(2)).acquire_timeout(PATIENCE);
        let pool = pool.after_connect(|connection, _| Box::pin(async move { connection.execute(ON_CONNECT).await.map(drop) }));
        let pool = pool.connect_lazy_with(options.clone());
        set_up_postgres(&pool, &host).await?;
        let leases = Some(Leases::new(options, PATIENCE, &locks)?);
        let pool = Pool::from(pool).that_waits(wait);
        Ok(Store { pool: pool.clone(), readers: pool, file: None, locks: Locks { leases, ..locks } })
    }

    /// Writes out what is pending and lets go of what it holds.
    pub async fn close(&self) {
        if let Some(leases) = &self.locks.leases {
            if let Err(error) = leases.release_all().await {
                tracing::debug!(%error, "leases could not be released");
            }
            leases.close().await;
        }
        self.readers.close().await;
        self.pool.close().await;
    }

    /// Whether other machines may use it too.
    pub fn is_shared(&self) -> bool {
        self.pool.dialect() == Dialect::Postgres
    }

    /// The same store for whoever is not kept waiting: a database that is away is an error within half a minute.
    pub fn without_wait(&self) -> Store {
        let brief = |pool: &Pool| pool.clone().that_waits(Duration::ZERO);
        Store { pool: brief(&self.pool), readers: brief(&self.readers), ..self.clone() }
    }

    /// The same store, which writes only as long as this lock is held.
    pub fn fenced_by(&self, lock: &LockGuard) -> Store {
        match lock.fence() {
            Some(fence) => Store { pool: self.pool.fenced_by(fence), ..self.clone() },
            None => self.clone(),
        }
    }
}

/// Connections to this very file: while another one is in its place, none is opened that would go on with that one.
fn only_to(file: &StoreFile) -> SqlitePoolOptions {
    let file = file.clone();
    SqlitePoolOptions::new().after_connect(move |_, _| {
        let opened = file.is_there().map_err(|gone| sqlx::Error::Configuration(gone.into()));
        Box::pin(std::future::ready(opened))
    })
}

/// Makes a folder that only its owner can look into: it holds clients' names. One that exists keeps the mode that someone gave it.
pub fn private_folder(path: &Path) -> Result<(), StoreError> {
    crate::private_files::private_folder(path).map_err(|error| StoreError::Folder { path: path.to_owned(), problem: error.kind() })
}

/// Makes the store's file so that only its owner reads it, whatever folder it is in; SQLite gives the files beside it the same mode.
fn private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| StoreError::Folder { path: path.to_owned(), problem: error.kind() })
}
