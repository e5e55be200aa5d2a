//! The rows of a table in the order of its key, so many at a time: the same order in both databases, which is that of bytes.

use super::super::StoreError;
use super::super::database::{DbRow, QueryBuilder, Transaction, Value, query};
use super::table::{Kind, Table, listed};

/// So many rows at a time.
pub(super) const BATCH: usize = 1_000;

/// A row: the values of the table's columns in their order.
pub(super) type Line = Vec<Value<'static>>;

/// Where a reader of a table is.
pub(super) struct Pages<'t> {
    table: &'t Table,
    /// The key of the last row that was read.
    last: Option<Line>,
    is_at_end: bool,
}

impl<'t> Pages<'t> {
    pub(super) fn of(table: &'t Table) -> Pages<'t> {
        Pages { table, last: None, is_at_end: false }
    }

    /// The next rows; none at the end.
    pub(super) async fn next(&mut self, transaction: &mut Transaction) -> Result<Vec<Line>, StoreError> {
        if self.is_at_end {
            return Ok(Vec::new());
        }
        let records = match transaction {
            Transaction::Sqlite(_) => self.next_of_sqlite(transaction).await?,
            Transaction::Postgres(_) => self.next_of_postgres(transaction).await?,
        };
        let lines = records.iter().map(|record| self.line(record)).collect::<Result<Vec<_>, _>>()?;
        self.is_at_end = lines.len() < BATCH;
        if let Some(line) = lines.last() {
            self.last = Some(self.key_of(line));
        }
        if self.is_at_end && matches!(transaction, Transaction::Postgres(_)) {
            query(sqlx::AssertSqlSafe(format!("close {}", self.cursor()))).execute(transaction).await?;
        }
        Ok(lines)
    }

    /// From the last key on, which the key's index finds at once.
    async fn next_of_sqlite(&mut self, transaction: &mut Transaction) -> Result<Vec<DbRow>, StoreError> {
        let key = listed(self.table.key().into_iter());
        let mut select = QueryBuilder::new(format!("select {} from {}", self.table.column_names(), self.table.name));
        if let Some(last) = &self.last {
            select.push(format_args!(" where ({key}) > ("));
            let mut values = select.separated(", ");
            for value in last {
                values.push_bind(value.clone());
            }
            select.push(")");
        }
        select.push(format_args!(" order by {key} limit {BATCH}"));
        select.build().fetch_all(transaction).await
    }

    /// By a cursor: the order of bytes is not that of the key's index, and so the rows are put in order only once.
    async fn next_of_postgres(&mut self, transaction: &mut Transaction) -> Result<Vec<DbRow>, StoreError> {
        if self.last.is_none() {
            let by_bytes = self.table.key().into_iter().map(|column| match column.kind {
                Kind::Text => format!("\"{}\" collate \"C\"", column.name),
                Kind::Integer | Kind::Bytes => format!("\"{}\"", column.name),
            });
            let (columns, order) = (self.table.column_names(), by_bytes.collect::<Vec<_>>().join(", "));
            let name = self.table.name;
            let declare = format!("declare {} no scroll cursor for select {columns} from {name} order by {order}", self.cursor());
            query(sqlx::AssertSqlSafe(declare)).execute(&mut *transaction).await?;
        }
        query(sqlx::AssertSqlSafe(format!("fetch forward {BATCH} from {}", self.cursor()))).fetch_all(transaction).await
    }

    fn cursor(&self) -> String {
        format!("copy_of_{}", self.table.name)
    }

    fn line(&self, record: &DbRow) -> Result<Line, StoreError> {
        let columns = self.table.columns.iter().enumerate();
        let value = columns.map(|(place, column)| {
            Ok(match column.kind {
                Kind::Text => record.try_get::<Option<String>, _>(place)?.into(),
                Kind::Integer => record.try_get::<Option<i64>, _>(place)?.into(),
                Kind::Bytes => record.try_get::<Option<Vec<u8>>, _>(place)?.into(),
            })
        });
        value.collect()
    }

    fn key_of(&self, line: &Line) -> Line {
        let place = |name: &str| self.table.columns.iter().position(|column| column.name == name);
        self.table.key().into_iter().filter_map(|column| line.get(place(&column.name)?).cloned()).collect()
    }
}
