//! A table as its database describes it: its columns, and which of them are its key.

use super::super::StoreError;
use super::super::database::{Transaction, query};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Bytes,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub name: String,
    pub kind: Kind,
    /// Its place in the key, from 1; 0 if it is not in it.
    pub in_key: i64,
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    pub name: &'static str,
    /// By their names.
    pub columns: Vec<Column>,
}

const IN_SQLITE: &str = "select name, lower(type) as kind, pk as in_key from pragma_table_info($1) order by name";

const IN_POSTGRES: &str = "select c.column_name::text collate \"C\" as name, c.data_type::text as kind,
    coalesce(k.ordinal_position, 0)::bigint as in_key
from information_schema.columns c
left join information_schema.table_constraints t
    on t.table_schema = c.table_schema and t.table_name = c.table_name and t.constraint_type = 'PRIMARY KEY'
left join information_schema.key_column_usage k
    on k.constraint_schema = t.constraint_schema and k.constraint_name = t.constraint_name and k.table_name = t.table_name
    and k.column_name = c.column_name
where c.table_schema = current_schema() and c.table_name = $1 order by 1";

impl Table {
    /// Asks for a table's columns; none if there is no such table.
    pub(super) async fn of(name: &'static str, transaction: &mut Transaction) -> Result<Table, StoreError> {
        let sql = if matches!(transaction, Transaction::Postgres(_)) { IN_POSTGRES } else { IN_SQLITE };
        let rows = query(sql).bind(name).fetch_all(transaction).await?;
        let columns = rows.iter().map(|row| {
            let kind: String = row.try_get("kind")?;
            let kind = match kind.as_str() {
                "text" => Kind::Text,
                "integer" | "bigint" => Kind::Integer,
                "blob" | "bytea" => Kind::Bytes,
                _ => return Err(StoreError::Unreadable("column")),
            };
            Ok(Column { name: row.try_get("name")?, kind, in_key: row.try_get("in_key")? })
        });
        Ok(Table { name, columns: columns.collect::<Result<_, _>>()? })
    }

    /// How many rows it has.
    pub(super) async fn count(&self, transaction: &mut Transaction) -> Result<u64, StoreError> {
        let row = query(sqlx::AssertSqlSafe(format!("select count(*) from {}", self.name))).fetch_one(transaction).await?;
        let count: i64 = row.try_get(0)?;
        Ok(count.unsigned_abs())
    }

    /// Whether its rows are numbered.
    pub(super) fn is_numbered(&self) -> bool {
        matches!(self.key().as_slice(), [column] if column.name == "id" && column.kind == Kind::Integer)
    }

    /// The columns of its key, in their order.
    pub(super) fn key(&self) -> Vec<&Column> {
        let mut key: Vec<&Column> = self.columns.iter().filter(|column| column.in_key > 0).collect();
        key.sort_by_key(|column| column.in_key);
        key
    }

    /// All columns, as a statement names them.
    pub(super) fn column_names(&self) -> String {
        listed(self.columns.iter())
    }
}

/// Columns as a statement names them.
pub(super) fn listed<'c>(columns: impl Iterator<Item = &'c Column>) -> String {
    columns.map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}
