//! Both vendors on loopback, by the working contracts, with believable firms and faults on demand: for the demo, for trying rules
//! out, and for tests.
//!
//! Architecture invariant: nothing here knows the rest of the host. What the sandbox and the host agree on is the contracts.

pub mod data;

mod actions;
mod case_status;
mod casepeer;
mod content;
mod control;
mod digest;
mod faults;
mod journal;
mod odd;
mod pages;
mod reply;
mod request;
mod respond;
mod serve;
mod shared;
mod state;
mod validation;
mod webhooks;
mod world;

pub use content::Content;
pub use faults::{Faults, RetryAfter};
pub use journal::{Fault, JournalEntry, SandboxVendor};
pub use reply::SandboxReply;
pub use request::SandboxRequest;
pub use serve::{Config, Sandbox, SandboxFirm, Stopped, webhook_secret};
pub use state::SandboxState;
pub use world::{SandboxDocument, World};
