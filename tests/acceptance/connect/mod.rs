//! Cases are connected.

mod again;
mod attorneys;
mod invitations;
mod one;
mod refused;
