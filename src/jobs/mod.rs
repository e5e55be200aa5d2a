//! What runs when: schedules and when they are due ([`due()`], pure), the queue of jobs, and the always-on host that carries them out.
//!
//! Architecture invariant: `due`, `jitter` and `Occurrences` are pure. The time is a parameter, so that a year passes in a test within a
//! second.

mod asked;
mod carry_out;
mod clockwork;
mod due;
mod elsewhere;
mod events;
mod freshness;
mod handing_in;
mod instances;
mod jitter;
mod keeper;
mod lead;
mod next_start;
mod notices;
mod occurrences;
mod orphans;
mod queue;
mod receipts;
mod requests;
mod retention;
mod serve;
mod slices;
mod spawning;
mod watched;
mod what;

pub use asked::{Asked, Slice};
pub use carry_out::Carrier;
pub use due::{Due, MOST_COUNTED, Missed, ON_TIME, Occurrence, due};
pub use elsewhere::{Away, Elsewhere};
pub use events::Bell;
pub use freshness::Freshness;
pub use instances::Presence;
pub use jitter::jitter;
pub use keeper::Keeper;
pub use next_start::next_start;
pub use notices::Notices;
pub use occurrences::Occurrences;
pub use queue::{Engine, Job, Queue, Submitted};
pub use receipts::Receipts;
pub use requests::{AskedMessage, Declined, Requests};
pub use serve::{Options, Serving};
pub use watched::Watched;
pub use what::What;
