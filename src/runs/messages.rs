//! Messages of Case Status become case notes of CASEpeer: each is stored before the cursor moves past it, and then delivered, in order
//! within a case. A note that is refused for good becomes a dead letter and holds nothing up.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::active_run::ActiveRun;
use super::case_summary::CaseSummary;
use super::feed::receive;
use super::outbox::OUTBOX_KEY;
use super::run_outcome::RunReport;
use super::{RunContext, RunError};
use crate::domain::{CaseId, Effect, FixBy, Kind, LetterKind, Message, NewNote};
use crate::rules::note_text;
use crate::runs::perform::{CaseState, EffectError, perform};
use crate::store::{InboxState, StoredMessage};
use crate::vendors::Failure;

/// Messages that are delivered before the next are looked at.
const BATCH: u32 = 2_000;

/// One pass: stores what is new, and delivers what waits. With `quiet`, a pass that has nothing to do leaves no run and answers `None`.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn poll_messages(context: RunContext, quiet: bool) -> Result<Option<RunReport>, RunError> {
    let mut active_run = ActiveRun::start_unrecorded(context, Kind::Messages).await?;
    if !quiet {
        active_run.record().await?;
    }
    let unread = receive::<Message>(&active_run).await.err().map(RunError::into_failure).transpose()?;
    if quiet && unread.is_none() && active_run.store().count_waiting_messages(&active_run.run.firm).await? == 0 {
        return Ok(None);
    }
    active_run.record().await?;
    let delivered = match active_run.check_accounts().await {
        Ok(()) => Delivery { active_run: &active_run }.deliver().await,
        Err(error) => Err(error),
    };
    CaseSummary::end(active_run, "note", unread, delivered).await.map(Some)
}

struct Delivery<'a> {
    active_run: &'a ActiveRun,
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
        let (firm, store) = (&self.active_run.run.firm, self.active_run.store());
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
            let mut delivered = delivered.buffer_unordered(self.active_run.rules().limits.concurrency);
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
            if count < BATCH as usize || !progressed || stopped.is_some() || self.active_run.is_cancelled() {
                return Ok((cases, stopped));
            }
        }
    }

    /// Whether a message is to become a note at all.
    fn is_wanted(&self, message: &Message) -> bool {
        let rules = &self.active_run.rules().messages;
        let own = rules.skip_own && message.idempotency_key.as_deref().is_some_and(|key| key.starts_with(OUTBOX_KEY));
        message.integration_id.is_some() && rules.directions.contains(&message.direction) && !own
    }

    async fn deliver_case(&self, case: CaseId, messages: Vec<StoredMessage>) -> Result<CaseDelivery, RunError> {
        let (firm, store) = (&self.active_run.run.firm, self.active_run.store());
        let means = self.active_run.performer();
        let mut delivery = CaseDelivery { case, done: 0, problems: Vec::new(), stopped: None };
        for StoredMessage { number, message } in messages {
            if self.active_run.is_cancelled() {
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
        let (rules, message) = (Arc::clone(self.active_run.rules()), message.clone());
        let text = tokio::task::spawn_blocking(move || note_text(&rules, &message)).await;
        text.map_err(|_| "the text of the note could not be made".to_owned())?.map_err(|note| note.text)
    }
}

/// The id under which a message becomes a note once, however often it is tried.
fn note_id(message_id: &str) -> String {
    super::outbox::bounded("case-status-message-", message_id)
}
