//! Messages of Case Status become case notes of CASEpeer: each is stored before the cursor moves past it, and then delivered, in order
//! within a case. A note that is refused for good becomes a dead letter and holds nothing up.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use tokio_util::sync::CancellationToken;

use super::active_run::ActiveRun;
use super::case_summary::CaseSummary;
use super::host::Host;
use super::outbox::OUTBOX_KEY;
use super::read_again::read_again;
use super::run_outcome::{RunOutcome, RunReport};
use super::{RunError, VendorClients};
use crate::domain::{CaseId, Effect, FixBy, Kind, LetterKind, Message, NewNote};
use crate::rules::raw::Start;
use crate::rules::{FirmRules, note_text};
use crate::runs::perform::{CaseState, EffectError, Performer, perform};
use crate::store::{InboxState, StoredMessage};
use crate::vendors::{Failure, Listed};

/// Messages that are delivered before the next are looked at.
const BATCH: u32 = 2_000;

/// One pass: stores what is new, and delivers what waits. With `quiet`, a pass that has nothing to do leaves no run and answers `None`.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn poll_messages(
    host: &Host,
    rules: Arc<FirmRules>,
    quiet: bool,
    cancel: &CancellationToken,
) -> Result<Option<RunReport>, RunError> {
    let mut active_run = ActiveRun::start_unrecorded(host, rules, Kind::Messages).await?;
    let host = active_run.host.clone();
    if !quiet {
        active_run.record().await?;
    }
    let clients = active_run.clients();
    let store = &host.store;
    let received = receive(&active_run, &clients, cancel).await?;
    if quiet && received.is_ok() && store.count_waiting_messages(&active_run.run.firm).await? == 0 {
        return Ok(None);
    }
    active_run.record().await?;
    if let Err(failure) = active_run.check_accounts().await? {
        return active_run.end(RunOutcome::failed(&failure, Vec::new())).await.map(Some);
    }
    let delivery = Delivery { active_run: &active_run, clients: &clients, cancel };
    let (cases, stopped) = delivery.deliver().await?;
    cases.end(active_run, "note", received.err().or(stopped), cancel).await.map(Some)
}

/// What a letter says of what cannot be read.
pub(super) const UNREADABLE: &str = "Case Status lists it in a way that nothing here can read; look at it in Case Status";

/// Stores the messages after the cursor, page by page. The inner error is why a vendor could not be read to the end.
async fn receive(active_run: &ActiveRun, clients: &VendorClients, cancel: &CancellationToken) -> Result<Result<(), Failure>, RunError> {
    let (store, rules) = (&active_run.host.store, &active_run.rules);
    let mut cursor = store.cursor(&rules.firm, "messages").await?;
    let skips_all = cursor.is_none() && rules.messages.start.value == Start::Now;
    let mut feed = clients.case_status.messages(cursor.as_deref());
    while !cancel.is_cancelled() {
        let page = match feed.next_page().await {
            Ok(page) => page,
            Err(failure) => return Ok(Err(failure)),
        };
        if (!page.items.is_empty() || cursor.as_deref() != Some(page.next_cursor.as_str()))
            && let Err(failure) = active_run.check_accounts().await?
        {
            return Ok(Err(failure));
        }
        let mut messages: Vec<Message> = Vec::with_capacity(page.items.len());
        for listed in page.items {
            match listed {
                Listed::Read(message) => messages.push(message),
                Listed::Unreadable(_) if skips_all => {}
                Listed::Unreadable(item) => {
                    tracing::warn!(firm = %rules.firm, message = item.id, "message violates the contract");
                    // The cursor goes past it, and somebody should know.
                    store.write_letter(&rules.firm, LetterKind::Note, &item.id, None, UNREADABLE).await?;
                }
            }
        }
        if skips_all {
            // Only past all of them: a part would be taken for the beginning the next time.
            if !page.has_more {
                store.move_cursor(&rules.firm, "messages", &page.next_cursor).await?;
            }
        } else if !messages.is_empty() || cursor.as_deref() != Some(page.next_cursor.as_str()) {
            store.receive_messages(&rules.firm, &messages, Some(&page.next_cursor)).await?;
        }
        if !page.has_more {
            break;
        }
        cursor = Some(page.next_cursor);
    }
    match read_again(active_run, LetterKind::Note, clients.case_status.messages(None), |message| &message.id).await? {
        Ok(found) if found.is_empty() => Ok(Ok(())),
        Ok(found) => Ok(Ok(store.receive_messages(&rules.firm, &found, None).await?)),
        Err(failure) => Ok(Err(failure)),
    }
}

struct Delivery<'a> {
    active_run: &'a ActiveRun,
    clients: &'a VendorClients,
    cancel: &'a CancellationToken,
}

/// What came of the messages of one case.
struct CaseDelivery {
    case: CaseId,
    done: u32,
    /// Why something could not be done, and whether somebody has to look.
    problems: Vec<(String, Option<FixBy>)>,
    /// Nothing of this firm gets through.
    stopped: Option<Failure>,
}

