//! Documents shared in Case Status go to the case's document section in CASEpeer: down to a file, held against its length and hash, and
//! up from there, so that a large one needs no memory. One that cannot be brought over becomes a dead letter and holds nothing up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;

use super::active_run::ActiveRun;
use super::case_summary::CaseSummary;
use super::host::Host;
use super::messages::UNREADABLE;
use super::outbox::bounded;
use super::read_again::read_again;
use super::run_outcome::{RunOutcome, RunReport};
use super::{RunError, VendorClients};
use crate::domain::{CaseId, Document, Effect, EffectContent, FixBy, Kind, LetterKind, NewDocument, safe_file_name};
use crate::rules::FirmRules;
use crate::runs::perform::{CaseState, EffectError, Performer, perform};
use crate::store::{InboxState, StoredDocument, private_folder};
use crate::vendors::{DownloadFailure, Downloaded, Failure, Listed};

/// Documents that are looked at together.
const BATCH: u32 = 500;

/// Files on their way at the same time: each takes its size of disk.
const SIDE_BY_SIDE: usize = 3;

/// So many passes may fail to bring a document over whole; then it becomes a letter.
const PASSES: u32 = 5;

/// One pass: stores what is new, and brings over what waits. With `quiet`, a pass that has nothing to do leaves no run.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused is in the run.
pub async fn poll_documents(
    host: &Host,
    rules: Arc<FirmRules>,
    quiet: bool,
    cancel: &CancellationToken,
) -> Result<Option<RunReport>, RunError> {
    let mut active_run = ActiveRun::start_unrecorded(host, rules, Kind::Documents).await?;
    let host = active_run.host.clone();
    if !quiet {
        active_run.record().await?;
    }
    let clients = active_run.clients();
    let received = receive(&active_run, &clients, cancel).await?;
    let firm = active_run.run.firm.clone();
    if quiet && received.is_ok() && host.store.waiting_documents(&firm, 0, 1).await?.is_empty() {
        return Ok(None);
    }
    active_run.record().await?;
    if let Err(failure) = active_run.check_accounts().await? {
        return active_run.end(RunOutcome::failed(&failure, Vec::new())).await.map(Some);
    }
    let folder = host.incoming_dir.join(firm.as_str());
    private_folder(&folder)?;
    let (cases, stopped) = Bringing { active_run: &active_run, clients: &clients, folder: &folder, cancel }.bring().await?;
    cases.end(active_run, "document", received.err().or(stopped), cancel).await.map(Some)
}

async fn receive(active_run: &ActiveRun, clients: &VendorClients, cancel: &CancellationToken) -> Result<Result<(), Failure>, RunError> {
    let (firm, store) = (&active_run.run.firm, &active_run.host.store);
    let mut cursor = store.cursor(firm, "documents").await?;
    let mut feed = clients.case_status.documents(cursor.as_deref());
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
        let mut documents: Vec<Document> = Vec::with_capacity(page.items.len());
        for listed in page.items {
            match listed {
                Listed::Read(document) => documents.push(document),
                Listed::Unreadable(item) => {
                    tracing::warn!(%firm, document = item.id, "document violates the contract");
                    store.write_letter(firm, LetterKind::Document, &item.id, None, UNREADABLE).await?;
                }
            }
        }
        if !documents.is_empty() || cursor.as_deref() != Some(page.next_cursor.as_str()) {
            store.receive_documents(firm, &documents, Some(&page.next_cursor)).await?;
        }
        if !page.has_more {
            break;
        }
        cursor = Some(page.next_cursor);
    }
    match read_again(active_run, LetterKind::Document, clients.case_status.documents(None), |document| &document.id).await? {
        Ok(found) if found.is_empty() => Ok(Ok(())),
        Ok(found) => Ok(Ok(store.receive_documents(firm, &found, None).await?)),
        Err(failure) => Ok(Err(failure)),
    }
}

struct Bringing<'a> {
    active_run: &'a ActiveRun,
    clients: &'a VendorClients,
    folder: &'a Path,
    cancel: &'a CancellationToken,
}

/// Why a document did not arrive.
enum Trouble {
    /// Nothing of this firm gets through now.
    Stop(Failure),
    /// Nothing can be kept on this machine now.
    Machine(String),
    /// The next pass may fare better.
    Passing(String),
    /// It will never fare better.
    ForGood(String, FixBy),
}

