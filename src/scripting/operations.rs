//! The seam to what a migration may do: `scripting` knows how a script asks, `sync` knows how it is done, within the same limits, guard
//! and ledger as everything else.

use std::collections::BTreeMap;

use crate::domain::{
    Case, CaseFilter, CaseId, Changes, Direction, ExistingCase, ExistingStatus, LogLine, Message, PracticeArea, RowResult, StaffUser,
};

/// What a script may ask of the host. Each call blocks until it is answered.
pub trait Operations: Send + Sync {
    /// The firm that the script runs for.
    fn firm(&self) -> FirmFacts;

    /// What the run was given.
    fn task(&self) -> RunFacts;

    /// What `run.input` is: the rows of a CSV, by its header.
    fn input(&self) -> Vec<BTreeMap<String, String>>;

    /// A case of CASEpeer.
    fn casepeer_case(&self, id: CaseId) -> Result<Option<Case>, OperationFault>;

    /// The cases of CASEpeer that a filter lets through, read to the end before the first is answered.
    fn casepeer_cases(&self, filter: CaseFilter) -> Result<Vec<Case>, OperationFault>;

    /// A case of Case Status, by integration ID.
    fn case_status_case(&self, id: CaseId) -> Result<Option<ExistingCase>, OperationFault>;

    /// The cases of Case Status, of one status or all, read to the end before the first is answered.
    fn case_status_cases(&self, status: Option<ExistingStatus>) -> Result<Vec<ExistingCase>, OperationFault>;

    /// The firm's staff users in Case Status.
    fn staff(&self) -> Result<Vec<StaffUser>, OperationFault>;

    /// The firm's practice areas in Case Status.
    fn practice_areas(&self) -> Result<Vec<PracticeArea>, OperationFault>;

    /// The firm's messages in Case Status that a filter lets through.
    fn messages(&self, filter: &MessageFilter) -> Result<Vec<Message>, OperationFault>;

    /// Does something to one case, or says what would be done.
    ///
    /// # Errors
    /// The run is to end. What a vendor or the rules refuse is an [`OperationResult`].
    fn perform(&self, case: CaseId, operation: Operation) -> Result<OperationResult, OperationFault>;

    /// Says how far the script has come.
    fn progress(&self, done: u64);

    /// Ends the run before it does more than so many things to vendors.
    fn max_effects(&self, most: u64);

    /// Keeps something that the script says.
    fn log(&self, line: LogLine);

    /// Why the script is to end now, if it is.
    fn stopped(&self) -> Option<String>;
}

/// A firm, as scripts see it.
#[derive(Debug, Clone, Default)]
pub struct FirmFacts {
    /// What it is called here.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The zone of its schedules.
    pub time_zone: String,
}

/// A run, as scripts see it.
#[derive(Debug, Clone, Default)]
pub struct RunFacts {
    /// What it is called.
    pub id: String,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// What `run.arg` answers.
    pub arguments: BTreeMap<String, String>,
}

/// Which messages are listed; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Those of one case.
    pub case: Option<CaseId>,
    /// Those of the client, or of the firm.
    pub direction: Option<Direction>,
    /// Those sent then or later.
    pub sent_since: Option<jiff::Timestamp>,
}

/// Something to do to one case.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Connect it, as the command does.
    Connect,
    /// Sync it, as the command does.
    Sync,
    /// Change these attributes in Case Status.
    Update(Changes),
    /// Close it in Case Status.
    Close,
    /// Send its client a message.
    SendMessage(String),
    /// Add a case note in CASEpeer.
    AddNote(String),
    /// Add a file to its document section in CASEpeer.
    AddDocument {
        /// Its name there.
        file_name: String,
        /// What is in it.
        content: Vec<u8>,
    },
}

/// What became of an operation, or would.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationResult {
    /// As rows say it.
    pub result: RowResult,
    /// As rows say it.
    pub changes: String,
    /// As rows say it.
    pub reason: Option<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// Why an operation has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationFault {
    /// It failed; a script may catch this and go on.
    Failed(String),
    /// The run is to end, whatever the script would like.
    Ended(String),
}
