//! The two databases behind one shape: the same SQL text, with `$1` for values, runs on SQLite and on PostgreSQL.
//! Statements of many values are put together by [`QueryBuilder`], which writes parameters as each database likes them.
//!
//! Architecture invariant: nothing else in the store knows which of the two it is, but for setting it up, for claims, and for the few
//! places that ask [`Pool::dialect`]. Booleans are the integers 0 and 1 in both, and times are milliseconds.

mod builder;
mod fence;
mod outage;
mod pool;
mod query;
mod row;
mod value;

pub(super) use builder::QueryBuilder;
pub(super) use fence::Fence;
pub(super) use pool::{Dialect, Pool, Transaction};
pub(super) use query::{Query, query};
pub(super) use row::DbRow;
pub(super) use value::Value;
