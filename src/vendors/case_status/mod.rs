//! Case Status, as its working contract (`contracts/casestatus.openapi.yaml`) has it.

mod client;
mod wire;

pub use client::{CaseStatus, Created, ListedExisting};
