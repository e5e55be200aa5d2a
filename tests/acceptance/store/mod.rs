//! The store, on either database.

mod postgres_itself;
mod postgres_settings;
mod record_refused;
mod sqlite_file;
mod upgrade;
