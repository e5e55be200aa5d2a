//! Firms that are paused because of their keys: whether the pause ends, by other rules, another key, or one that is good again.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::executor::Executor;
use crate::domain::{FirmId, Kind};
use crate::rules::FirmRules;
use crate::runs::{RunError, check_accounts, check_credentials};

/// How long a firm whose key is refused is paused before the key is tried again.
const PAUSE: Duration = Duration::from_hours(1);

impl Executor {
    /// Whether a firm is left alone because of its keys. Where one is refused, other rules end that, and so does another key, or one that is
    /// good again; where one opens a wrong account, a right one does. Whether it is, is asked now and then, and once after a start.
    pub(crate) async fn is_paused(&self, rules: &Arc<FirmRules>) -> Result<bool, RunError> {
        let store = &self.host.store;
        let Some(pause) = store.paused(&rules.firm).await? else { return Ok(false) };
        let last = self.refused().get(&rules.firm).cloned();
        let is_other = last.as_ref().is_some_and(|(tried, _)| !tried.connections.are_the_same(&rules.connections));
        let has_rested = last.is_none_or(|(_, at)| at.elapsed() >= PAUSE);
        if has_rested {
            self.tried(rules);
        }
        let is_edited = is_other || pause.revision != *rules.revision.0;
        let ends = if !pause.reason.is_about_account() {
            is_edited || has_rested && check_credentials(&self.host.vendor_pool, rules).await.holds()
        } else if is_edited || has_rested {
            match check_accounts(store, rules, &self.host.vendor_pool.clients(rules, Kind::Messages)).await {
                Ok(()) => true,
                Err(RunError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    self.opens_wrong_account(rules, &error).await;
                    false
                }
            }
        } else {
            false
        };
        if ends {
            tracing::info!(firm = %rules.firm, "firm no longer paused");
            store.end_pause(&rules.firm).await?;
            self.notices.key_is_good(rules).await;
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether this error is about a key that opens another account than the firm's, for which it was paused. People are told.
    pub(crate) async fn opens_wrong_account(&self, rules: &Arc<FirmRules>, error: &RunError) -> bool {
        if error.pauses().is_none() {
            return false;
        }
        tracing::error!(firm = %rules.firm, %error, "firm paused: a key opens the wrong account");
        self.tried(rules);
        if let Ok(Some(pause)) = self.host.store.paused(&rules.firm).await {
            self.notices.other_account(rules, pause.since, &error.to_string()).await;
        }
        true
    }

    fn refused(&self) -> MutexGuard<'_, HashMap<FirmId, (Arc<FirmRules>, Instant)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the firm's keys are tried now.
    pub(super) fn tried(&self, rules: &Arc<FirmRules>) {
        self.refused().insert(rules.firm.clone(), (Arc::clone(rules), Instant::now()));
    }
}
