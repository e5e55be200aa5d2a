//! Temporal as the engine that carries runs out, for several instances over one store.
//!
//! A firm has a workflow for each lane ([`FirmWork`]), which keeps what the firm was asked and has it done one after
//! the other, in slices. A firm's schedules are Temporal's, kept in step with the rules by every instance ([`schedules`]); each of their
//! times is an [`Occurrence`], which hands itself in and stays open until its run has ended. What a run has come
//! to is in the store, and never here.
//!
//! Architecture invariant: what goes to Temporal says what to do and nothing about a firm's clients.
//!
//! # How workflow code is changed
//! A workflow that is under way when an instance is replaced goes on in the new one, by replaying its history. So code that a history may
//! have gone through stays: whatever would begin, end or order activities, timers and signals otherwise is put behind
//! `ctx.patched("a-name-for-the-change")`, with the old way in the `else`. Fields of what is written into a history are only added, with
//! `#[serde(default)]`. Before a change, a history of the old code is recorded by the SDK (`fetch_history` of a workflow's handle, and
//! `to_json` of what it answers) into `tests/temporal/histories`; the test there replays every one of them against the code of now. Firms' workflows begin anew at the
//! latest after fifty runs, so that the old way and its histories can be removed two releases later.

mod activities;
mod connection;
mod engine;
mod firm_work;
mod ids;
mod occurrence;
mod reconcile;
pub mod schedules;
mod worker;

pub use activities::Activities;
pub use engine::Temporal;
pub use firm_work::{Entry, FirmWork, Standing, Waiting};
pub use ids::WorkflowIds;
pub use occurrence::{Occurrence, OccurrenceInput};