impl Bringing<'_> {
    async fn bring(&self) -> Result<(CaseSummary, Option<Failure>), RunError> {
        let (firm, store) = (&self.active_run.run.firm, &self.active_run.host.store);
        let (mut cases, mut after) = (CaseSummary::default(), 0);
        loop {
            let waiting = store.waiting_documents(firm, after, BATCH).await?;
            let Some(last) = waiting.last() else { return Ok((cases, None)) };
            after = last.number;
            let brought = stream::iter(waiting.into_iter().map(|stored| async move {
                let outcome = self.bring_one(&stored).await;
                (stored, outcome)
            }));
            let mut brought = brought.buffer_unordered(SIDE_BY_SIDE);
            while let Some((StoredDocument { number, document, tries }, outcome)) = brought.next().await {
                let case = document.integration_id.unwrap_or(CaseId(0));
                match outcome {
                    Ok(Some(name)) => {
                        store.settle_document(number, InboxState::Done).await?;
                        cases.done_named(case, &name);
                    }
                    Ok(None) if document.integration_id.is_none() => store.settle_document(number, InboxState::LeftOut).await?,
                    Ok(None) => {}
                    // No fault of the document's: it is none of its tries.
                    Err(Trouble::Stop(failure)) => {
                        cases.failed(case, &failure.to_string(), Some(FixBy::Support));
                        return Ok((cases, Some(failure)));
                    }
                    Err(Trouble::Machine(problem)) => {
                        cases.failed(case, &problem, Some(FixBy::Support));
                        return Ok((cases, None));
                    }
                    Err(Trouble::Passing(problem)) if tries + 1 < PASSES => {
                        store.count_try(number).await?;
                        cases.failed(case, &format!("{problem}; the next pass tries again"), None);
                    }
                    Err(Trouble::Passing(problem)) => self.write_letter(&mut cases, &document, &problem, FixBy::Support).await?,
                    Err(Trouble::ForGood(problem, fix_by)) => self.write_letter(&mut cases, &document, &problem, fix_by).await?,
                }
            }
            if self.cancel.is_cancelled() {
                return Ok((cases, None));
            }
        }
    }

    async fn write_letter(&self, cases: &mut CaseSummary, document: &Document, problem: &str, fix_by: FixBy) -> Result<(), RunError> {
        let store = &self.active_run.host.store;
        let _ = tokio::fs::remove_file(self.file(document)).await;
        store.write_letter(&self.active_run.run.firm, LetterKind::Document, &document.id, document.integration_id, problem).await?;
        cases.failed(document.integration_id.unwrap_or(CaseId(0)), problem, Some(fix_by));
        Ok(())
    }

    /// Brings one document over, and answers its name there; `None` where nothing is to be done.
    async fn bring_one(&self, stored: &StoredDocument) -> Result<Option<String>, Trouble> {
        let document = &stored.document;
        let Some(case) = document.integration_id else { return Ok(None) };
        if self.cancel.is_cancelled() {
            return Ok(None);
        }
        let most = &self.active_run.rules.documents.max_size;
        if document.size > most.value {
            let problem = format!("it has {} bytes, and {} is the most that is brought over ({})", document.size, most.value, most.origin);
            return Err(Trouble::ForGood(problem, FixBy::Support));
        }
        let file = self.file(document);
        if !is_whole(&file, document).await {
            self.download(document, &file).await?;
        }
        let name = safe_file_name(&document.file_name);
        let content = EffectContent::File { path: file.clone(), size: document.size };
        let external_id = bounded("case-status-document-", &document.id);
        let new = NewDocument { external_id: external_id.into(), file_name: name.clone().into(), content };
        let means = Performer { clients: self.clients, store: &self.active_run.host.store, run: &self.active_run.run };
        let added = perform(means, case, &Effect::AddDocument(Box::new(new)), CaseState::Fresh).await;
        match added {
            Err(EffectError::Vendor(failure)) if stops_all(&failure) => return Err(Trouble::Stop(failure)),
            // The file stays for the next pass.
            Err(EffectError::Vendor(failure)) if failure.is_transient() => return Err(Trouble::Passing(failure.to_string())),
            Ok(_) | Err(_) => drop(tokio::fs::remove_file(&file).await),
        }
        match added {
            Ok(_) => Ok(Some(name)),
            Err(undone @ EffectError::Misdirected(_)) => Err(Trouble::ForGood(undone.to_string(), FixBy::Support)),
            Err(undone) => Err(Trouble::ForGood(undone.to_string(), FixBy::Firm)),
        }
    }

    async fn download(&self, document: &Document, file: &Path) -> Result<(), Trouble> {
        let arrived = self.clients.case_status.download(&document.id, file, document.size.max(1)).await;
        let problem = match arrived {
            Ok(Downloaded { size, sha256 }) if size == document.size && sha256 == *document.sha256 => return Ok(()),
            Ok(_) => Trouble::Passing("the download does not match the size or SHA-256 that Case Status reports".to_owned()),
            Err(DownloadFailure::File(error)) => Trouble::Machine(format!("it could not be kept on this machine: {}", error.kind())),
            Err(DownloadFailure::Vendor(failure)) if stops_all(&failure) => Trouble::Stop(failure),
            Err(DownloadFailure::Vendor(failure @ Failure::Refused { .. })) => Trouble::ForGood(failure.to_string(), FixBy::Firm),
            Err(DownloadFailure::Vendor(failure)) => Trouble::Passing(failure.to_string()),
        };
        let _ = tokio::fs::remove_file(file).await;
        Err(problem)
    }

    /// Where a document is kept on its way; its name says nothing of its own.
    fn file(&self, document: &Document) -> PathBuf {
        let digest: String = Sha256::digest(document.id.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(digest)
    }
}

/// Whether nothing of the firm's gets through now, whatever document it is.
fn stops_all(failure: &Failure) -> bool {
    failure.is_about_the_key() || matches!(failure, Failure::CircuitOpen { .. })
}

/// Whether an earlier pass brought this document as far as here.
async fn is_whole(file: &Path, document: &Document) -> bool {
    let Ok(metadata) = tokio::fs::metadata(file).await else { return false };
    metadata.len() == document.size && hash(file).await.is_some_and(|hash| hash == *document.sha256)
}

async fn hash(file: &Path) -> Option<String> {
    let mut file = tokio::fs::File::open(file).await.ok()?;
    let (mut hash, mut part) = (Sha256::new(), vec![0_u8; 64 * 1024]);
    loop {
        let read = file.read(&mut part).await.ok()?;
        if read == 0 {
            return Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(&part[..read]);
    }
}
