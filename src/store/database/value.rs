//! Values that go into statements.

use std::borrow::Cow;

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Postgres, Sqlite};

use super::pool::Dialect;

/// A value of a statement, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Value<'q> {
    Text(Option<Cow<'q, str>>),
    Integer(Option<i64>),
    Bytes(Option<Cow<'q, [u8]>>),
}

impl<'q> Value<'q> {
    /// The same as this database keeps it.
    pub(in crate::store) fn as_kept_by(&self, dialect: Dialect) -> Value<'q> {
        match self {
            Value::Text(Some(text)) if dialect == Dialect::Postgres => Value::Text(Some(without_nul(text.clone()))),
            other => other.clone(),
        }
    }

    pub(super) fn bind_sqlite(self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
        match self {
            Value::Text(text) => query.bind(text),
            Value::Integer(number) => query.bind(number),
            Value::Bytes(bytes) => query.bind(bytes),
        }
    }

    pub(super) fn bind_postgres(self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        match self {
            Value::Text(text) => query.bind(text.map(without_nul)),
            Value::Integer(number) => query.bind(number),
            Value::Bytes(bytes) => query.bind(bytes),
        }
    }
}

/// PostgreSQL takes every character in a text but NUL, which vendors' texts may hold.
fn without_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text }
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(text: &'q str) -> Self {
        Value::Text(Some(Cow::Borrowed(text)))
    }
}

impl<'q> From<&'q String> for Value<'q> {
    fn from(text: &'q String) -> Self {
        Value::Text(Some(Cow::Borrowed(text)))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Some(Cow::Owned(text)))
    }
}

impl<'q> From<Option<&'q str>> for Value<'q> {
    fn from(text: Option<&'q str>) -> Self {
        Value::Text(text.map(Cow::Borrowed))
    }
}

impl<'q> From<Option<&'q String>> for Value<'q> {
    fn from(text: Option<&'q String>) -> Self {
        Value::Text(text.map(|text| Cow::Borrowed(text.as_str())))
    }
}

impl<'q> From<&'q Option<String>> for Value<'q> {
    fn from(text: &'q Option<String>) -> Self {
        text.as_ref().into()
    }
}

impl From<Option<String>> for Value<'_> {
    fn from(text: Option<String>) -> Self {
        Value::Text(text.map(Cow::Owned))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Integer(Some(number))
    }
}

impl From<&i64> for Value<'_> {
    fn from(number: &i64) -> Self {
        Value::Integer(Some(*number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Value::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Value::Integer(Some(number.into()))
    }
}

impl From<u16> for Value<'_> {
    fn from(number: u16) -> Self {
        Value::Integer(Some(number.into()))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Integer(Some(truth.into()))
    }
}

impl From<Option<bool>> for Value<'_> {
    fn from(truth: Option<bool>) -> Self {
        Value::Integer(truth.map(i64::from))
    }
}

impl<'q> From<&'q [u8]> for Value<'q> {
    fn from(bytes: &'q [u8]) -> Self {
        Value::Bytes(Some(Cow::Borrowed(bytes)))
    }
}

impl From<Option<Vec<u8>>> for Value<'_> {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        Value::Bytes(bytes.map(Cow::Owned))
    }
}

impl<'q> From<&'q Vec<u8>> for Value<'q> {
    fn from(bytes: &'q Vec<u8>) -> Self {
        Value::Bytes(Some(Cow::Borrowed(bytes)))
    }
}
