//! Opening the store: its folder, its file, its tables.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Acquire as _, SqlSafeStr as _};

use super::well::StoreFile;
use super::{Locks, StoreError};

/// So many look at once.
const READERS: u32 = 4;

/// The store of one host.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) pool: SqlitePool,
    /// For what only looks: it waits for no writer, nor any writer for it.
    pub(super) readers: SqlitePool,
    pub(super) file: StoreFile,
    /// The locks beside it.
    pub locks: Locks,
}

fn migrator() -> Migrator {
    let steps = [
        ("runs", include_str!("../../migrations/sqlite/0001_runs.sql")),
        ("ledger", include_str!("../../migrations/sqlite/0002_ledger.sql")),
        ("migrations", include_str!("../../migrations/sqlite/0003_migrations.sql")),
        ("feeds", include_str!("../../migrations/sqlite/0004_feeds.sql")),
        ("host", include_str!("../../migrations/sqlite/0005_host.sql")),
        ("tokens", include_str!("../../migrations/sqlite/0006_tokens.sql")),
        ("people", include_str!("../../migrations/sqlite/0007_people.sql")),
        ("vault", include_str!("../../migrations/sqlite/0008_vault.sql")),
        ("webhooks", include_str!("../../migrations/sqlite/0009_webhooks.sql")),
        ("idempotency", include_str!("../../migrations/sqlite/0010_idempotency.sql")),
        ("rules_of_many", include_str!("../../migrations/sqlite/0012_rules_of_many.sql")),
    ];
    let numbered = steps.into_iter().zip(1..);
    let step = |((name, sql), number): ((&'static str, &'static str), i64)| {
        Migration::new(number, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(numbered.map(step).collect())
}

impl Store {
    /// Opens the store, making its folder (mode 0700), its file (0600) and its tables as needed.
    ///
    /// # Errors
    /// The folder or file cannot be used, or a newer version wrote it.
    pub async fn open(data_dir: &Path, database: &Path) -> Result<Store, StoreError> {
        private_folder(data_dir)?;
        if let Some(parent) = database.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
            private_folder(parent)?;
        }
        private_file(database)?;
        let locks = Locks::in_folder(data_dir)?;
        let options = SqliteConnectOptions::new()
            .filename(database)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30));
        // One process at a time sets the file up: switching it to WAL does not wait for others as statements do. Waiting for them
        // blocks a thread, not the runtime.
        let lock = locks.clone();
        let opening = tokio::task::spawn_blocking(move || lock.opening()).await;
        let _opening = opening.map_err(|_| StoreError::Unreadable("lock"))??;
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options.clone()).await?;
        migrate(&pool, database).await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options.read_only(true));
        Ok(Store { pool, readers, file: StoreFile::of(database), locks })
    }

    /// Writes out what is pending and lets go of the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.pool.close().await;
    }
}

async fn migrate(pool: &SqlitePool, database: &Path) -> Result<(), StoreError> {
    let migrator = migrator();
    match migrator.run(pool).await {
        Err(MigrateError::VersionMissing(_)) => {
            let mut connection = pool.acquire().await?;
            let applied = connection.acquire().await?.list_applied_migrations(&migrator.table_name).await?;
            let found = applied.iter().map(|migration| migration.version).max().unwrap_or_default();
            let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
            Err(StoreError::Newer { path: database.to_owned(), found, known })
        }
        other => Ok(other?),
    }
}

/// Makes a folder that only its owner can look into: it holds clients' names. One that exists keeps the mode that someone gave it.
///
/// # Errors
/// It cannot be made.
pub fn private_folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StoreError::Folder { path: path.to_owned(), problem: error.kind() })
}

/// Makes the store's file so that only its owner reads it, whatever folder it is in; SQLite gives the files beside it the same mode.
fn private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| StoreError::Folder { path: path.to_owned(), problem: error.kind() })
}
