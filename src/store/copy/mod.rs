//! A copy of a whole store in an empty one, of SQLite's or PostgreSQL's, and the comparison of the two row by row.
//!
//! All of it is one transaction of the store that is written: until every row has been read again and compared, there is no copy.

mod pages;
mod table;

use std::collections::HashSet;

use self::pages::{BATCH, Line, Pages};
use self::table::Table;
use super::database::{Dialect, QueryBuilder, Transaction, query};
use super::{LockGuard, Store, StoreError};
use crate::domain::RunId;

/// Every table with something to keep, each behind those that it refers to. The others say what is so at the moment, of processes that know
/// only the one store.
const TABLES: &[&str] = &[
    "revisions",
    "runs",
    "rows",
    "effects",
    "migrations",
    "log_lines",
    "cursors",
    "inbox",
    "documents",
    "outbox",
    "letters",
    "schedules",
    "occurrences",
    "pauses",
    "firm_states",
    "accounts",
    "good_rules",
    "removed_firms",
    "receipts",
    "notices",
    "users",
    "sessions",
    "failed_sign_ins",
    "sign_in_origins",
    "audit",
    "tokens",
    "sealed_secrets",
    "sealed_secret_changes",
    "secret_origins",
    "rule_files",
    "rule_file_changes",
    "events",
    "idempotency",
    "creations",
    "values_not_kept",
];

/// Those that setting up the tables puts a row into, which the source's takes the place of.
const BEGUN: &[&str] = &["sealed_secret_changes", "rule_file_changes"];

