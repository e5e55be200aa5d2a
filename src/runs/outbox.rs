//! Staff's messages of CASEpeer are sent through Case Status as the case's primary attorney, each once: what is about to be sent is
//! written down first, and what came of it is said in a receipt that staff can read. They come from CASEpeer's outbox and from its
//! events, and a message that came both ways is one message.

use std::collections::HashSet;

use jiff::{Timestamp, ToSpan as _};
use sha2::{Digest as _, Sha256};

use super::active_run::ActiveRun;
use super::case_summary::CaseSummary;
use super::perform::message_sent_under;
use super::run_outcome::RunReport;
use super::{RunContext, RunError, VendorClients};
use crate::domain::{CaseId, FixBy, Kind, LONGEST_MESSAGE, NewMessage, OutboundMessage, Receipt};
use crate::store::{EventEnd, OutboxState};
use crate::vendors::{Failure, Listed};

/// What the key of each message of staff's begins with; [`super::poll_messages`] knows them by it.
pub(super) const OUTBOX_KEY: &str = "casebridge-outbox-";

/// One pass over the outbox, from its start. With `quiet`, a pass that has nothing to do leaves no run and answers `None`.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn poll_outbox(context: RunContext, quiet: bool) -> Result<Option<RunReport>, RunError> {
    pass(context, quiet, Which::All).await
}

/// Sends what people typed here, and leaves alone what waits in CASEpeer: for a firm that is not enabled.
pub async fn send_typed_here(context: RunContext) -> Result<Option<RunReport>, RunError> {
    pass(context, true, Which::TypedHere).await
}

/// Which of staff's messages a pass is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    TypedHere,
}

