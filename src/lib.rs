//! casebridge keeps law firms' cases in step between CASEpeer, where firms run them, and Case Status, where clients follow them.
//!
//! # A tour
//! A firm's YAML becomes [`rules::FirmRules`] in [`ruleset`]; both vendors are read by [`vendors`] into the plain values of [`domain`];
//! [`rules::plan`] turns a case of each side into changes and reasons; [`runs`] lets its guard look, performs the effects, and
//! records what became of every case in the [`store`]; [`report`] says it as CSV and JSON,
//! [`mail`] takes it to people; [`cli`] has a file for each command.
//!
//! The always-on host is [`host`]: [`scheduler`] knows when a firm's schedules are due and hands [`jobs`] in, which are carried out by the
//! rules that [`ruleset::RulesRegistry`] keeps up with their files, and by secrets that [`secrets`] opens where they are sealed in the
//! store. Rules that are in the store too come by [`host::StoredRules`]. What it brings over by itself (messages, documents, staff's
//! messages) is stored before it is delivered. [`web`] answers for it over HTTP, to programs and, by [`auth`], to people.
//! [`notifications`] and [`metrics`] say how it does. [`sandbox`] is both vendors on loopback.
//!
//! # Invariants
//! - *Pure middle.* `rules` and `scheduler::due` do no I/O and read no clock.
//! - *Pinned.* A run holds one `Arc<FirmRules>` from its first read to its last write, and records their revision.
//! - *Convergent.* A run compares with what the vendor holds now, so running it again is always safe.
//! - *No write happens twice.* Creating goes by integration ID and under a key; an update whose answer is unknown is settled by
//!   reading the case and sending only what is missing. Notes, messages and documents carry a key.
//! - *Nothing that came in is lost.* A feed's cursor moves only past what is stored, and what is refused for good becomes a dead letter.
//! - *One owner of the rules in use.* Edits are built beside them and swapped in whole; rules with faults never come into use.
//! - *Nothing leaks.* Keys live in `secrecy` types; neither they nor clients' names and phones reach a log or an error.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod app;
pub mod auth;
pub mod background;
pub mod cli;
pub mod diagnostic;
pub mod domain;
pub mod host;
pub mod jobs;
pub mod mail;
pub mod metrics;
pub mod notifications;
pub mod private_files;
pub mod report;
pub mod rules;
pub mod ruleset;
pub mod runs;
pub mod sandbox;
pub mod scheduler;
pub mod scripting;
pub mod secrets;
pub mod settings;
pub mod store;
#[cfg(feature = "temporal")]
pub mod temporal;
pub mod vendors;
pub mod web;
pub mod yaml;
