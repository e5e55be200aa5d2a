//! Documents shared in Case Status go to the case's document section in CASEpeer: down to a file, held against its length and hash, and
//! up from there, so that a large one needs no memory. One that cannot be brought over becomes a dead letter and holds nothing up.

use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;

use super::active_run::ActiveRun;
use super::case_summary::CaseSummary;
use super::feed::receive;
use super::outbox::bounded;
use super::run_outcome::RunReport;
use super::{RunContext, RunError};
use crate::domain::{CaseId, Document, Effect, EffectContent, FixBy, Kind, LetterKind, NewDocument, safe_file_name};
use crate::runs::perform::{CaseState, EffectError, perform};
use crate::store::{InboxState, StoredDocument, private_folder};
use crate::vendors::{DownloadFailure, Downloaded, Failure};

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
pub async fn poll_documents(context: RunContext, quiet: bool) -> Result<Option<RunReport>, RunError> {
    let mut active_run = ActiveRun::start_unrecorded(context, Kind::Documents).await?;
    if !quiet {
        active_run.record().await?;
    }
    let unread = receive::<Document>(&active_run).await.err().map(RunError::into_failure).transpose()?;
    if quiet && unread.is_none() && active_run.store().waiting_documents(&active_run.run.firm, 0, 1).await?.is_empty() {
        return Ok(None);
    }
    active_run.record().await?;
    let brought = match active_run.check_accounts().await {
        Ok(()) => {
            let folder = active_run.context.host.incoming_dir.join(active_run.run.firm.as_str());
            private_folder(&folder)?;
            Bringing { active_run: &active_run, folder: &folder }.bring().await
        }
        Err(error) => Err(error),
    };
    CaseSummary::end(active_run, "document", unread, brought).await.map(Some)
}

struct Bringing<'a> {
    active_run: &'a ActiveRun,
    folder: &'a Path,
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
        let (firm, store) = (&self.active_run.run.firm, self.active_run.store());
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
            if self.active_run.is_cancelled() {
                return Ok((cases, None));
            }
        }
    }

    async fn write_letter(&self, cases: &mut CaseSummary, document: &Document, problem: &str, fix_by: FixBy) -> Result<(), RunError> {
        let store = self.active_run.store();
        let _ = tokio::fs::remove_file(self.file(document)).await;
        store.write_letter(&self.active_run.run.firm, LetterKind::Document, &document.id, document.integration_id, problem).await?;
        cases.failed(document.integration_id.unwrap_or(CaseId(0)), problem, Some(fix_by));
        Ok(())
    }

    /// Brings one document over, and answers its name there; `None` where nothing is to be done.
    async fn bring_one(&self, stored: &StoredDocument) -> Result<Option<String>, Trouble> {
        let document = &stored.document;
        let Some(case) = document.integration_id else { return Ok(None) };
        if self.active_run.is_cancelled() {
            return Ok(None);
        }
        let most = &self.active_run.rules().documents.max_size;
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
        let means = self.active_run.performer();
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
        let arrived = self.active_run.clients.case_status.download(&document.id, file, document.size.max(1)).await;
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