impl Delivery<'_> {
    /// Delivers what waits. Cases go side by side, and the messages of each one after the other.
    async fn deliver(&self) -> Result<(CaseSummary, Option<Failure>), RunError> {
        let (firm, store) = (&self.active_run.run.firm, &self.active_run.host.store);
        let mut cases = CaseSummary::default();
        loop {
            let waiting = store.waiting_messages(firm, BATCH).await?;
            let count = waiting.len();
            let (wanted, left_out): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|stored| self.is_wanted(&stored.message));
            let settled: Vec<_> = left_out.iter().map(|stored| (stored.number, InboxState::LeftOut)).collect();
            store.settle_messages(&settled).await?;
            let mut by_case: BTreeMap<CaseId, Vec<StoredMessage>> = BTreeMap::new();
            for stored in wanted {
                if let Some(case) = stored.message.integration_id {
                    by_case.entry(case).or_default().push(stored);
                }
            }
            let delivered = stream::iter(by_case.into_iter().map(|(case, messages)| self.deliver_case(case, messages)));
            let mut delivered = delivered.buffer_unordered(self.active_run.rules.limits.concurrency);
            let (mut progressed, mut stopped) = (!left_out.is_empty(), None);
            while let Some(delivery) = delivered.next().await {
                let CaseDelivery { case, done, problems, stopped: failure } = delivery?;
                progressed |= done > 0;
                (0..done).for_each(|_| cases.done(case));
                problems.iter().for_each(|(problem, fix_by)| cases.failed(case, problem, *fix_by));
                stopped = stopped.or(failure);
                // A key that is refused is refused for every case; a note in flight has its id, and is not made twice.
                if stopped.is_some() {
                    break;
                }
            }
            // What is left waits for a vendor; the next pass tries it.
            if count < BATCH as usize || !progressed || stopped.is_some() || self.cancel.is_cancelled() {
                return Ok((cases, stopped));
            }
        }
    }

    /// Whether a message is to become a note at all.
    fn is_wanted(&self, message: &Message) -> bool {
        let rules = &self.active_run.rules.messages;
        let own = rules.skip_own && message.idempotency_key.as_deref().is_some_and(|key| key.starts_with(OUTBOX_KEY));
        message.integration_id.is_some() && rules.directions.contains(&message.direction) && !own
    }

    async fn deliver_case(&self, case: CaseId, messages: Vec<StoredMessage>) -> Result<CaseDelivery, RunError> {
        let (firm, store) = (&self.active_run.run.firm, &self.active_run.host.store);
        let means = Performer { clients: self.clients, store, run: &self.active_run.run };
        let mut delivery = CaseDelivery { case, done: 0, problems: Vec::new(), stopped: None };
        for StoredMessage { number, message } in messages {
            if self.cancel.is_cancelled() {
                break;
            }
            let text = match self.text(&message).await {
                Ok(Some(text)) => text,
                Ok(None) => {
                    store.settle_messages(&[(number, InboxState::LeftOut)]).await?;
                    continue;
                }
                Err(reason) => {
                    store.write_letter(firm, LetterKind::Note, &message.id, Some(case), &reason).await?;
                    delivery.problems.push((reason, Some(FixBy::Support)));
                    continue;
                }
            };
            let note = NewNote { external_id: note_id(&message.id).into(), text: text.into(), occurred_at: Some(message.sent_at) };
            match perform(means, case, &Effect::AddNote(Box::new(note)), CaseState::Fresh).await {
                Ok(_) => {
                    store.settle_messages(&[(number, InboxState::Done)]).await?;
                    delivery.done += 1;
                }
                Err(EffectError::Vendor(failure)) if failure.is_about_the_key() || failure.is_transient() => {
                    // The case's later messages wait behind this one.
                    delivery.problems.push((format!("{failure}; the next pass tries again"), None));
                    delivery.stopped = failure.is_about_the_key().then_some(failure);
                    break;
                }
                Err(undone) => {
                    let reason = undone.to_string();
                    store.write_letter(firm, LetterKind::Note, &message.id, Some(case), &reason).await?;
                    delivery.problems.push((reason, Some(FixBy::Support)));
                }
            }
        }
        Ok(delivery)
    }

    /// The note's text, on a thread for work that blocks: a firm's script may think about it.
    async fn text(&self, message: &Message) -> Result<Option<String>, String> {
        let (rules, message) = (Arc::clone(&self.active_run.rules), message.clone());
        let text = tokio::task::spawn_blocking(move || note_text(&rules, &message)).await;
        text.map_err(|_| "the text of the note could not be made".to_owned())?.map_err(|note| note.text)
    }
}

/// The id under which a message becomes a note once, however often it is tried.
fn note_id(message_id: &str) -> String {
    super::outbox::bounded("case-status-message-", message_id)
}
