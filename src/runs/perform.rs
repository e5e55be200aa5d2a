//! The one place that performs effects. Each is safe to repeat: a case is created under a key and once for its integration ID; a mark,
//! a note and a document change nothing the second time; a message is looked for before it is sent again; and an update whose answer is
//! unknown is settled by reading the case and sending only what is still missing, so that a stage is never sent twice.

use std::time::Duration;

use jiff::Timestamp;

use super::{VendorClients, values_not_kept};
use crate::domain::{Attribute, CaseId, Changes, Effect, ExistingCase, FixBy, Message, NewCase, NewMessage, Row, RowResult, Run};
use crate::store::{Store, StoreError};
use crate::vendors::case_status::Created;
use crate::vendors::{Backoff, CaseStatus, Failure, Listed};

/// Reads of Case Status may be so far behind its writes: within this time after a creation, that a case is not shown proves nothing.
const READS_SETTLE: Duration = Duration::from_secs(3);

/// The wait before a case that is not shown is looked for a second time; each wait is twice the one before.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The longest wait before reading a case whose update timed out.
const SETTLE: Duration = Duration::from_secs(5);

/// What is known about a case before an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CaseState {
    /// It was read after the last write to it.
    Fresh,
    /// An earlier update's answer is unknown.
    Stale,
}

/// What effects are performed with.
#[derive(Clone, Copy)]
pub(super) struct Performer<'a> {
    pub clients: &'a VendorClients,
    pub store: &'a Store,
    pub run: &'a Run,
}

/// Why an effect did not come through.
#[derive(Debug, thiserror::Error)]
pub(super) enum EffectError {
    /// A vendor.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// Created in Case Status, and CASEpeer could not be told.
    #[error("created in Case Status, but CASEpeer could not be told; connect it again to finish: {0}")]
    Unmarked(Failure),
    /// It was answered about something else, and reading did not find it done.
    #[error("{0}; what was sent may have been written there: look at both")]
    Misdirected(Failure),
    /// It is said to have been created, and is not there.
    #[error("Case Status answered that it created the case, and does not have it; connect it again")]
    Uncreated,
    /// The store could not say how it is to be done.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The case was deleted meanwhile.
    #[error("Case Status no longer has the case")]
    Gone,
    /// CASEpeer has no such case.
    #[error("CASEpeer has no case of this number")]
    NoCase,
}

impl EffectError {
    /// What the vendor did, if it was a vendor.
    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            EffectError::Vendor(failure) | EffectError::Unmarked(failure) | EffectError::Misdirected(failure) => Some(failure),
            EffectError::Uncreated | EffectError::Store(_) | EffectError::Gone | EffectError::NoCase => None,
        }
    }

    /// Whether the vendor may have done it all the same, or a part of it.
    pub(super) fn is_in_doubt(&self) -> bool {
        match self {
            EffectError::Vendor(failure) => failure.is_in_doubt(),
            EffectError::Unmarked(_) | EffectError::Misdirected(_) => true,
            EffectError::Uncreated | EffectError::Store(_) | EffectError::Gone | EffectError::NoCase => false,
        }
    }

    /// The row of a case for which this happened.
    pub(super) fn row(&self, row: Row) -> Row {
        match self {
            EffectError::Vendor(failure) => row.failed(failure),
            EffectError::Misdirected(_) => Row { result: RowResult::Failed, ..row }.because(&self.to_string(), Some(FixBy::Support)),
            EffectError::Uncreated => Row { result: RowResult::Failed, ..row }.because(&self.to_string(), Some(FixBy::Firm)),
            EffectError::Unmarked(_) | EffectError::Store(_) | EffectError::Gone | EffectError::NoCase => {
                Row { result: RowResult::Failed, ..row }.because(&self.to_string(), None)
            }
        }
    }
}

/// What came of an effect that was performed, beside its being done.
#[derive(Debug, Default)]
pub(super) struct Performed {
    remarks: Vec<String>,
    /// Part of it was not kept.
    failed: bool,
}

impl Performed {
    /// Done after all, though it was answered about something else.
    fn settled(failure: &Failure) -> Performed {
        Performed { remarks: vec![format!("{failure}; it was looked up and is done")], failed: false }
    }

