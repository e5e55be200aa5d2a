//! Records outcomes as they happen without making writes wait for the disk: whatever has gathered goes into one transaction.

use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::domain::{Row, RunId};
use crate::store::{Store, StoreError};

/// The rows of one run on their way to the store.
pub(super) struct Recorder {
    rows: mpsc::UnboundedSender<Row>,
    writing: tokio::task::JoinHandle<Result<Vec<Row>, StoreError>>,
}

impl Recorder {
    pub(super) fn start(store: Store, run: RunId) -> Recorder {
        let (rows, mut queued) = mpsc::unbounded_channel();
        let writing = tokio::spawn(async move {
            let mut recorded: Vec<Row> = Vec::new();
            let mut batch: Vec<Row> = Vec::new();
            while queued.recv_many(&mut batch, 4_000).await > 0 {
                store.put_rows(&run, &batch, Timestamp::now()).await?;
                recorded.append(&mut batch);
            }
            Ok(recorded)
        });
        Recorder { rows, writing }
    }

    /// Hands over an outcome.
    pub(super) fn put(&self, row: Row) {
        // Fails only once the store has failed, which `finish` answers and `has_failed` shows before.
        let _ = self.rows.send(row);
    }

    /// Whether outcomes are no longer recorded; nothing more should be written to a vendor then.
    pub(super) fn has_failed(&self) -> bool {
        self.rows.is_closed()
    }

    /// Waits until everything is recorded, and answers it.
    pub(super) async fn finish(self) -> Result<Vec<Row>, StoreError> {
        drop(self.rows);
        self.writing.await.unwrap_or(Err(StoreError::Unreadable("queue")))
    }
}
