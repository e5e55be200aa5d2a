//! Statements that are put together: of many rows, or of conditions that somebody chose.

use std::fmt::{Display, Write as _};

use super::query::Query;
use super::value::Value;

/// A statement in the making. What is pushed as text is the program's own; what comes from outside is bound.
pub(in crate::store) struct QueryBuilder<'q> {
    text: AssembledText,
    values: Vec<Value<'q>>,
}

/// The text of a statement with gaps for its values, which the two databases write differently.
#[derive(Debug, Default, Clone)]
pub(super) struct AssembledText {
    sql: String,
    /// Where in `sql` the values go, in order.
    gaps: Vec<usize>,
}

impl AssembledText {
    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    /// With `?` for each value. A numbered parameter is a *name* to SQLite, which finds it by searching all names: the statement would cost the
    /// square of its values.
    pub(super) fn for_sqlite(&self) -> String {
        self.with(|sql, _| sql.push('?'))
    }

    /// With `$1`, `$2` and so on.
    pub(super) fn for_postgres(&self) -> String {
        self.with(|sql, number| {
            // Writing into a text does not fail.
            let _ = write!(sql, "${number}");
        })
    }

    fn with(&self, parameter: impl Fn(&mut String, usize)) -> String {
        debug_assert!(!self.sql.contains("$1"), "a numbered parameter beside values that are bound: {}", self.sql);
        let mut sql = String::with_capacity(self.sql.len() + 6 * self.gaps.len());
        let mut from = 0;
        for (index, &gap) in self.gaps.iter().enumerate() {
            sql.push_str(&self.sql[from..gap]);
            parameter(&mut sql, index + 1);
            from = gap;
        }
        sql.push_str(&self.sql[from..]);
        sql
    }
}

impl<'q> QueryBuilder<'q> {
    pub(in crate::store) fn new(sql: impl Into<String>) -> QueryBuilder<'q> {
        QueryBuilder { text: AssembledText { sql: sql.into(), gaps: Vec::new() }, values: Vec::new() }
    }

    /// Adds text, which names no parameter: values come by [`QueryBuilder::push_bind`] only.
    pub(in crate::store) fn push(&mut self, sql: impl Display) -> &mut Self {
        // Writing into a text does not fail.
        let _ = write!(self.text.sql, "{sql}");
        self
    }

    /// Adds a value.
    pub(in crate::store) fn push_bind(&mut self, value: impl Into<Value<'q>>) -> &mut Self {
        self.values.push(value.into());
        self.text.gaps.push(self.text.sql.len());
        self
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
        Query::assembled(self.text, self.values)
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

#[cfg(test)]
mod tests {
    use super::QueryBuilder;

    #[test]
    fn a_statement_that_is_put_together_has_no_parameter_names_in_sqlite_and_numbers_in_postgresql() {
        let mut builder = QueryBuilder::new("insert into rows (a, b) ");
        builder.push_values(["x", "y"], |mut values, text| {
            values.push_bind(text).push_bind(1_i64);
        });
        builder.push(" on conflict (a) do nothing where '?$' <> ").push_bind("z");
        assert_eq!(builder.text.for_sqlite(), "insert into rows (a, b) values (?, ?), (?, ?) on conflict (a) do nothing where '?$' <> ?");
        assert_eq!(
            builder.text.for_postgres(),
            "insert into rows (a, b) values ($1, $2), ($3, $4) on conflict (a) do nothing where '?$' <> $5"
        );
    }
}
