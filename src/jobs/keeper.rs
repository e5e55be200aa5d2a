//! Keeps the rules in use up with the files: waits for edits, swaps in what came of them, and leaves a receipt of each.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use super::Watched;
use super::freshness::Freshness;
use super::notices::Notices;
use crate::live::{Edit, EditOutcome, Live, Watch};
use crate::mirror::Mirror;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

/// Keeps rules up with their files.
#[derive(Clone)]
pub struct Keeper {
    /// The rules in use.
    pub live: Arc<Live>,
    /// The rules of the store, where they are kept there.
    pub mirror: Option<Mirror>,
    /// How fresh the rules in use are.
    pub freshness: Arc<Freshness>,
    /// Where receipts go.
    pub store: Store,
    /// The secrets that are sealed there.
    pub vault: Vault,
    /// Who is told.
    pub notices: Notices,
    /// What is seen of it.
    pub watched: Arc<Watched>,
}

/// When edits are looked at again after a fault of the program, or after the store's rules could not be brought up.
const AFTER_A_FAULT: Duration = Duration::from_secs(10);

/// How often it is looked whether a secret was sealed anew by another process, as a command beside the host is one.
const SECRETS: Duration = Duration::from_secs(1);

/// How often it is looked whether rules in the store were changed by another process.
const STORED_RULES: Duration = Duration::from_millis(500);

/// How long the store may take to say whether there is something newer; whatever takes longer is no answer.
const ANSWER: Duration = Duration::from_secs(2);

/// How long it may take to bring up the copy of the store's rules.
const BRINGING: Duration = Duration::from_secs(20);

impl Keeper {
    /// Looks at edits as they happen, until it is cancelled.
    pub async fn keep(self, cancel: CancellationToken) {
        let mut watch = Watch::over(self.live.origins());
        let mut stored_rules = tokio::time::interval(STORED_RULES);
        stored_rules.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut whole = false;
        // What changed between the start and now is looked at first.
        loop {
            let seen = self.vault.changes();
            // A copy that may be written by halves is not looked at.
            let is_brought = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                is_brought = self.bring_up(&mut whole) => is_brought,
            };
            let again = if is_brought { self.look().await } else { Some(AFTER_A_FAULT) };
            tokio::select! {
                () = cancel.cancelled() => return,
                is_changed = watch.changed(again) => {
                    self.freshness.may_be_behind();
                    // What this process brought is told too.
                    whole |= is_changed && self.mirror.as_ref().is_some_and(|mirror| !mirror.wrote());
                }
                () = self.secrets_changed(seen) => {}
                () = self.stored_rules_changed(&mut stored_rules) => {}
            }
        }
    }

    /// Waits until rules in the store are changed.
    async fn stored_rules_changed(&self, looks: &mut Interval) {
        let Some(mirror) = &self.mirror else { return std::future::pending().await };
        let mut fails = false;
        loop {
            looks.tick().await;
            let problem = match timeout(ANSWER, mirror.newest()).await {
                Ok(Ok(newest)) if self.freshness.newest_is(newest) && newest == mirror.change() => {
                    fails = false;
                    continue;
                }
                Ok(Ok(_)) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the store does not answer".to_owned(),
            };
            // Whether there is something newer is not known until the store answers again.
            self.freshness.may_be_behind();
            if !fails {
                tracing::error!(problem, "rules in the store could not be looked at");
            }
            fails = true;
        }
    }

    /// Brings the copy of the store's rules up, where rules are kept there; file by file, where somebody else wrote into it. Answers
    /// whether the copy can be looked at.
    async fn bring_up(&self, whole: &mut bool) -> bool {
        let Some(mirror) = &self.mirror else { return true };
        // Nobody can say until it has been brought up.
        self.freshness.may_be_behind();
        let bringing = async { if *whole { mirror.bring_whole().await } else { mirror.bring_up().await } };
        let problem = match timeout(BRINGING, bringing).await {
            Ok(Ok(())) => {
                *whole = false;
                return true;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the store does not answer".to_owned(),
        };
        tracing::error!(problem, "the store's rules could not be brought up");
        false
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
        let change = self.mirror.as_ref().map(Mirror::change);
        match tokio::task::spawn_blocking(move || live.reload()).await {
            Ok((edits, again)) => {
                match change {
                    Some(change) => self.freshness.in_use_is(change),
                    None => self.freshness.is_newest(),
                }
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
