//! People: their passwords, and how they sign in.
//!
//! Architecture invariant: a password is hashed and compared here alone, on threads for work that blocks and few at a time, so that a flood
//! of sign-ins takes neither the memory nor the processor from the firms' work.

mod hashing_queue;
mod password;
mod sign_in;
mod throttle;

pub use password::{Password, WeakPassword};
pub use sign_in::{SignInRefused, SignedIn, add_user, change_password, compare_password, sign_in};
