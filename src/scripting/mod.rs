//! Rhai: the engine with its limits, and what the firm's own expressions can see.
//!
//! Architecture invariant: nothing in here reaches a vendor, a file or the network; a script gets values and answers values.

mod conditions;
mod engine;

pub use conditions::RhaiConditions;
