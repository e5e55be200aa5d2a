//! What people and programs ask without a run: previews, explanations, checks of keys, and a message to a client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lettre::Address;

use super::{RequestError, RunService};
use crate::diagnostic::Diagnostic;
use crate::domain::{CaseId, Event, EventPayload, FirmId, Kind, OutboundMessage};
use crate::rules::FirmRules;
use crate::runs::{
    ConnectPreview, CredentialCheck, Explanation, Host, MappingImpact, RunError, Verification, VerifyError, check_accounts,
    check_credentials, explain_case, mapping_impact, preview_connect, verify,
};
use crate::scripting::Migration;
use crate::store::OutboxState;

/// A message that was requested, and how far it has come.
#[derive(Debug, Clone)]
pub struct SentMessage {
    /// Its id in the outbox.
    pub id: Box<str>,
    /// How far it has come; `None` while nobody has looked at it yet.
    pub state: Option<OutboxState>,
}

/// How long somebody who sends a message waits to see what becomes of it. It is sent all the same, later.
const PATIENCE: Duration = Duration::from_secs(8);

impl RunService {
    /// What connecting a case would push, or every problem that stands in the way.
    pub async fn preview_connect(&self, firm: &FirmId, case: CaseId) -> Result<ConnectPreview, RequestError> {
        Ok(preview_connect(&self.host().vendor_pool, &self.rules(firm)?, case).await?)
    }

    /// Sends a message to a case's client as the case's primary attorney: stored before anything is sent, and sent once, whatever happens
    /// in between. Asking again under the same `key` asks for the same message. Answers what has become of it after some seconds.
    pub async fn send_message(&self, firm: &FirmId, case: CaseId, body: &str, key: &str) -> Result<SentMessage, RequestError> {
        self.opens_own_accounts(&self.rules(firm)?).await?;
        let message = OutboundMessage::typed_here(key, case, body, Timestamp::now());
        let id = message.id.clone();
        let event = Event { id: id.clone(), payload: EventPayload::SendRequested(message) };
        self.host().store.put_event(firm, &event, Timestamp::now()).await.map_err(RunError::from)?;
        self.bell.ring();
        let began = Instant::now();
        loop {
            let state = self.message(firm, &id).await?;
            if matches!(state, Some(OutboxState::Sent(_) | OutboxState::Failed(_))) || began.elapsed() > PATIENCE {
                return Ok(SentMessage { id, state });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Looks whether a firm may write that was paused because a key opened a wrong account.
    async fn opens_own_accounts(&self, rules: &Arc<FirmRules>) -> Result<(), RunError> {
        let Host { vendor_pool, store, .. } = &self.host();
        let paused = store.paused(&rules.firm).await?;
        if paused.is_some_and(|pause| pause.reason.is_about_account()) {
            check_accounts(store, rules, &vendor_pool.clients(rules, Kind::Messages)).await?;
        }
        Ok(())
    }

    /// How far a message has come.
    pub async fn message(&self, firm: &FirmId, id: &str) -> Result<Option<OutboxState>, RequestError> {
        let entry = self.host().store.outbox_entry(firm, id).await.map_err(RunError::from)?;
        Ok(entry.map(|entry| entry.state))
    }

    /// How each attribute of a case came to be.
    pub async fn explain(&self, firm: &FirmId, case: CaseId) -> Result<Explanation, RequestError> {
        Ok(explain_case(&self.host().vendor_pool, &self.rules(firm)?, case).await?)
    }

    /// Asks whether a firm's keys are good.
    pub async fn check_credentials(&self, firm: &FirmId) -> Result<CredentialCheck, RequestError> {
        Ok(check_credentials(&self.host().vendor_pool, &self.rules(firm)?).await)
    }

    /// Tells whoever set a firm up, and support, that its set-up is complete.
    pub fn tell_set_up(&self, firm: &FirmId, who: Option<Address>) -> Result<(), RequestError> {
        let rules = self.rules(firm)?;
        self.executor.notices.set_up_complete(&rules, who);
        Ok(())
    }

    /// Proves a firm's keys, and holds its mapping against what is there.
    pub async fn verify(&self, firm: &FirmId) -> Result<Verification, RequestError> {
        let Host { vendor_pool, store, .. } = &self.host();
        verify(vendor_pool, store, &self.rules(firm)?).await.map_err(|error| match error {
            VerifyError::Vendor(failure) => RequestError::Vendor(failure),
            VerifyError::Store(error) => RequestError::Sync(error.into()),
        })
    }

    /// What an edit of a firm's mapping would move, by its rules before and after.
    pub async fn mapping_impact(&self, before: &Arc<FirmRules>, after: &Arc<FirmRules>) -> Result<MappingImpact, RequestError> {
        Ok(mapping_impact(&self.host().vendor_pool, before, after).await?)
    }

    /// The script of this name, as its file is now.
    pub fn script(&self, name: &str) -> Result<Migration, Vec<Diagnostic>> {
        self.executor.scripts().load(name)
    }
}
