//! Rules that are kept in the store: the copy of them in folders, from which they are read, and writing them.
//!
//! Architecture invariant: the store has the rules, and the folders are a copy that can be thrown away. Whoever writes compares with what
//! the store has, and never with the copy alone.

mod copy;
mod kept;
mod rule_path;

pub use kept::{Mirror, MirrorError};
pub use rule_path::{RulePathFault, folder_files, is_rule_path};
