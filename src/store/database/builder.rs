//! Statements that are put together: of many rows, or of conditions that somebody chose.

use std::fmt::{Display, Write as _};

use super::query::Query;
use super::value::Value;

/// A statement in the making. What is pushed as text is the program's own; what comes from outside is bound.
pub(in crate::store) struct QueryBuilder<'q> {
    sql: String,
    values: Vec<Value<'q>>,
}

impl<'q> QueryBuilder<'q> {
    pub(in crate::store) fn new(sql: impl Into<String>) -> QueryBuilder<'q> {
        QueryBuilder { sql: sql.into(), values: Vec::new() }
    }

    /// Adds text.
    pub(in crate::store) fn push(&mut self, sql: impl Display) -> &mut Self {
        // Writing into a text does not fail.
        let _ = write!(self.sql, "{sql}");
        self
    }

    /// Adds a value.
    pub(in crate::store) fn push_bind(&mut self, value: impl Into<Value<'q>>) -> &mut Self {
        self.values.push(value.into());
        let number = self.values.len();
        self.push(format_args!("${number}"))
    }

    /// Adds `values (…), (…)`: a row for each of these.
    pub(in crate::store) fn push_values<T>(&mut self, rows: impl IntoIterator<Item = T>, each: impl Fn(Listed<'_, 'q>, T)) -> &mut Self {
        self.push("values ");
        for (place, row) in rows.into_iter().enumerate() {
            self.push(if place == 0 { "(" } else { ", (" });
            each(self.separated(", "), row);
            self.push(")");
        }
        self
    }

    /// Adds values with this text between each two.
    pub(in crate::store) fn separated(&mut self, separator: &'static str) -> Listed<'_, 'q> {
        Listed { builder: self, separator, is_first: true }
    }

    /// The statement.
    pub(in crate::store) fn build(self) -> Query<'q> {
        Query::with(self.sql, self.values)
    }
}

/// Values in a row.
pub(in crate::store) struct Listed<'b, 'q> {
    builder: &'b mut QueryBuilder<'q>,
    separator: &'static str,
    is_first: bool,
}

impl<'q> Listed<'_, 'q> {
    /// The next value.
    pub(in crate::store) fn push_bind(&mut self, value: impl Into<Value<'q>>) -> &mut Self {
        if !std::mem::take(&mut self.is_first) {
            self.builder.push(self.separator);
        }
        self.builder.push_bind(value);
        self
    }
}
