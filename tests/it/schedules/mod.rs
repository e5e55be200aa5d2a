//! When schedules are due: a whole year and its changes of the clocks, hosts that are down, clocks that are set back.
//!
//! Two calculations that share nothing with the host's check its occurrences, down to the zone data: `croner`, and a walk through
//! every minute.

mod changes;
mod croner;
mod down;
mod due;
mod intervals;
mod jitter;
mod random;
mod set_back;
mod walk;
mod year;
mod zones;