/// What came of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// So many rows it has.
    pub rows: u64,
    /// So many of them were read again and have the same values.
    pub equal: u64,
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy)]
pub struct CopyStep {
    /// The table that it is at.
    pub table: &'static str,
    /// Whether its rows are written already, and now compared.
    pub comparing: bool,
    /// So many rows were written, or compared.
    pub done: u64,
    /// Of so many.
    pub of: u64,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Its rows would be mixed with others.
    #[error("the store that is copied to is not empty: `{0}` has rows")]
    NotEmpty(&'static str),
    /// What it does would be missing.
    #[error("{0} is in use by `casebridge serve`")]
    Served(&'static str),
    /// What it does would be missing.
    #[error("run {0} is still at work on the store that is copied")]
    AtWork(RunId),
    /// A store has a table that the other has otherwise.
    #[error("the two stores do not have the same columns in `{0}`")]
    Columns(&'static str),
    /// One of the two says no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Copies everything to `target`, reads it again and compares. Where a row differs, nothing is kept; the answer says in which table.
    pub async fn copy_to(&self, target: &Store, report: impl Fn(CopyStep) + Sync) -> Result<Vec<CopiedTable>, CopyError> {
        let _source = self.alone("the store that is copied").await?;
        // Two files beside each other have one lock, which is held already.
        let _target =
            if !self.is_shared() && !target.is_shared() { None } else { Some(target.alone("the store that is copied to").await?) };
        if let Some(run) = self.at_work().await? {
            return Err(CopyError::AtWork(run));
        }
        let mut from = self.pool.begin().await?;
        if self.is_shared() {
            // All of its tables as they are at one moment; SQLite's transactions are so anyway.
            query("set transaction isolation level repeatable read, read only").execute(&mut from).await?;
        }
        let mut to = target.pool.begin().await?;
        from.may_pause().await?;
        to.may_pause().await?;
        let mut tables = Vec::new();
        for &name in TABLES {
            let table = Table::of(name, &mut from).await?;
            if table.columns != Table::of(name, &mut to).await?.columns {
                return Err(CopyError::Columns(name));
            }
            if BEGUN.contains(&name) {
                query(sqlx::AssertSqlSafe(format!("delete from {name}"))).execute(&mut to).await?;
            }
            if table.count(&mut to).await? != 0 {
                return Err(CopyError::NotEmpty(name));
            }
            tables.push(table);
        }
        for table in &tables {
            write(table, &mut from, &mut to, &report).await?;
        }
        let mut copied = Vec::new();
        for table in &tables {
            copied.push(compare(table, &mut from, &mut to, &report).await?);
        }
        if copied.iter().all(|table| table.rows == table.equal) {
            to.commit().await?;
        }
        Ok(copied)
    }

    /// The lock without which nothing is begun by itself.
    async fn alone(&self, which: &'static str) -> Result<LockGuard, CopyError> {
        let lock = if self.is_shared() { self.locks.lead().await? } else { self.locks.serve()? };
        lock.ok_or(CopyError::Served(which))
    }

    /// A run whose process is there still.
    async fn at_work(&self) -> Result<Option<RunId>, StoreError> {
        let rows = query("select id from runs where status = 'running'").fetch_all(&self.pool).await?;
        let ids: Vec<String> = rows.iter().map(|row| row.try_get("id")).collect::<Result<_, _>>()?;
        let runs: Vec<RunId> = ids.iter().filter_map(|id| RunId::parse(id)).collect();
        let alive: HashSet<RunId> = self.locks.alive(&runs).await?;
        Ok(runs.into_iter().find(|run| alive.contains(run)))
    }
}

async fn write(table: &Table, from: &mut Transaction, to: &mut Transaction, report: &impl Fn(CopyStep)) -> Result<(), StoreError> {
    let of = table.count(from).await?;
    let mut done = 0;
    let mut pages = Pages::of(table);
    loop {
        let lines = pages.next(from).await?;
        if lines.is_empty() {
            break;
        }
        done += lines.len() as u64;
        insert(table, lines, to).await?;
        report(CopyStep { table: table.name, comparing: false, done, of });
    }
    if matches!(to, Transaction::Postgres(_)) && table.is_numbered() {
        // What is numbered by itself goes on behind the highest number.
        let name = table.name;
        let sql = format!(
            "select setval(pg_get_serial_sequence('{name}', 'id'), (select max(id) from {name})) \
             where pg_get_serial_sequence('{name}', 'id') is not null and exists (select 1 from {name})"
        );
        query(sqlx::AssertSqlSafe(sql)).fetch_optional(to).await?;
    }
    Ok(())
}

/// Neither database takes any number of values in one statement.
async fn insert(table: &Table, lines: Vec<Line>, to: &mut Transaction) -> Result<(), StoreError> {
    let at_once = (BATCH * 8 / table.columns.len()).min(BATCH);
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        let mut insert = QueryBuilder::new(format!("insert into {} ({}) ", table.name, table.column_names()));
        insert.push_values(lines.by_ref().take(at_once), |mut row, line| {
            for value in line {
                row.push_bind(value);
            }
        });
        insert.build().execute(&mut *to).await?;
    }
    Ok(())
}

async fn compare(
    table: &Table,
    from: &mut Transaction,
    to: &mut Transaction,
    report: &impl Fn(CopyStep),
) -> Result<CopiedTable, StoreError> {
    let of = table.count(from).await?.max(table.count(to).await?);
    let (mut ours, mut theirs) = (Pages::of(table), Pages::of(table));
    let (mut rows, mut equal) = (0, 0);
    loop {
        let (before, after) = (ours.next(from).await?, theirs.next(to).await?);
        if before.is_empty() && after.is_empty() {
            break;
        }
        rows += before.len().max(after.len()) as u64;
        equal += before.into_iter().zip(after).filter(|(before, after)| are_equal(before, after, to)).count() as u64;
        report(CopyStep { table: table.name, comparing: true, done: rows, of });
    }
    Ok(CopiedTable { name: table.name, rows, equal })
}

fn are_equal(before: &Line, after: &Line, to: &Transaction) -> bool {
    // One character, NUL, is not to be had in PostgreSQL, and is left out there.
    let dialect = if matches!(to, Transaction::Postgres(_)) { Dialect::Postgres } else { Dialect::Sqlite };
    before.len() == after.len() && before.iter().zip(after).all(|(before, after)| before.as_kept_by(dialect) == *after)
}
