//! Who jobs are handed to: the queue of this process, or Temporal, which has one of the instances carry them out.

use futures_util::future::BoxFuture;
use thiserror::Error;
use tokio::sync::oneshot;

use super::JobRequest;
use crate::domain::FirmId;
use crate::runs::{Progress, ReservedLocks, RunError, RunReport};
use crate::store::LeaseWatch;

/// A job that is handed on.
#[derive(Debug)]
pub struct QueuedJob {
    /// Whose.
    pub firm: FirmId,
    /// What.
    pub request: JobRequest,
    /// The lease of the leader that hands an occurrence in.
    pub lead: LeaseWatch,
    /// The locks of its run.
    pub reserved: ReservedLocks,
    /// How far its run has come, for whoever waits for its beginning.
    pub progress: Progress,
    /// Gets what became of it, for whoever waits for its end.
    pub ended: Option<oneshot::Sender<Result<Option<RunReport>, RunError>>>,
}

/// What became of a job that was handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It begins at once.
    Started,
    /// It waits, for this reason.
    Waiting(String),
    /// The same work of this firm is waiting or under way.
    Already,
}

/// Sees to it that jobs are carried out, each once what the firm's jobs before it are done.
pub trait Dispatcher: Send + Sync + 'static {
    /// Hands a job on.
    ///
    /// # Errors
    /// The engine does not answer: nothing was handed on, as far as anybody knows.
    fn dispatch(&self, job: QueuedJob) -> BoxFuture<'_, Result<Submitted, DispatchError>>;

    /// Whether the engine answers.
    fn is_available(&self) -> bool;
}

/// The engine does not answer.
#[derive(Debug, Error)]
#[error("Temporal is unreachable")]
pub struct DispatchError;

impl QueuedJob {
    /// A job that nobody waits for.
    pub fn new(firm: &FirmId, request: JobRequest) -> QueuedJob {
        QueuedJob {
            firm: firm.clone(),
            request,
            lead: LeaseWatch::default(),
            reserved: ReservedLocks::default(),
            progress: Progress::default(),
            ended: None,
        }
    }
}
