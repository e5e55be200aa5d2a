//! CASEpeer's webhooks.

mod carried_out;
mod requested;
pub mod sent;
mod signed;
