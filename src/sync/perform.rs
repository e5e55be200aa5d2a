//! The one place that performs effects. Each is safe to repeat: a case is created under a key and once for its integration ID; a mark,
//! a note and a document change nothing the second time; a message is looked for before it is sent again; and an update whose answer is
//! unknown is settled by reading the case and sending only what is still missing, so that a stage is never sent twice.

use std::time::Duration;

use super::Reach;
use crate::domain::{CaseId, Changes, Effect, ExistingCase, NewCase, NewMessage, Row, RowResult};
use crate::vendors::case_status::Created;
use crate::vendors::{Backoff, CaseStatus, Failure, Listed, Vendor};

/// The longest wait before reading a case whose update timed out.
const SETTLE: Duration = Duration::from_secs(5);

/// What is known about a case before an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It was read after the last write to it.
    Yes,
    /// An earlier update's answer is unknown.
    No,
}

/// Why an effect did not come through.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undone {
    /// A vendor.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// Created in Case Status, and CASEpeer could not be told.
    #[error("created in Case Status, but CASEpeer could not be told; connect it again to finish: {0}")]
    Unmarked(Failure),
    /// The case was deleted meanwhile.
    #[error("Case Status no longer has the case")]
    Gone,
    /// CASEpeer has no such case.
    #[error("CASEpeer has no case of this number")]
    NoCase,
}

impl Undone {
    /// What the vendor did, if it was a vendor.
    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Undone::Vendor(failure) | Undone::Unmarked(failure) => Some(failure),
            Undone::Gone | Undone::NoCase => None,
        }
    }

    /// Whether the vendor may have done it all the same, or a part of it.
    pub(super) fn is_unsure(&self) -> bool {
        matches!(self, Undone::Vendor(Failure::Unsure { .. }) | Undone::Unmarked(_))
    }

    /// The row of a case for which this happened.
    pub(super) fn row(&self, row: Row) -> Row {
        match self {
            Undone::Vendor(failure) => row.failed(failure),
            Undone::Unmarked(_) | Undone::Gone | Undone::NoCase => {
                Row { result: RowResult::Failed, ..row }.because(&self.to_string(), None)
            }
        }
    }
}

/// Performs an effect for a case.
pub(super) async fn perform(reach: &Reach, case: CaseId, effect: &Effect, known: Known) -> Result<(), Undone> {
    match effect {
        Effect::UpdateCase { existing, changes } => update(reach, existing, changes, known).await,
        Effect::CreateCase(new_case) => {
            let case_status_id = create(&reach.case_status, new_case, known).await?;
            reach.casepeer.mark_connected(case, &case_status_id).await.map_err(Undone::Unmarked)
        }
        Effect::MarkConnected { case_status_id } => Ok(reach.casepeer.mark_connected(case, case_status_id).await?),
        Effect::SendMessage(message) => send_message(&reach.case_status, message, known).await,
        Effect::AddNote(note) => reach.casepeer.add_note(case, note).await.map_err(without_case),
        Effect::AddDocument(document) => reach.casepeer.add_document(case, document).await.map_err(without_case),
    }
}

/// Of what is added to a case of CASEpeer, 404 says that there is no such case.
fn without_case(failure: Failure) -> Undone {
    match failure {
        Failure::Refused { status: 404, .. } => Undone::NoCase,
        failure => failure.into(),
    }
}

/// Updates a case, within the tries that the rules allow.
async fn update(reach: &Reach, case: &ExistingCase, changes: &Changes, known: Known) -> Result<(), Undone> {
    let case_status = &reach.case_status;
    let mut missing = changes.clone();
    if known == Known::No {
        missing = still_missing(case_status, case, &missing).await?;
    }
    let mut backoff = Backoff::new(case_status.http().attempts());
    while !missing.is_empty() {
        let failure = match case_status.update_once(&case.id, &missing).await {
            Ok(()) => return Ok(()),
            Err(failure @ (Failure::NotDone { .. } | Failure::Unsure { .. })) => failure,
            Err(failure) => return Err(failure.into()),
        };
        let again = backoff.wait(&failure).await;
        if let Failure::Unsure { .. } = failure {
            if failure.is_time_out() {
                // The vendor may still be at it: read too early, and a stage that is about to arrive would be sent again.
                tokio::time::sleep((case_status.http().timeout() / 4).min(SETTLE)).await;
            }
            missing = still_missing(case_status, case, &missing).await?;
        }
        if !again && !missing.is_empty() {
            case_status.note_exhausted();
            return Err(failure.into());
        }
    }
    Ok(())
}

async fn still_missing(case_status: &CaseStatus, case: &ExistingCase, wanted: &Changes) -> Result<Changes, Undone> {
    match case_status.case(&case.id).await? {
        Some(held) => Ok(wanted.still_missing(&held)),
        None => Err(Undone::Gone),
    }
}

/// Creates the case, or finds the one that was created before without an answer.
async fn create(case_status: &CaseStatus, new_case: &NewCase, known: Known) -> Result<String, Failure> {
    let existing = async || Ok(case_status.case_of(new_case.integration_id).await?.map(|existing| existing.id.into()));
    if known == Known::No
        && let Some(id) = existing().await?
    {
        return Ok(id);
    }
    match case_status.create(new_case).await? {
        Created::Now(id) => Ok(id),
        Created::Before => {
            let missing = Failure::Malformed { vendor: Vendor::CaseStatus, what: "a case that exists and is not there" };
            existing().await?.ok_or(missing)
        }
    }
}

/// Sends a message, unless an earlier try of it came through: its key keeps Case Status from sending it twice for a day only.
async fn send_message(case_status: &CaseStatus, message: &NewMessage, known: Known) -> Result<(), Undone> {
    if known == Known::No && message_sent_under(case_status, &message.key).await?.is_some() {
        return Ok(());
    }
    case_status.send_message(message).await?;
    Ok(())
}

/// Case Status's id of the message that was sent under this key, if it has one.
pub(super) async fn message_sent_under(case_status: &CaseStatus, key: &str) -> Result<Option<Box<str>>, Failure> {
    let mut after: Option<String> = None;
    loop {
        let page = case_status.messages(after.as_deref()).await?;
        let found = page.items.into_iter().find_map(|listed| match listed {
            Listed::Read(sent) if sent.idempotency_key.as_deref() == Some(key) => Some(sent.id),
            _ => None,
        });
        if found.is_some() || !page.has_more {
            return Ok(found);
        }
        after = Some(page.next_cursor);
    }
}
