//! Connections to either database, and transactions on them.

use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};

use super::fence::Fence;
use super::outage::Outage;
use super::query::query;
use crate::store::StoreError;

/// Connections to one database, and the claim under which they write.
#[derive(Debug, Clone)]
pub(in crate::store) struct Pool {
    pub(super) connections: Connections,
    pub(super) fence: Option<Fence>,
    outage: Outage,
}

#[derive(Debug, Clone)]
pub(super) enum Connections {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Which SQL a statement is written for, where the two do not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Dialect {
    Sqlite,
    Postgres,
}

/// What is done as a whole or not at all; not at all, if it is dropped.
pub(in crate::store) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl From<SqlitePool> for Pool {
    fn from(pool: SqlitePool) -> Pool {
        Pool { connections: Connections::Sqlite(pool), fence: None, outage: Outage::default() }
    }
}

impl From<PgPool> for Pool {
    fn from(pool: PgPool) -> Pool {
        Pool { connections: Connections::Postgres(pool), fence: None, outage: Outage::default() }
    }
}

impl Pool {
    /// The same connections, writing under a claim.
    pub(in crate::store) fn fenced_by(&self, fence: Fence) -> Pool {
        Pool { fence: Some(fence), ..self.clone() }
    }

    /// The same connections for work that waits so long for a database that is away.
    pub(in crate::store) fn that_waits(self, wait: Duration) -> Pool {
        Pool { outage: self.outage.waits(wait), ..self }
    }

    /// A connection to this PostgreSQL, once it is there.
    pub(super) async fn acquire(&self, pool: &PgPool) -> Result<PoolConnection<Postgres>, StoreError> {
        self.outage.connect(|| Box::pin(async { Ok(pool.acquire().await?) })).await
    }

    /// Does work again that an outage has broken off: of a kind that does nothing more when it is done twice.
    pub(in crate::store) async fn outlast<'w, T>(&self, work: impl Fn() -> BoxFuture<'w, Result<T, StoreError>>) -> Result<T, StoreError> {
        self.outage.outlast(work).await
    }

    pub(in crate::store) fn dialect(&self) -> Dialect {
        match &self.connections {
            Connections::Sqlite(_) => Dialect::Sqlite,
            Connections::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(in crate::store) async fn begin(&self) -> Result<Transaction, StoreError> {
        let mut transaction = match &self.connections {
            Connections::Sqlite(pool) => Transaction::Sqlite(Box::pin(pool.begin()).await?),
            Connections::Postgres(pool) => {
                Transaction::Postgres(self.outage.connect(|| Box::pin(async { Ok(pool.begin().await?) })).await?)
            }
        };
        if let Some(fence) = &self.fence {
            fence.check(&mut transaction).await?;
        }
        Ok(transaction)
    }

    pub(in crate::store) async fn close(&self) {
        match &self.connections {
            Connections::Sqlite(pool) => pool.close().await,
            Connections::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Transaction::Sqlite(transaction) => Box::pin(transaction.commit()).await?,
            Transaction::Postgres(transaction) => Box::pin(transaction.commit()).await?,
        }
        Ok(())
    }

    /// Waits until no other transaction that asked for the same name is under way: what it reads stays so until it has written. Of SQLite,
    /// which has one writer at a time, a transaction that begins by writing asks for nothing more.
    pub(in crate::store) async fn alone(&mut self, name: &'static str) -> Result<(), StoreError> {
        if let Transaction::Postgres(_) = self {
            query("select pg_advisory_xact_lock(hashtext($1))").bind(name).execute(self).await?;
        }
        Ok(())
    }

    /// Lets this transaction wait for something else for as long as that takes, which PostgreSQL otherwise takes for a process that is gone.
    pub(in crate::store) async fn may_pause(&mut self) -> Result<(), StoreError> {
        if let Transaction::Postgres(_) = self {
            query("set local idle_in_transaction_session_timeout = 0").execute(self).await?;
        }
        Ok(())
    }
}
