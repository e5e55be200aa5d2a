//! One statement with its values, run on either database.

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{PgConnection, Postgres, SqlSafeStr, SqlStr, Sqlite, SqliteConnection, SqlitePool};

use super::builder::AssembledText;
use super::pool::{Connections, Dialect, Pool, Transaction};
use super::row::DbRow;
use super::value::Value;
use crate::store::StoreError;

/// A statement.
#[derive(Clone)]
pub(in crate::store) struct Query<'q> {
    text: Text,
    values: Vec<Value<'q>>,
}

#[derive(Clone)]
enum Text {
    /// Written as it is, with a few `$1`, `$2` …, which both databases take.
    Constant(SqlStr),
    /// Put together, of any number of values.
    Assembled(AssembledText),
}

/// A statement of more values is prepared, run and forgotten: each other number of rows is another text, and a connection would keep a hundred.
const MOST_VALUES_KEPT_PREPARED: usize = 64;

/// What a statement did.
pub(in crate::store) struct Done {
    rows_affected: u64,
}

impl Done {
    /// So many rows were inserted, changed or deleted.
    pub(in crate::store) fn rows_affected(&self) -> u64 {
        self.rows_affected
    }
}

/// A statement of this text.
pub(in crate::store) fn query<'q>(sql: impl SqlSafeStr) -> Query<'q> {
    Query { text: Text::Constant(sql.into_sql_str()), values: Vec::new() }
}

/// Where a statement runs.
pub(in crate::store) enum Target<'t> {
    Pool(&'t Pool),
    Transaction(&'t mut Transaction),
}

impl<'t> From<&'t Pool> for Target<'t> {
    fn from(pool: &'t Pool) -> Self {
        Target::Pool(pool)
    }
}

impl<'t> From<&'t mut Transaction> for Target<'t> {
    fn from(transaction: &'t mut Transaction) -> Self {
        Target::Transaction(transaction)
    }
}

/// The same, as sqlx knows it.
enum Place<'t> {
    SqlitePool(&'t SqlitePool),
    PostgresPool(PoolConnection<Postgres>),
    Sqlite(&'t mut SqliteConnection),
    Postgres(&'t mut PgConnection),
}

impl<'t> Place<'t> {
    async fn of(target: Target<'t>) -> Result<Place<'t>, StoreError> {
        Ok(match target {
            Target::Pool(Pool { connections: Connections::Sqlite(pool), .. }) => Place::SqlitePool(pool),
            Target::Pool(pool @ Pool { connections: Connections::Postgres(connections), .. }) => {
                Place::PostgresPool(pool.acquire(connections).await?)
            }
            Target::Transaction(Transaction::Sqlite(transaction)) => Place::Sqlite(transaction),
            Target::Transaction(Transaction::Postgres(transaction)) => Place::Postgres(transaction),
        })
    }
}

/// Runs a statement by this method of sqlx's, and wraps what it answers. What waits is boxed: of four kinds, one is ever there, and all that
/// asks the store would carry the room for the largest.
macro_rules! run {
    ($query:expr, $target:expr, $method:ident, $sqlite:expr, $postgres:expr) => {
        Ok(match Place::of($target).await? {
            Place::SqlitePool(pool) => Box::pin($query.sqlite().$method(pool)).await.map($sqlite)?,
            Place::Sqlite(connection) => Box::pin($query.sqlite().$method(connection)).await.map($sqlite)?,
            Place::PostgresPool(mut connection) => Box::pin($query.postgres().$method(&mut *connection)).await.map($postgres)?,
            Place::Postgres(connection) => Box::pin($query.postgres().$method(connection)).await.map($postgres)?,
        })
    };
}

/// The same for what is read: a read that an outage breaks off is done again.
macro_rules! read {
    ($query:expr, $target:expr, $method:ident, $sqlite:expr, $postgres:expr) => {
        match $target.into() {
            Target::Pool(pool) if $query.only_reads() && pool.dialect() == Dialect::Postgres => {
                let once = || async { run!($query.clone(), Target::Pool(pool), $method, $sqlite, $postgres) };
                pool.outlast(|| Box::pin(once())).await
            }
            target => run!($query, target, $method, $sqlite, $postgres),
        }
    };
}

impl<'q> Query<'q> {
    pub(super) fn assembled(text: AssembledText, values: Vec<Value<'q>>) -> Query<'q> {
        Query { text: Text::Assembled(text), values }
    }

    /// The next value.
    pub(in crate::store) fn bind(mut self, value: impl Into<Value<'q>>) -> Query<'q> {
        self.values.push(value.into());
        self
    }

    /// Runs it; under a claim, within a transaction that holds the claim.
    pub(in crate::store) async fn execute(self, target: impl Into<Target<'_>>) -> Result<Done, StoreError> {
        match target.into() {
            Target::Pool(pool) if pool.fence.is_some() => {
                let mut transaction = pool.begin().await?;
                let done = self.run(Target::Transaction(&mut transaction)).await?;
                transaction.commit().await?;
                Ok(done)
            }
            target => self.run(target).await,
        }
    }

    async fn run(self, target: Target<'_>) -> Result<Done, StoreError> {
        run!(self, target, execute, |done| Done { rows_affected: done.rows_affected() }, |done| Done {
            rows_affected: done.rows_affected()
        })
    }

    pub(in crate::store) async fn fetch_one(self, target: impl Into<Target<'_>>) -> Result<DbRow, StoreError> {
        read!(self, target, fetch_one, DbRow::Sqlite, DbRow::Postgres)
    }

    pub(in crate::store) async fn fetch_optional(self, target: impl Into<Target<'_>>) -> Result<Option<DbRow>, StoreError> {
        read!(self, target, fetch_optional, |row| row.map(DbRow::Sqlite), |row| row.map(DbRow::Postgres))
    }

    pub(in crate::store) async fn fetch_all(self, target: impl Into<Target<'_>>) -> Result<Vec<DbRow>, StoreError> {
        read!(self, target, fetch_all, |rows| rows.into_iter().map(DbRow::Sqlite).collect(), |rows| rows
            .into_iter()
            .map(DbRow::Postgres)
            .collect())
    }

    fn only_reads(&self) -> bool {
        self.text.sql().trim_start().starts_with("select")
    }

    fn sqlite(self) -> sqlx::query::Query<'q, Sqlite, SqliteArguments> {
        let query = sqlx::query(self.text.render(AssembledText::for_sqlite)).persistent(self.values.len() <= MOST_VALUES_KEPT_PREPARED);
        self.values.into_iter().fold(query, |query, value| value.bind_sqlite(query))
    }

    fn postgres(self) -> sqlx::query::Query<'q, Postgres, PgArguments> {
        let query = sqlx::query(self.text.render(AssembledText::for_postgres)).persistent(self.values.len() <= MOST_VALUES_KEPT_PREPARED);
        self.values.into_iter().fold(query, |query, value| value.bind_postgres(query))
    }
}

impl Text {
    fn sql(&self) -> &str {
        match self {
            Text::Constant(sql) => sql.as_str(),
            Text::Assembled(text) => text.sql(),
        }
    }

    fn render(self, assembled: impl Fn(&AssembledText) -> String) -> SqlStr {
        match self {
            Text::Constant(sql) => sql,
            Text::Assembled(text) => sqlx::AssertSqlSafe(assembled(&text)).into_sql_str(),
        }
    }
}
