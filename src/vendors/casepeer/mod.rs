//! CASEpeer, as its working contract (`contracts/casepeer.openapi.yaml`) has it.

mod client;
mod wire;

pub use client::CasePeer;