async fn pass(context: RunContext, quiet: bool, which: Which) -> Result<Option<RunReport>, RunError> {
    let mut active_run = ActiveRun::start_unrecorded(context, Kind::Outbox).await?;
    if !quiet {
        active_run.record().await?;
    }
    let firm = active_run.run.firm.clone();
    // Before the listing: what comes by an event after it was looked at would else seem to have left the outbox.
    let mut stored = active_run.store().waiting_sends(&firm).await?;
    let outbox = if which == Which::All { active_run.clients.casepeer.outbox().await } else { Ok(Vec::new()) };
    if which == Which::TypedHere {
        stored.retain(OutboundMessage::is_typed_here);
    }
    let (waiting, unread) = match outbox {
        Ok(listed) => (in_order(listed, stored), None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    if quiet && waiting.is_empty() && unread.is_none() {
        return Ok(None);
    }
    active_run.record().await?;
    let sent = match active_run.check_accounts().await {
        Ok(()) => Sending { active_run: &active_run }.send_all(waiting).await,
        Err(error) => Err(error),
    };
    CaseSummary::end(active_run, "message", unread, sent).await.map(Some)
}

/// The messages of the outbox and those that events brought, each once, as they were typed. With each, whether the outbox lists it.
fn in_order(mut listed: Vec<Listed<OutboundMessage>>, stored: Vec<OutboundMessage>) -> Vec<(Listed<OutboundMessage>, bool)> {
    // What an event said in a way that can be read needs no listing that cannot.
    listed.retain(|listed| !matches!(listed, Listed::Unreadable(item) if stored.iter().any(|message| *message.id == *item.id)));
    let known: HashSet<Box<str>> = listed.iter().filter_map(Listed::read).map(|message| message.id.clone()).collect();
    let stored_only = stored.into_iter().filter(|message| !known.contains(&message.id)).map(|message| (Listed::Read(message), false));
    let mut all: Vec<_> = stored_only.chain(listed.into_iter().map(|listed| (listed, true))).collect();
    // What does not say when it was typed stays before the rest; the order of equals is that of the outbox.
    all.sort_by_key(|(listed, _)| listed.read().and_then(|message| message.typed_at));
    all
}

struct Sending<'a> {
    active_run: &'a ActiveRun,
}

impl Sending<'_> {
    fn clients(&self) -> &VendorClients {
        &self.active_run.clients
    }

    /// Sends what waits, in its order, until a vendor refuses the key.
    async fn send_all(&self, waiting: Vec<(Listed<OutboundMessage>, bool)>) -> Result<(CaseSummary, Option<Failure>), RunError> {
        let (firm, store) = (&self.active_run.run.firm, self.active_run.store());
        let (mut cases, mut waits, mut stopped) = (CaseSummary::default(), HashSet::new(), None);
        for (listed, is_listed) in waiting {
            let message = match listed {
                Listed::Read(message) => message,
                Listed::Unreadable(item) => {
                    tracing::warn!(firm = %self.active_run.run.firm, outbox = item.id, "staff message violates the contract");
                    let error = "The message was not sent: it cannot be read. Your integration support can say why.";
                    cases.failed(CaseId(0), &format!("message {}: {error}", item.id), Some(FixBy::Support));
                    // Without its receipt it is listed again.
                    let answered = self.clients().casepeer.put_receipt(&item.id, &Receipt::Failed { error: error.into() }).await;
                    stopped = answered.err().filter(Failure::is_about_the_key).or(stopped);
                    continue;
                }
            };
            if waits.contains(&message.case) {
                continue;
            }
            if self.active_run.is_cancelled() || stopped.is_some() {
                break;
            }
            match self.send(&message).await {
                Ok(Receipt::Delivered { .. }) => cases.done(message.case),
                Ok(Receipt::Failed { error }) => cases.failed(message.case, &error, Some(FixBy::Firm)),
                // CASEpeer no longer knows of a message that it sent, and will not tomorrow.
                Err(RunError::Vendor(failure @ Failure::Refused { .. })) if !is_listed => {
                    tracing::warn!(%firm, case = %message.case, %failure, "receipt of a staff message failed");
                    store.end_sends(firm, &message.id, EventEnd::Dead).await?;
                    cases.failed(message.case, &format!("message {}: {failure}", message.id), Some(FixBy::Support));
                }
                Err(error) => {
                    let failure = error.into_failure()?;
                    cases.failed(message.case, &format!("{failure}; the next pass tries again"), None);
                    // The case's later messages wait behind this one.
                    waits.insert(message.case);
                    stopped = failure.is_about_the_key().then_some(failure);
                }
            }
        }
        Ok((cases, stopped))
    }

    /// Sends one message, unless it was sent before, and says what became of it.
    async fn send(&self, message: &OutboundMessage) -> Result<Receipt, RunError> {
        let (firm, store) = (&self.active_run.run.firm, self.active_run.store());
        let known = store.outbox_entry(firm, &message.id).await?;
        let receipt = match known.as_ref().map(|entry| &entry.state) {
            Some(OutboxState::Sent(id)) => Receipt::Delivered { message_id: id.as_str().into() },
            // Staff may have put right what was wrong and left the message where it was: it is tried as if it were new.
            _ => self.deliver(message, known.map(|entry| entry.intended_at)).await?,
        };
        if !message.is_typed_here() {
            self.clients().casepeer.put_receipt(&message.id, &receipt).await?;
        }
        // An event may tell of it later, and staff have read by then that it was not sent.
        if let Receipt::Failed { error } = &receipt
            && (message.is_typed_here() || store.outbox_entry(firm, &message.id).await?.is_none())
        {
            store.put_outbox(firm, message, &OutboxState::Failed(error.to_string())).await?;
        }
        store.settle_outbox(firm, &message.id).await?;
        store.end_sends(firm, &message.id, EventEnd::Done).await?;
        Ok(receipt)
    }

    async fn deliver(&self, message: &OutboundMessage, intended_at: Option<Timestamp>) -> Result<Receipt, RunError> {
        let (firm, store, case_status) = (&self.active_run.run.firm, self.active_run.store(), &self.clients().case_status);
        let failed = |error: String| Receipt::Failed { error: error.into() };
        let length = message.body.chars().count();
        if message.body.trim().is_empty() || length > LONGEST_MESSAGE {
            let problem = if length > LONGEST_MESSAGE {
                format!("it has {length} characters, and {LONGEST_MESSAGE} is the most")
            } else {
                "it is empty".to_owned()
            };
            return Ok(failed(format!("The message was not sent: {problem}.")));
        }
        let existing = match case_status.case_of(message.case).await {
            Ok(Some(existing)) => existing,
            Ok(None) => {
                let error = "The message was not sent: this case is not connected to Case Status. Connect it, and send the message again.";
                return Ok(failed(error.to_owned()));
            }
            Err(failure @ Failure::Refused { .. }) => {
                tracing::warn!(%firm, case = %message.case, %failure, "case of a staff message could not be read");
                let error = "The message was not sent: Case Status refuses to show the case. Your integration support can say why.";
                return Ok(failed(error.to_owned()));
            }
            Err(failure) => return Err(failure.into()),
        };
        let new = NewMessage { case_status_id: existing.id, key: bounded(OUTBOX_KEY, &message.id).into(), text: message.body.clone() };
        // Case Status remembers a key for a day. After that only its messages can say whether this one is among them.
        if intended_at.is_some_and(|at| at < Timestamp::now() - 23.hours()) {
            match message_sent_under(case_status, &new.key).await {
                Ok(Some(sent)) => {
                    store.put_outbox(firm, message, &OutboxState::Sent(sent.id.to_string())).await?;
                    return Ok(Receipt::Delivered { message_id: sent.id });
                }
                Ok(None) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        store.put_outbox(firm, message, &OutboxState::Intended).await?;
        match case_status.send_message(&new).await {
            Ok(id) => {
                store.put_outbox(firm, message, &OutboxState::Sent(id.clone())).await?;
                Ok(Receipt::Delivered { message_id: id.into() })
            }
            Err(failure @ Failure::OtherIdentity { .. }) => match message_sent_under(case_status, &new.key).await {
                Ok(Some(sent)) if sent.integration_id == Some(message.case) => {
                    store.put_outbox(firm, message, &OutboxState::Sent(sent.id.to_string())).await?;
                    Ok(Receipt::Delivered { message_id: sent.id })
                }
                // Sent again it might go to the other case again: people have to look.
                Ok(_) => {
                    tracing::warn!(%firm, case = %message.case, %failure, "staff message answered for another case");
                    let error = format!("It is not known whether the message was sent: {failure}. Look at both before you send it again.");
                    store.put_outbox(firm, message, &OutboxState::Failed(error.clone())).await?;
                    Ok(failed(error))
                }
                Err(failure) => Err(failure.into()),
            },
            // Only a refusal says that it was not sent: whatever else came back, it may have been, and its key finds that out.
            Err(failure) if !matches!(failure, Failure::Refused { .. }) => Err(failure.into()),
            Err(failure) => {
                tracing::warn!(%firm, case = %message.case, %failure, "staff message refused");
                let error = "The message was not sent: Case Status refused it. Your integration support can say why.".to_owned();
                store.put_outbox(firm, message, &OutboxState::Failed(error.clone())).await?;
                Ok(failed(error))
            }
        }
    }
}

/// A key within the 128 characters that both contracts take: of a vendor's id that is longer, or odd, a hash.
pub(super) fn bounded(prefix: &str, id: &str) -> String {
    let plain = id.len() <= 128 - prefix.len() && id.bytes().all(|letter| letter.is_ascii_graphic());
    if plain {
        return format!("{prefix}{id}");
    }
    let digest: String = Sha256::digest(id.as_bytes()).iter().take(20).map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}{digest}")
}
