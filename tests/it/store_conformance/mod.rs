//! The store through its methods, each claim on SQLite and on PostgreSQL. A claim of how the two databases are reached, lost and upgraded
//! needs the real binary, and is an acceptance test.

mod accounts;
mod audit;
mod copy;
mod documents;
mod events;
mod every_method;
mod firms;
mod idempotency;
mod instances;
mod ledger;
mod letters;
mod locks;
mod messages;
mod migrations;
mod orphaned_runs;
mod pauses;
#[path = "../../acceptance/support/postgres/mod.rs"]
#[allow(dead_code, reason = "the acceptance tests use the rest")]
mod postgres;
mod receipts;
mod retention;
mod rows;
mod rule_files;
mod runs;
mod scene;
mod schedules;
mod secrets;
mod sessions;
mod tokens;
mod users;
mod values;
