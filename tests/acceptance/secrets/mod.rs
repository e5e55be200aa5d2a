//! Keys, and where they may go.

mod destinations;
mod references;
pub mod sealed;
mod sealed_served;
mod secrecy;
