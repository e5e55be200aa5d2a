//! From files on disk to a generation: each firm's rules, or every fault that keeps them from being used.

mod build;
mod secrets;

pub use build::{Firm, Generation, build, build_from, read_folder};
pub use secrets::MachineSecrets;
