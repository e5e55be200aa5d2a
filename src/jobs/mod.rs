//! What runs when: schedules and when they are due ([`due()`], pure), the queue of jobs, and the always-on host that carries them out.
//!
//! Architecture invariant: `due`, `jitter` and `Occurrences` are pure. The time is a parameter, so that a year passes in a test within a
//! second.

mod dispatcher;
mod due;
mod events;
mod executor;
mod heartbeat;
mod jitter;
mod job_kind;
mod job_request;
mod leader;
mod metrics;
mod next_start;
mod notices;
mod occurrences;
mod orphans;
mod queue;
mod receipts;
mod retention;
mod rules_lag;
mod rules_reloader;
mod scheduler;
mod serve;
mod service;
mod slices;
mod spawning;
mod submit;

pub use dispatcher::{DispatchError, Dispatcher};
pub use due::{Due, MOST_COUNTED, Missed, ON_TIME, Occurrence, due};
pub use events::Bell;
pub use executor::Executor;
pub use heartbeat::Heartbeat;
pub use jitter::jitter;
pub use job_kind::JobKind;
pub use job_request::{JobRequest, SliceOutcome};
pub use metrics::Metrics;
pub use next_start::next_start;
pub use notices::Notices;
pub use occurrences::Occurrences;
pub use queue::{Engine, Job, Queue, Submitted};
pub use receipts::Receipts;
pub use rules_lag::RulesLag;
pub use rules_reloader::RulesReloader;
pub use serve::{Options, Serving};
pub use service::{AskedMessage, RequestError, RunService};