    /// Done, but for what Case Status did not keep of it.
    fn not_kept(not_kept: &Changes) -> Performed {
        let of = |attribute: Attribute| format!("Case Status keeps another value of {} than was sent", attribute.as_str());
        Performed {
            remarks: Attribute::ALL.into_iter().filter(|attribute| not_kept.has(*attribute)).map(of).collect(),
            failed: !not_kept.is_empty(),
        }
    }

    /// The row of the case for which it was done.
    pub(super) fn row(&self, mut row: Row) -> Row {
        if self.failed {
            row.result = RowResult::Failed;
        }
        self.remarks.iter().fold(row, |row, remark| row.because(remark, Some(FixBy::Support)))
    }
}

/// Performs an effect for a case.
pub(super) async fn perform(means: Performer<'_>, case: CaseId, effect: &Effect, known: CaseState) -> Result<Performed, EffectError> {
    let Performer { clients, .. } = means;
    let done = |()| Performed::default();
    match effect {
        Effect::UpdateCase { existing, changes } => update(means, existing, changes, known).await,
        Effect::CreateCase(new_case) => {
            let (case_status_id, mut performed) = create(means, new_case, known).await?;
            let marked = mark(clients, case, &case_status_id).await;
            performed.remarks.extend(marked.map_err(EffectError::Unmarked)?.remarks);
            Ok(performed)
        }
        Effect::MarkConnected { case_status_id } => Ok(mark(clients, case, case_status_id).await?),
        Effect::SendMessage(message) => send_message(&clients.case_status, case, message, known).await,
        Effect::AddNote(note) => clients.casepeer.add_note(case, note).await.map(done).map_err(without_case),
        Effect::AddDocument(document) => clients.casepeer.add_document(case, document).await.map(done).map_err(without_case),
    }
}

/// Marks a case as connected. Whether a mark that was answered with another case is there, CASEpeer's case says.
async fn mark(clients: &VendorClients, case: CaseId, case_status_id: &str) -> Result<Performed, Failure> {
    let failure = match clients.casepeer.mark_connected(case, case_status_id).await {
        Ok(()) => return Ok(Performed::default()),
        Err(failure @ Failure::OtherIdentity { .. }) => failure,
        Err(failure) => return Err(failure),
    };
    let is_marked = clients.casepeer.case(case).await?.is_some_and(|case| case.connected);
    if is_marked { Ok(Performed::settled(&failure)) } else { Err(failure) }
}

/// Of what is added to a case of CASEpeer, 404 says that there is no such case.
fn without_case(failure: Failure) -> EffectError {
    match failure {
        Failure::Refused { status: 404, .. } => EffectError::NoCase,
        Failure::OtherIdentity { .. } => EffectError::Misdirected(failure),
        failure => failure.into(),
    }
}

