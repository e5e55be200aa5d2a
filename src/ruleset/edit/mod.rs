//! Edits of a firm's file: the text is changed, checked as a whole, and only then written, if nobody has written there since.
//!
//! All of it reads and writes files and may run a firm's own tests: it is for threads that may block.

mod check;
mod mapping;
mod replace;
mod set;
mod text;
mod value;

pub use mapping::{MappingEdit, MappingLine, MappingRow, edit_mapping};
pub use replace::{Etag, FirmFile, TestsEdit, WriteError};
pub use set::{SetError, SetOutcome, set};
pub use text::{Edited, Setting, edit};
