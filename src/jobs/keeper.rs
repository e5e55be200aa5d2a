//! Keeps the rules in use up with the files: waits for edits, swaps in what came of them, and leaves a receipt of each.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Watched;
use super::notices::Notices;
use crate::live::{Edit, EditOutcome, Live, Watch};
use crate::store::{Store, StoreError};
use crate::vault::Vault;

/// Keeps rules up with their files.
#[derive(Clone)]
pub struct Keeper {
    /// The rules in use.
    pub live: Arc<Live>,
    /// Where receipts go.
    pub store: Store,
    /// The secrets that are sealed there.
    pub vault: Vault,
    /// Who is told.
    pub notices: Notices,
    /// What is seen of it.
    pub watched: Arc<Watched>,
}

/// When edits are looked at again after a fault of the program.
const AFTER_A_FAULT: Duration = Duration::from_secs(10);

/// How often it is looked whether a secret was sealed anew by another process, as a command beside the host is one.
const SECRETS: Duration = Duration::from_secs(1);

impl Keeper {
    /// Looks at edits as they happen, until it is cancelled.
    pub async fn keep(self, cancel: CancellationToken) {
        let mut watch = Watch::over(self.live.origins());
        let mut again;
        // What changed between the start and now is looked at first.
        loop {
            let seen = self.vault.changes();
            again = self.look().await;
            tokio::select! {
                () = cancel.cancelled() => return,
                () = watch.changed(again) => {}
                () = self.secrets_changed(seen) => {}
            }
        }
    }

    /// Waits until a secret is sealed anew or removed, after so many changes.
    async fn secrets_changed(&self, seen: i64) {
        while self.vault.changes() == seen {
            tokio::time::sleep(SECRETS).await;
            if let Err(error) = self.vault.refresh().await {
                tracing::error!(%error, "sealed secrets could not be looked at");
            }
        }
    }

    /// Looks at the files now, as whoever has just written one wants it; answers when to look again.
    pub async fn look(&self) -> Option<Duration> {
        let live = Arc::clone(&self.live);
        match tokio::task::spawn_blocking(move || live.reload()).await {
            Ok((edits, again)) => {
                self.receive(edits).await;
                again
            }
            Err(error) => {
                tracing::error!(%error, "edits could not be looked at");
                Some(AFTER_A_FAULT)
            }
        }
    }

    /// Leaves a receipt of each edit.
    pub async fn receive(&self, edits: Vec<Edit>) {
        for edit in edits {
            let (firm, outcome) = (edit.firm.clone(), edit.outcome);
            self.watched.edited(outcome.as_str());
            match outcome {
                EditOutcome::Applied => tracing::info!(%firm, revision = %edit.revision, "rules applied"),
                EditOutcome::Rejected => {
                    tracing::warn!(%firm, revision = %edit.revision, faults = edit.diagnostics.len(), "rules rejected");
                }
                EditOutcome::Removed => tracing::warn!(%firm, "the firm's file is gone, and the firm was stopped"),
            }
            if let Err(error) = self.write_down(&edit).await {
                tracing::error!(%firm, %error, "no receipt could be left of an edit");
            }
            if outcome == EditOutcome::Rejected {
                self.notices.rules_rejected(&self.live.current(), &edit).await;
            }
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
            (EditOutcome::Removed, _) => self.store.forget_good_rules(&edit.firm).await,
            _ => Ok(()),
        }
    }
}
