//! Hands work in to an engine of its own, and waits until one of the instances has begun it.

use std::time::{Duration, Instant};

use super::Dispatcher;
use super::JobRequest;
use super::RequestError;
use super::RunService;
use crate::domain::{FirmId, Kind, RunId, RunStatus};
use crate::runs::RunError;

/// How long whoever asks waits until a run has begun. It begins all the same, later.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long after it was handed in it is first looked for; each further look comes later, and the last ones `RARELY` apart.
const SOON: Duration = Duration::from_millis(50);

/// See [`SOON`].
const RARELY: Duration = Duration::from_secs(1);

impl RunService {
    /// An id for a run that is about to be asked for, if nothing is in its way.
    pub(super) async fn new_run(&self, firm: &FirmId, kind: Kind, dry_run: bool) -> Result<RunId, RequestError> {
        if !dry_run {
            self.is_free(firm, kind).await?;
        }
        Ok(self.executor.host.unused_id().await?)
    }

    /// Says that a run of this firm is under way, where one is, instead of letting somebody wait for its end.
    pub(super) async fn is_free(&self, firm: &FirmId, kind: Kind) -> Result<(), RequestError> {
        match self.executor.host.store.locks.firm(firm, kind).await.map_err(RunError::from)? {
            Some(_lock) => Ok(()),
            None => Err(RunError::Busy { firm: firm.clone() }.into()),
        }
    }

    /// Hands work in, and answers as soon as its run is recorded.
    pub(super) async fn hand_in(
        &self,
        elsewhere: &dyn Dispatcher,
        firm: &FirmId,
        run: &RunId,
        asked: JobRequest,
    ) -> Result<RunId, RequestError> {
        elsewhere.ask(firm, &asked).await.map_err(|_| RequestError::EngineAway)?;
        let (began, mut pause) = (Instant::now(), SOON);
        while began.elapsed() < PATIENCE {
            let known = self.executor.host.store.run(run).await.map_err(RunError::from)?;
            if known.is_some_and(|known| !matches!(asked, JobRequest::Approval { .. }) || known.status != RunStatus::Held) {
                return Ok(run.clone());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(RARELY);
        }
        Err(RequestError::WaitsForItsTurn)
    }
}
