//! What statements answer.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Row as _};

/// One row of an answer.
#[derive(Debug)]
pub(in crate::store) enum DbRow {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// The name or the place of a column.
pub(in crate::store) trait Column: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> {}

impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>> Column for T {}

/// What a column's value is read as.
pub(in crate::store) trait FromColumn<'r>: Sized {
    fn read(row: &'r DbRow, column: impl Column) -> Result<Self, sqlx::Error>;
}

impl DbRow {
    /// The value of a column; the second parameter is left to inference, as sqlx has it.
    pub(in crate::store) fn try_get<'r, T: FromColumn<'r>, C: Column>(&'r self, column: C) -> Result<T, sqlx::Error> {
        T::read(self, column)
    }
}

/// What both databases read alike.
macro_rules! read_as_it_is {
    ($($kind:ty),*) => {$(
        impl<'r> FromColumn<'r> for $kind {
            fn read(row: &'r DbRow, column: impl Column) -> Result<Self, sqlx::Error> {
                match row {
                    DbRow::Sqlite(row) => row.try_get(column),
                    DbRow::Postgres(row) => row.try_get(column),
                }
            }
        }
    )*};
}

read_as_it_is!(String, Option<String>, &'r str, &'r [u8], i64, Option<i64>, Vec<u8>, Option<Vec<u8>>);

/// What is an integer in both.
macro_rules! read_by_integer {
    ($($kind:ty),*) => {$(
        impl<'r> FromColumn<'r> for $kind {
            fn read(row: &'r DbRow, column: impl Column) -> Result<Self, sqlx::Error> {
                let number = i64::read(row, column)?;
                <$kind>::try_from(number).map_err(|error| sqlx::Error::Decode(Box::new(error)))
            }
        }
    )*};
}

read_by_integer!(u16, u32);

impl<'r> FromColumn<'r> for bool {
    fn read(row: &'r DbRow, column: impl Column) -> Result<Self, sqlx::Error> {
        Ok(i64::read(row, column)? != 0)
    }
}

impl<'r> FromColumn<'r> for Option<bool> {
    fn read(row: &'r DbRow, column: impl Column) -> Result<Self, sqlx::Error> {
        Ok(Option::<i64>::read(row, column)?.map(|number| number != 0))
    }
}
