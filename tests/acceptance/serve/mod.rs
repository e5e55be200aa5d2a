//! The always-on host.

mod deployment;
mod edits;
mod enabling;
mod health;
mod logs;
pub mod machine;
mod metrics;
mod orphaned_runs;
mod queued_runs;
mod readiness;
mod schedules;
mod silent_connections;
pub mod stop;
mod two_instances;