/// Updates a case, within the tries that the rules allow.
async fn update(means: Performer<'_>, case: &ExistingCase, changes: &Changes, known: CaseState) -> Result<Performed, EffectError> {
    let Performer { clients: VendorClients { case_status, .. }, store, run } = means;
    let mut missing = changes.clone();
    if known == CaseState::Stale {
        missing = still_missing(case_status, case, &missing).await?;
    }
    let mut backoff = Backoff::new(case_status.http().attempts());
    while !missing.is_empty() {
        let failure = match case_status.update_once(case, &missing).await {
            Ok(shown) => {
                let not_kept = shown.map(|shown| missing.still_missing(&shown)).unwrap_or_default();
                if !not_kept.is_empty() {
                    values_not_kept::note(store, &run.firm, case.integration_id, &not_kept).await?;
                }
                return Ok(Performed::not_kept(&not_kept));
            }
            Err(failure @ Failure::OtherIdentity { .. }) => {
                // Sent again it might go to the other case again.
                missing = still_missing(case_status, case, &missing).await?;
                return if missing.is_empty() { Ok(Performed::settled(&failure)) } else { Err(EffectError::Misdirected(failure)) };
            }
            Err(failure @ (Failure::NotExecuted { .. } | Failure::InDoubt { .. })) => failure,
            Err(failure) => return Err(failure.into()),
        };
        let again = backoff.wait(&failure).await;
        if let Failure::InDoubt { .. } = failure {
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
    Ok(Performed::default())
}

async fn still_missing(case_status: &CaseStatus, case: &ExistingCase, wanted: &Changes) -> Result<Changes, EffectError> {
    match case_status.case(&case.id, case.integration_id).await? {
        Some(held) => Ok(wanted.still_missing(&held)),
        None => Err(EffectError::Gone),
    }
}

/// Creates the case, or finds the one that was created before without an answer. Answers Case Status's id of it, which a read has proved.
async fn create(means: Performer<'_>, new_case: &NewCase, known: CaseState) -> Result<(String, Performed), EffectError> {
    let Performer { clients: VendorClients { case_status, .. }, store, run } = means;
    let case = new_case.integration_id;
    if known == CaseState::Stale
        && let Some(existing) = case_status.case_of(case).await?
    {
        return Ok((existing.id.into(), Performed::default()));
    }
    let attempt = store.take_creation(&run.firm, case, &run.id, READS_SETTLE.try_into().unwrap_or_default(), Timestamp::now()).await?;
    let (found, performed) = match case_status.create(new_case, attempt).await {
        // A replayed answer says the same of a case that was deleted since.
        Ok(Created::Now(id)) => (shown(case_status, case, Some(&id)).await?, Performed::default()),
        Ok(Created::Before) => (shown(case_status, case, None).await?, Performed::default()),
        Err(failure @ Failure::OtherIdentity { .. }) => match shown(case_status, case, None).await? {
            None => return Err(EffectError::Misdirected(failure)),
            found => (found, Performed::settled(&failure)),
        },
        Err(failure) => return Err(failure.into()),
    };
    let Some(existing) = found else {
        store.end_creation(&run.firm, case).await?;
        return Err(EffectError::Uncreated);
    };
    Ok((existing.id.into(), performed))
}

/// The case as a read shows it, by Case Status's id of it if that is known; that a read shows none is believed after a while only.
async fn shown(case_status: &CaseStatus, case: CaseId, id: Option<&str>) -> Result<Option<ExistingCase>, Failure> {
    let (mut wait, mut waited) = (LOOK_AGAIN, Duration::ZERO);
    loop {
        let shown = match id {
            Some(id) => case_status.case(id, case).await?,
            None => case_status.case_of(case).await?,
        };
        if shown.is_some() || waited >= READS_SETTLE {
            return Ok(shown);
        }
        tokio::time::sleep(wait).await;
        (waited, wait) = (waited + wait, wait * 2);
    }
}

/// Sends a message, unless an earlier try of it came through: its key keeps Case Status from sending it twice for a day only.
async fn send_message(case_status: &CaseStatus, case: CaseId, message: &NewMessage, known: CaseState) -> Result<Performed, EffectError> {
    if known == CaseState::Stale && message_sent_under(case_status, &message.key).await?.is_some() {
        return Ok(Performed::default());
    }
    match case_status.send_message(message).await {
        Ok(_) => Ok(Performed::default()),
        Err(failure @ Failure::OtherIdentity { .. }) => {
            let sent = message_sent_under(case_status, &message.key).await?;
            let is_sent = sent.is_some_and(|sent| sent.integration_id == Some(case));
            if is_sent { Ok(Performed::settled(&failure)) } else { Err(EffectError::Misdirected(failure)) }
        }
        Err(failure) => Err(failure.into()),
    }
}

/// The message that was sent under this key, if Case Status has it.
pub(super) async fn message_sent_under(case_status: &CaseStatus, key: &str) -> Result<Option<Message>, Failure> {
    let mut feed = case_status.messages(None);
    loop {
        let page = feed.next_page().await?;
        let found = page.items.into_iter().find_map(|listed| match listed {
            Listed::Read(sent) if sent.idempotency_key.as_deref() == Some(key) => Some(sent),
            _ => None,
        });
        if found.is_some() || !page.has_more {
            return Ok(found);
        }
    }
}
