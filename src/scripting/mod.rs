//! Rhai: engines with their limits, the values that scripts hold, the firm's own expressions, hooks and migrations.
//!
//! Architecture invariant: nothing in here reaches a vendor or the network. A script gets values and answers values; what a migration
//! does to a vendor goes through [`Operations`], which a later room implements. Files are read from the scripts folder alone.

mod api;
mod closures;
mod conditions;
mod definitions;
mod engine;
mod faults;
mod field_check;
mod hooks;
mod input;
mod limits;
mod memory;
mod migration;
mod modules;
mod names;
mod operations;
mod script;
mod shared;
mod source;
mod value_types;
mod values;

pub use conditions::RhaiConditions;
pub use definitions::definitions;
pub use faults::ScriptFault;
pub use hooks::RhaiHooks;
pub use input::{MAX_INPUT, NoCsv, input_rows};
pub use limits::ScriptLimits;
pub use migration::{Migration, ScriptSource};
pub use operations::{FirmFacts, MessageFilter, Operation, OperationFault, OperationResult, Operations, RunFacts};
pub use source::ScriptFolder;
