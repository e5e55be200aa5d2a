//! Jobs: what somebody or a schedule requests, recorded before it is handed on; the queue, the executor that carries jobs out, and what takes
//! up those that were cut short.

mod attempts;
mod dispatcher;
mod events;
mod execute;
mod executor;
mod heartbeat;
mod job;
mod orphans;
mod pauses;
mod questions;
mod queue;
mod service;
mod slices;

pub use dispatcher::{DispatchError, Dispatcher, QueuedJob, Submitted};
pub use events::Bell;
pub(crate) use events::Events;
pub use execute::execute;
pub use executor::Executor;
pub use heartbeat::Heartbeat;
pub use job::{Job, JobRequest, Polled, SliceOutcome};
pub use questions::SentMessage;
pub use queue::{Engine, Queue};
pub use service::{RequestError, RunService};
