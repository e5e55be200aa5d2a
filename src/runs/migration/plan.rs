//! From an operation that a script asks for to what is to be done about one case: the same looks, plans and refusals as the commands have.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::overlay::SimulatedState;
use crate::domain::{
    Case, CaseId, Changes, Directory, Effect, EffectContent, ExistingCase, ExistingStatus, FixBy, NewDocument, NewMessage, NewNote,
    PeerCaseStatus, Row, RowResult, RunId,
};
use crate::rules::{FirmRules, plan, update};
use crate::runs::VendorClients;
use crate::runs::connect::prepare_pair;
use crate::runs::fetch::{gone_from_casepeer, missing_in_case_status};
use crate::runs::planned::{Planned, changed, planned, row};
use crate::scripting::Operation;
use crate::vendors::Failure;

/// What planning an operation needs.
pub(super) struct Planner<'a> {
    pub rules: &'a FirmRules,
    pub clients: &'a VendorClients,
    pub directory: &'a OnceCell<Directory>,
    pub run: &'a RunId,
}

/// One case on both sides, as it would be after what a dry run has done so far.
struct Pair {
    case: Option<Case>,
    existing: Option<ExistingCase>,
}

impl Planner<'_> {
    /// Plans one operation. A failure here is about reading, and is the run's trouble only if it is about the key.
    pub(super) async fn plan(&self, id: CaseId, operation: &Operation, imagined: &SimulatedState) -> Result<Planned, Failure> {
        match operation {
            Operation::Connect => {
                let Pair { case, existing } = self.pair(id, imagined).await?;
                Ok(prepare_pair(self.rules, self.directory().await?, id, case, existing))
            }
            Operation::Sync => self.sync(id, imagined).await,
            Operation::Update(changes) => self.update(id, changes.clone(), imagined).await,
            Operation::Close => self.close(id, imagined).await,
            Operation::SendMessage(text) => self.message(id, text, imagined).await,
            Operation::AddNote(text) => self.note(id, text).await,
            Operation::AddDocument { file_name, content } => self.document(id, file_name, content).await,
        }
    }

    /// The firm's staff and practice areas, read once a run.
    pub(super) async fn directory(&self) -> Result<&Directory, Failure> {
        self.directory.get_or_try_init(|| self.clients.case_status.directory()).await
    }

    async fn pair(&self, id: CaseId, imagined: &SimulatedState) -> Result<Pair, Failure> {
        let (case, existing) = tokio::try_join!(self.clients.casepeer.case(id), self.clients.case_status.case_of(id))?;
        Ok(Pair { case: case.map(|case| imagined.case(case)), existing: imagined.existing(id, existing) })
    }

    async fn sync(&self, id: CaseId, imagined: &SimulatedState) -> Result<Planned, Failure> {
        let directory = self.directory().await?;
        Ok(match self.pair(id, imagined).await? {
            Pair { case: Some(case), existing: Some(existing) } => {
                let plan = plan(self.rules, directory, &case, &existing);
                planned(&case, Box::new(existing), plan)
            }
            Pair { case: None, existing: Some(existing) } => Planned::nothing(id, gone_from_casepeer(&existing)),
            Pair { case: Some(case), existing: None } => Planned::nothing(id, missing_in_case_status(&case)),
            Pair { case: None, existing: None } => {
                let row = row(id, "", "", RowResult::Skipped);
                Planned::nothing(id, row.because("neither CASEpeer nor Case Status has this case", Some(FixBy::Firm)))
            }
        })
    }

    async fn update(&self, id: CaseId, wanted: Changes, imagined: &SimulatedState) -> Result<Planned, Failure> {
        let directory = self.directory().await?;
        let Pair { case, existing } = self.pair(id, imagined).await?;
        let Some(existing) = existing else { return Ok(refused(id, case.as_ref(), "Case Status has no case of this integration ID")) };
        let mut row = row(id, &existing.readable_id, &existing.client, RowResult::Unchanged);
        match update(self.rules, directory, case.as_ref(), &existing, wanted) {
            Ok(changes) => Ok(changed(row, Box::new(existing), changes)),
            Err(problems) => {
                row.result = RowResult::Failed;
                row.say(&problems);
                Ok(Planned::nothing(id, row))
            }
        }
    }

    async fn close(&self, id: CaseId, imagined: &SimulatedState) -> Result<Planned, Failure> {
        let Pair { case, existing } = self.pair(id, imagined).await?;
        if existing.as_ref().is_some_and(|existing| existing.status == ExistingStatus::Closed) {
            return self.update(id, Changes::default(), imagined).await;
        }
        let closed_on = case.filter(|case| case.status == PeerCaseStatus::Closed).and_then(|case| case.closed_on);
        let today = || self.rules.time_zone.to_datetime(Timestamp::now()).date();
        let closing = Changes {
            status: Some(ExistingStatus::Closed),
            closed_date: Some(Some(closed_on.unwrap_or_else(today))),
            ..Changes::default()
        };
        self.update(id, closing, imagined).await
    }

    async fn message(&self, id: CaseId, text: &str, imagined: &SimulatedState) -> Result<Planned, Failure> {
        let existing = imagined.existing(id, self.clients.case_status.case_of(id).await?);
        let Some(existing) = existing else { return Ok(refused(id, None, "Case Status has no case of this integration ID")) };
        let row = row(id, &existing.readable_id, &existing.client, RowResult::Updated);
        if let Some(problem) = wrong_length(text, 5_000, "message") {
            return Ok(Planned::nothing(id, Row { result: RowResult::Failed, ..row }.because(&problem, Some(FixBy::Support))));
        }
        let message = NewMessage { case_status_id: existing.id, key: self.key("message", id, text.as_bytes()).into(), text: text.into() };
        Ok(Planned::doing(id, Effect::SendMessage(Box::new(message)), saying(row, "message sent")))
    }

    async fn note(&self, id: CaseId, text: &str) -> Result<Planned, Failure> {
        let Some(case) = self.clients.casepeer.case(id).await? else { return Ok(refused(id, None, "CASEpeer has no case of this number")) };
        if let Some(problem) = wrong_length(text, 20_000, "note") {
            return Ok(refused(id, Some(&case), &problem));
        }
        let note = NewNote { external_id: self.key("note", id, text.as_bytes()).into(), text: text.into(), occurred_at: None };
        Ok(Planned::doing(id, Effect::AddNote(Box::new(note)), saying(of_case(&case), "note added")))
    }

    async fn document(&self, id: CaseId, file_name: &str, content: &[u8]) -> Result<Planned, Failure> {
        let Some(case) = self.clients.casepeer.case(id).await? else { return Ok(refused(id, None, "CASEpeer has no case of this number")) };
        let odd = |letter: char| letter.is_control() || letter == '/' || letter == '\\';
        if file_name.trim().is_empty() || file_name.chars().count() > 255 || file_name.contains(odd) {
            return Ok(refused(id, Some(&case), "a document's name has 1 to 255 characters, and no slash or control character among them"));
        }
        let key = self.key("document", id, &[file_name.as_bytes(), &[0], content].concat());
        let document =
            NewDocument { external_id: key.into(), file_name: file_name.into(), content: EffectContent::Bytes(content.to_vec()) };
        let row = saying(of_case(&case), &format!("document: {file_name}"));
        Ok(Planned::doing(id, Effect::AddDocument(Box::new(document)), row))
    }

    /// What says to a vendor that this is the same again: by the run, the case and the content.
    fn key(&self, what: &str, id: CaseId, content: &[u8]) -> String {
        let digest: String = Sha256::digest(content).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        format!("{what}-{}-{id}-{digest}", self.run)
    }
}

fn of_case(case: &Case) -> Row {
    row(case.id, &case.case_number, &case.client.full_name(), RowResult::Updated)
}

fn saying(row: Row, changes: &str) -> Row {
    Row { changes: changes.to_owned(), ..row }
}

fn refused(id: CaseId, case: Option<&Case>, why: &str) -> Planned {
    let row = case.map_or_else(|| row(id, "", "", RowResult::Failed), |case| Row { result: RowResult::Failed, ..of_case(case) });
    Planned::nothing(id, row.because(why, Some(FixBy::Support)))
}

fn wrong_length(text: &str, most: usize, what: &str) -> Option<String> {
    match text.chars().count() {
        0 => Some(format!("the {what} is empty")),
        length if length > most => Some(format!("the {what} has {length} characters, and {most} is the most")),
        _ => None,
    }
}
