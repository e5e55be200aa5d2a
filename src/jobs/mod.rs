//! Jobs: what somebody or a schedule asks for, the queue, the executor that carries jobs out, and what takes up those that were cut short.

mod dispatcher;
mod events;
mod executor;
mod heartbeat;
mod job_request;
mod orphans;
mod queue;
mod service;
mod slices;
mod spawning;
mod submit;

pub use dispatcher::{DispatchError, Dispatcher};
pub use events::Bell;
pub(crate) use events::Events;
pub use executor::Executor;
pub use heartbeat::Heartbeat;
pub use job_request::{JobRequest, SliceOutcome};
pub use queue::{Engine, Job, Queue, Submitted};
pub use service::{AskedMessage, RequestError, RunService};
