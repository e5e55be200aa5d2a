//! Keeps the rules in use up with the files: waits for edits, swaps in what came of them, and has a receipt left of each.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use super::{EditLog, StoredRules};
use crate::background::BackgroundTask;
use crate::metrics::Metrics;
use crate::ruleset::{RulesLag, RulesRegistry, Watch};
use crate::secrets::Vault;
use crate::store::{Store, StoreError};

/// Keeps rules up with their files.
#[derive(Clone)]
pub struct RulesReloader {
    /// The rules in use.
    pub registry: Arc<RulesRegistry>,
    /// The rules of the store, where they are kept there.
    pub stored_rules: Option<StoredRules>,
    /// How fresh the rules in use are.
    pub rules_lag: Arc<RulesLag>,
    /// The store.
    pub store: Store,
    /// The secrets that are sealed in it.
    pub vault: Vault,
    /// What is left of each edit.
    pub receipts: EditLog,
    /// Where it shows whether looking fails.
    pub metrics: Arc<Metrics>,
}

/// When edits are looked at again after a fault of the program, or after the store's rules could not be read.
const AFTER_A_FAULT: Duration = Duration::from_secs(10);

/// How often it is looked whether a secret was sealed anew by another process, as a command beside the host is one.
const SECRETS: Duration = Duration::from_secs(1);

/// How often it is looked whether rules in the store were changed by another process.
const STORED_RULES: Duration = Duration::from_millis(500);

/// How soon the store's rules are read again after they could not be.
const AFTER_A_FAILED_REFRESH: Duration = Duration::from_secs(2);

/// How often it is looked whether firms were removed whose files are gone.
const REMOVALS: Duration = Duration::from_secs(1);

/// How long the store may take to say whether there is something newer; whatever takes longer is no answer.
const ANSWER: Duration = Duration::from_secs(2);

/// How long it may take to read what changed in the store's rules.
const REFRESH: Duration = Duration::from_secs(20);

impl RulesReloader {
    /// Looks at edits as they happen, until it is cancelled; ends when they have their receipts.
    pub async fn keep(self, cancel: CancellationToken) {
        self.keep_up(&cancel).await;
        self.receipts.of(Vec::new()).await;
    }

    async fn keep_up(&self, cancel: &CancellationToken) {
        let mut watch = Watch::over(self.registry.sources());
        let mut stored_rules = tokio::time::interval(STORED_RULES);
        stored_rules.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stored_task = self.metrics.task("stored_rules", STORED_RULES);
        // What changed between the start and now is looked at first.
        loop {
            let seen = self.vault.changes();
            let is_fresh = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                is_fresh = self.refresh(&stored_task) => is_fresh,
            };
            let again = if is_fresh { self.look_and_go_on().await.1 } else { Some(AFTER_A_FAULT) };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = watch.changed(again) => self.rules_lag.may_be_behind(),
                () = self.secrets_changed(seen) => {}
                () = self.stored_rules_changed(&mut stored_rules, &stored_task, is_fresh) => {}
                () = self.firms_removed() => {}
            }
        }
    }

    /// Waits until rules in the store are changed.
    async fn stored_rules_changed(&self, looks: &mut Interval, task: &BackgroundTask, is_fresh: bool) {
        let Some(stored) = &self.stored_rules else { return std::future::pending().await };
        if !is_fresh {
            // Others that wait with this have their turn first.
            tokio::time::sleep(AFTER_A_FAILED_REFRESH).await;
        }
        loop {
            looks.tick().await;
            let outcome = match timeout(ANSWER, stored.newest()).await {
                Ok(Ok(newest)) if self.rules_lag.newest_is(newest) && newest == stored.change() => Ok(()),
                Ok(Ok(_)) => return,
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("the store does not answer".to_owned()),
            };
            if outcome.is_err() {
                // Whether there is something newer is not known until the store answers again.
                self.rules_lag.may_be_behind();
            }
            task.note(outcome);
        }
    }

    /// Reads what changed in the store's rules, where rules are kept there; answers whether it could.
    async fn refresh(&self, task: &BackgroundTask) -> bool {
        let Some(stored) = &self.stored_rules else { return true };
        // Nobody can say until it has been read.
        self.rules_lag.may_be_behind();
        let outcome = match timeout(REFRESH, stored.refresh()).await {
            Ok(read) => read.map_err(|error| error.to_string()),
            Err(_) => Err("the store does not answer".to_owned()),
        };
        let is_fresh = outcome.is_ok();
        task.note(outcome);
        is_fresh
    }

    /// Waits until a secret is sealed anew or removed, after so many changes.
    async fn secrets_changed(&self, seen: i64) {
        let task = self.metrics.task("sealed_secrets", SECRETS);
        while self.vault.changes() == seen {
            tokio::time::sleep(SECRETS).await;
            task.note(self.vault.refresh().await);
        }
    }

    /// Waits until a person says that firms are gone whose files are.
    async fn firms_removed(&self) {
        let task = self.metrics.task("removed_firms", REMOVALS);
        loop {
            tokio::time::sleep(REMOVALS).await;
            let current = self.registry.current();
            if current.gone().next().is_none() {
                task.rest();
                continue;
            }
            let mut removed = Vec::new();
            let outcome = self.store.removed_firms().await;
            task.note(outcome.map(|all| removed.extend(current.gone().filter(|firm| all.contains(*firm)).cloned())));
            if !removed.is_empty() {
                return self.registry.remove(removed);
            }
        }
    }

    /// Looks at the files now, as whoever has just written one wants it, and waits for the receipts.
    pub async fn look(&self) {
        let (left, _) = self.look_and_go_on().await;
        left.await;
    }

    /// Binds the keys of the rules in use to where they go, those that are used for the first time.
    pub async fn bind_keys(&self) -> Result<(), StoreError> {
        let current = self.registry.current();
        let in_use = current.firms.values().filter_map(|firm| firm.rules.as_ref());
        self.vault.bind(in_use.flat_map(|rules| rules.connections.uses())).await
    }

    /// Looks at the files; answers what comes when the receipts have been left, and when to look again.
    async fn look_and_go_on(&self) -> (impl Future<Output = ()> + use<>, Option<Duration>) {
        let registry = Arc::clone(&self.registry);
        let change = self.stored_rules.as_ref().map(StoredRules::change);
        let (edits, again) = match tokio::task::spawn_blocking(move || registry.reload()).await {
            Ok(looked) => {
                match change {
                    Some(change) => self.rules_lag.in_use_is(change),
                    None => self.rules_lag.is_newest(),
                }
                if let Err(error) = self.bind_keys().await {
                    tracing::error!(%error, "origins of keys could not be recorded");
                }
                looked
            }
            Err(error) => {
                tracing::error!(%error, "edits could not be read");
                (Vec::new(), Some(AFTER_A_FAULT))
            }
        };
        (self.receipts.of(edits), again)
    }
}
