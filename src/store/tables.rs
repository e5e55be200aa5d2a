//! The store's tables, step by step, for either database.

use std::borrow::Cow;
use std::path::Path;

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Acquire as _, PgPool, SqlSafeStr as _, SqlitePool};

use super::StoreError;

/// A step: its number, its name and its SQL.
type Step = (i64, &'static str, &'static str);

const SQLITE: &[Step] = &[
    (1, "runs", include_str!("../../migrations/sqlite/0001_runs.sql")),
    (2, "ledger", include_str!("../../migrations/sqlite/0002_ledger.sql")),
    (3, "migrations", include_str!("../../migrations/sqlite/0003_migrations.sql")),
    (4, "feeds", include_str!("../../migrations/sqlite/0004_feeds.sql")),
    (5, "host", include_str!("../../migrations/sqlite/0005_host.sql")),
    (6, "tokens", include_str!("../../migrations/sqlite/0006_tokens.sql")),
    (7, "people", include_str!("../../migrations/sqlite/0007_people.sql")),
    (8, "vault", include_str!("../../migrations/sqlite/0008_vault.sql")),
    (9, "webhooks", include_str!("../../migrations/sqlite/0009_webhooks.sql")),
    (10, "idempotency", include_str!("../../migrations/sqlite/0010_idempotency.sql")),
    (12, "rules_of_many", include_str!("../../migrations/sqlite/0012_rules_of_many.sql")),
    (14, "many_firms", include_str!("../../migrations/sqlite/0014_many_firms.sql")),
    (15, "approvals", include_str!("../../migrations/sqlite/0015_approvals.sql")),
    (23, "creations", include_str!("../../migrations/sqlite/0023_creations.sql")),
    (24, "values_not_kept", include_str!("../../migrations/sqlite/0024_values_not_kept.sql")),
    (25, "firm_states", include_str!("../../migrations/sqlite/0025_firm_states.sql")),
    (26, "accounts", include_str!("../../migrations/sqlite/0026_accounts.sql")),
    (27, "invitations", include_str!("../../migrations/sqlite/0027_invitations.sql")),
    (28, "removed_firms", include_str!("../../migrations/sqlite/0028_removed_firms.sql")),
    (30, "origins", include_str!("../../migrations/sqlite/0030_origins.sql")),
    (34, "letters_retried", include_str!("../../migrations/sqlite/0034_letters_retried.sql")),
    (35, "sign_in_origins", include_str!("../../migrations/sqlite/0035_sign_in_origins.sql")),
    (36, "owners_of_tokens", include_str!("../../migrations/sqlite/0036_owners_of_tokens.sql")),
    (37, "hashes_of_scripts", include_str!("../../migrations/sqlite/0037_hashes_of_scripts.sql")),
    (38, "one_time_passwords", include_str!("../../migrations/sqlite/0038_one_time_passwords.sql")),
    (39, "jobs_of_runs", include_str!("../../migrations/sqlite/0039_jobs_of_runs.sql")),
];

/// It begins where SQLite's tables were when PostgreSQL came; later steps have the same numbers in both.
const POSTGRES: &[Step] = &[
    (10, "first", include_str!("../../migrations/postgres/0010_first.sql")),
    (11, "claims", include_str!("../../migrations/postgres/0011_claims.sql")),
    (12, "rules_of_many", include_str!("../../migrations/postgres/0012_rules_of_many.sql")),
    (13, "limits", include_str!("../../migrations/postgres/0013_limits.sql")),
    (14, "many_firms", include_str!("../../migrations/postgres/0014_many_firms.sql")),
    (15, "approvals", include_str!("../../migrations/postgres/0015_approvals.sql")),
    (23, "creations", include_str!("../../migrations/postgres/0023_creations.sql")),
    (24, "values_not_kept", include_str!("../../migrations/postgres/0024_values_not_kept.sql")),
    (25, "firm_states", include_str!("../../migrations/postgres/0025_firm_states.sql")),
    (26, "accounts", include_str!("../../migrations/postgres/0026_accounts.sql")),
    (27, "invitations", include_str!("../../migrations/postgres/0027_invitations.sql")),
    (28, "removed_firms", include_str!("../../migrations/postgres/0028_removed_firms.sql")),
    (30, "origins", include_str!("../../migrations/postgres/0030_origins.sql")),
    (34, "letters_retried", include_str!("../../migrations/postgres/0034_letters_retried.sql")),
    (35, "sign_in_origins", include_str!("../../migrations/postgres/0035_sign_in_origins.sql")),
    (36, "owners_of_tokens", include_str!("../../migrations/postgres/0036_owners_of_tokens.sql")),
    (37, "hashes_of_scripts", include_str!("../../migrations/postgres/0037_hashes_of_scripts.sql")),
    (38, "one_time_passwords", include_str!("../../migrations/postgres/0038_one_time_passwords.sql")),
    (39, "jobs_of_runs", include_str!("../../migrations/postgres/0039_jobs_of_runs.sql")),
];

fn migrator(steps: &[Step]) -> Migrator {
    let step =
        |(number, name, sql): &Step| Migration::new(*number, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false);
    Migrator::with_migrations(steps.iter().map(step).collect())
}

pub(super) async fn set_up_sqlite(pool: &SqlitePool, database: &Path) -> Result<(), StoreError> {
    let migrator = migrator(SQLITE);
    match migrator.run(pool).await {
        Err(MigrateError::VersionMissing(_)) => {
            let mut connection = pool.acquire().await?;
            Err(newer(connection.acquire().await?, &migrator, database.display().to_string()).await?)
        }
        other => Ok(other?),
    }
}

/// Of several instances that start at once, one sets the tables up and the others wait: the migrator takes a lock of the database's.
pub(super) async fn set_up_postgres(pool: &PgPool, host: &str) -> Result<(), StoreError> {
    let migrator = migrator(POSTGRES);
    match migrator.run(pool).await {
        Err(MigrateError::VersionMissing(_)) => {
            let mut connection = pool.acquire().await?;
            Err(newer(&mut *connection, &migrator, format!("at {host}")).await?)
        }
        other => Ok(other?),
    }
}

async fn newer(connection: &mut impl Migrate, migrator: &Migrator, place: String) -> Result<StoreError, StoreError> {
    let applied = connection.list_applied_migrations(&migrator.table_name).await?;
    let found = applied.iter().map(|migration| migration.version).max().unwrap_or_default();
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    Ok(StoreError::Newer { place, found, known })
}
