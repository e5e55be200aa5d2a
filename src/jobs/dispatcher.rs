//! Where an engine of its own carries work out that may take long: the seam that such an engine stands behind, beside the queue.

use futures_util::future::BoxFuture;
use thiserror::Error;

use super::JobRequest;
use crate::domain::FirmId;

/// Takes what a firm is asked to do, and sees to it that one of the instances carries it out.
pub trait Dispatcher: Send + Sync + 'static {
    /// Hands it in. It is carried out once what the firm was asked before has ended.
    ///
    /// # Errors
    /// The engine does not answer: nothing was handed in, as far as anybody knows.
    fn ask<'a>(&'a self, firm: &'a FirmId, asked: &'a JobRequest) -> BoxFuture<'a, Result<(), DispatchError>>;

    /// Whether the engine answers.
    fn is_there(&self) -> bool;
}

/// The engine does not answer.
#[derive(Debug, Error)]
#[error("Temporal is unreachable")]
pub struct DispatchError;
