//! The connections of the server: how many there are, for whom, and how long each may keep silent.
//!
//! `accept.rs` takes connections in and ends those that are overdue, `registry.rs` knows all of them and which one makes room for a new
//! one, `progress.rs` says what one of them waits for and until when, `io.rs` and `bodies.rs` see how it gets on.

mod accept;
mod bodies;
mod io;
mod progress;
mod registry;

pub(super) use self::accept::accept;
pub use self::accept::raise_open_files;
