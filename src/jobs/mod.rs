//! When a firm's schedules are due: their occurrences in the firm's zone ([`Occurrences`]), what to do about them now ([`due()`]),
//! and how firms that share a time are spread ([`jitter()`]).
//!
//! Architecture invariant: these three are pure. The time is a parameter, so that a year passes in a test within a second.

mod due;
mod jitter;
mod occurrences;

pub use due::{Due, MOST_COUNTED, Missed, ON_TIME, Occurrence, due};
pub use jitter::jitter;
pub use occurrences::Occurrences;
