//! The occurrence of a schedule that a run is for: one occurrence, one run, whichever instance leads.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::RunError;
use crate::domain::FirmId;
use crate::store::{LeaseWatch, Store};

/// An occurrence of a schedule. It has one run: whoever holds the firm's lock looks whether it is done, and the run's end records that it is.
#[derive(Debug, Clone)]
pub struct ScheduledOccurrence {
    /// The schedule, as the store names it.
    pub schedule: String,
    /// Its time.
    pub nominal: Timestamp,
    /// The lease of the instance that handed it in: once that is lost, the next leader carries the occurrence out.
    pub lead: LeaseWatch,
    /// Cancelled when the host stops. What that cuts off is not done.
    pub stop: CancellationToken,
}

impl ScheduledOccurrence {
    /// Whether there is nothing left to do. The firm's lock has to be held: only then does nobody else change the answer.
    pub(super) async fn is_settled(&self, store: &Store, firm: &FirmId) -> Result<bool, RunError> {
        let leads = tokio::select! {
            leads = self.lead.is_held() => leads,
            // It may be a while until the store says so.
            () = self.stop.cancelled() => false,
        };
        if !leads {
            return Ok(true);
        }
        let handled = store.handled(firm, &self.schedule).await?;
        Ok(handled.is_some_and(|handled| handled.done && handled.at >= self.nominal))
    }
}
