//! The log of rule edits: each edit's outcome is logged and stored, and people are notified of one with faults. A task of its own does
//! it, so that the receipts of many edits do not hold up the next edit.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::metrics::Metrics;
use crate::notifications::Notifier;
use crate::ruleset::{Edit, EditOutcome, RulesRegistry};
use crate::store::{Store, StoreError};

/// Where edits are handed in; their receipts are written in that order. Clones are the same.
#[derive(Clone)]
pub struct EditLog(mpsc::UnboundedSender<Edits>);

/// Edits of one reload, and who waits for their receipts.
struct Edits {
    edits: Vec<Edit>,
    left: oneshot::Sender<()>,
}

/// Writes receipts.
struct EditLogWriter {
    registry: Arc<RulesRegistry>,
    store: Store,
    metrics: Arc<Metrics>,
    notices: Notifier,
}

impl EditLog {
    /// Starts the writer, which runs as long as a clone of the log exists.
    pub fn begin(registry: Arc<RulesRegistry>, store: Store, metrics: Arc<Metrics>, notices: Notifier) -> EditLog {
        let (hand_over, mut handed) = mpsc::unbounded_channel::<Edits>();
        let writer = EditLogWriter { registry, store, metrics, notices };
        tokio::spawn(async move {
            while let Some(Edits { edits, left }) = handed.recv().await {
                for edit in &edits {
                    writer.receive(edit).await;
                }
                let gone: Vec<_> = edits.iter().filter(|edit| edit.outcome == EditOutcome::Gone).map(|edit| &edit.firm).collect();
                if !gone.is_empty() {
                    writer.notices.rules_gone(writer.registry.sources().rules.path(), &gone).await;
                }
                // Whoever handed them over need not wait.
                let _ = left.send(());
            }
        });
        EditLog(hand_over)
    }

    /// Hands edits over at once. What is answered may be waited for: it comes when they, and all that were handed over before, have their
    /// receipts.
    pub fn of(&self, edits: Vec<Edit>) -> impl Future<Output = ()> + use<> {
        let (left, waits) = oneshot::channel();
        // It is received as long as there is somebody who sends.
        let _ = self.0.send(Edits { edits, left });
        async move {
            let _ = waits.await;
        }
    }
}

impl EditLogWriter {
    async fn receive(&self, edit: &Edit) {
        let (firm, outcome) = (&edit.firm, edit.outcome);
        self.metrics.edited(outcome.as_str());
        match outcome {
            EditOutcome::Applied => tracing::info!(%firm, revision = %edit.revision, "rules applied"),
            EditOutcome::Rejected => {
                tracing::warn!(%firm, revision = %edit.revision, faults = edit.diagnostics.len(), "rules rejected");
            }
            EditOutcome::Removed => tracing::warn!(%firm, "firm stopped: its file is gone"),
            EditOutcome::Gone => tracing::error!(%firm, "firm's file is gone with those of others: its last good rules stay in use"),
        }
        if let Err(error) = self.write_down(edit).await {
            tracing::error!(%firm, %error, "receipt of an edit could not be recorded");
        }
        if outcome == EditOutcome::Rejected {
            self.notices.rules_rejected(&self.registry.current(), edit).await;
        }
    }

    async fn write_down(&self, edit: &Edit) -> Result<(), StoreError> {
        let diagnostics = serde_json::to_string(&edit.diagnostics).unwrap_or_default();
        self.store
            .put_receipt(
                &edit.firm,
                &edit.revision,
                edit.outcome.as_str(),
                &diagnostics,
                &edit.text,
                edit.files.as_ref().filter(|_| edit.outcome == EditOutcome::Applied),
            )
            .await?;
        match (edit.outcome, &edit.files) {
            (EditOutcome::Applied, Some(files)) => self.store.put_good_rules(&edit.firm, &edit.revision, files).await,
            (EditOutcome::Gone, _) => self.store.recall_good_rules(&edit.firm).await,
            (EditOutcome::Removed, _) => self.store.forget_good_rules(&edit.firm).await,
            _ => Ok(()),
        }
    }
}
