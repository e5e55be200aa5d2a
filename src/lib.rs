//! casebridge keeps law firms' cases in step between CASEpeer, where firms run them, and Case Status, where clients follow them.
//!
//! # A tour
//! A firm's YAML becomes [`rules::FirmRules`] in [`live`]; both vendors are read by [`vendors`] into the plain values of [`domain`];
//! [`rules::plan`] turns a case of each side into changes and reasons; [`sync`] lets its guard look, performs the effects, and
//! records what became of every case in the [`store`]; [`report`] says it as CSV, JSON and mail; [`cli`] has a file for each command.
//!
//! The always-on host is [`jobs`]: it knows when a firm's schedules are due and carries them out, by the rules that [`live::RulesRegistry`]
//! keeps up with their files, and by secrets of which [`vault`] keeps those that are sealed in the store. Rules that are kept in the store too come by way of [`mirror`]. What it brings over by itself (messages, documents, staff's messages) is stored before it is delivered.
//! [`web`] answers for it over HTTP, to programs and to [`people`]. [`sandbox`] is both vendors on loopback.
//!
//! # Invariants
//! - *Pure middle.* `rules` and `jobs::due` do no I/O and read no clock.
//! - *Pinned.* A run holds one `Arc<FirmRules>` from its first read to its last write, and records their revision.
//! - *Convergent.* A run compares with what the vendor holds now, so running it again is always safe.
//! - *No write happens twice.* Creating goes by integration ID and under a key; an update whose answer is unknown is settled by
//!   reading the case and sending only what is missing. Notes, messages and documents carry a key.
//! - *Nothing that came in is lost.* A feed's cursor moves only past what is stored, and what is refused for good becomes a dead letter.
//! - *One owner of the rules in use.* Edits are built beside them and swapped in whole; rules with faults never come into use.
//! - *Nothing leaks.* Keys live in `secrecy` types; neither they nor clients' names and phones reach a log or an error.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod app;
pub mod cli;
pub mod diagnostic;
pub mod domain;
pub mod jobs;
pub mod live;
pub mod mirror;
pub mod people;
pub mod report;
pub mod rules;
pub mod sandbox;
pub mod scripting;
pub mod settings;
pub mod store;
pub mod sync;
#[cfg(feature = "temporal")]
pub mod temporal;
pub mod vault;
pub mod vendors;
pub mod web;
pub mod yaml;
