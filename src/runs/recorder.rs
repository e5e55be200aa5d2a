//! Records outcomes as they happen without making writes wait for the disk: whatever has gathered goes into one transaction.

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::domain::{EffectOutcome, FirmId, Row, Run, RunId};
use crate::store::{Store, StoreError};

/// So many rows go into one transaction at the most.
const BATCH: usize = 4_000;

/// The outcomes of one run on their way to the store.
pub(super) struct Recorder {
    outcomes: mpsc::UnboundedSender<Outcome>,
    writing: tokio::task::JoinHandle<Result<Vec<Row>, StoreError>>,
}

/// What became of a case, and of the effect behind it if there was one.
pub(super) struct Outcome {
    pub row: Row,
    /// The ledger's key of the effect.
    pub settled: Option<(String, EffectOutcome)>,
}

impl Recorder {
    /// Starts with what is decided already.
    pub(super) fn start(store: Store, run: &Run, decided: Vec<Row>) -> Recorder {
        let (run, firm) = (run.id.clone(), run.firm.clone());
        let (outcomes, mut queued) = mpsc::unbounded_channel();
        let writing = tokio::spawn(async move {
            for rows in decided.chunks(BATCH) {
                record(&store, &run, &firm, rows, &[]).await?;
            }
            let mut recorded = decided;
            let mut batch: Vec<Outcome> = Vec::new();
            while queued.recv_many(&mut batch, BATCH).await > 0 {
                let (rows, settled): (Vec<Row>, Vec<_>) = batch.drain(..).map(|outcome| (outcome.row, outcome.settled)).unzip();
                let settled: Vec<_> = settled.into_iter().flatten().collect();
                record(&store, &run, &firm, &rows, &settled).await?;
                recorded.extend(rows);
            }
            Ok(recorded)
        });
        Recorder { outcomes, writing }
    }

    /// Hands over an outcome.
    pub(super) fn put(&self, outcome: Outcome) {
        // Fails only once the store has failed, which `finish` answers and `has_failed` shows before.
        let _ = self.outcomes.send(outcome);
    }

    /// Whether outcomes are no longer recorded; nothing more should be written to a vendor then.
    pub(super) fn has_failed(&self) -> bool {
        self.outcomes.is_closed()
    }

    /// Waits until everything is recorded, and answers the rows.
    pub(super) async fn finish(self) -> Result<Vec<Row>, StoreError> {
        drop(self.outcomes);
        self.writing.await.unwrap_or(Err(StoreError::Unreadable("queue")))
    }
}

async fn record(store: &Store, run: &RunId, firm: &FirmId, rows: &[Row], settled: &[(String, EffectOutcome)]) -> Result<(), StoreError> {
    store.put_outcomes(run, rows, settled, Timestamp::now()).await?;
    for Row { integration_id: case, result, .. } in rows {
        // The case's number and nothing else of it: changes and reasons may name people.
        tracing::debug!(%run, %firm, %case, result = result.as_str(), "recorded");
    }
    Ok(())
}
