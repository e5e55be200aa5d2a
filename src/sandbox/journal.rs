//! What was asked of the vendors, and what became of it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Which vendor was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxVendor {
    /// CASEpeer.
    Casepeer,
    /// Case Status.
    CaseStatus,
}

/// A fault that was injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429, not done.
    TooManyRequests,
    /// 500, not done.
    ErrorBefore,
    /// Done, and answered 500.
    ErrorAfter,
    /// Not done, and never answered.
    HangBefore,
    /// Done, and never answered.
    HangAfter,
    /// Done, and the answer ended in the middle.
    CutOff,
    /// Answered about something else; a write was done.
    WrongIdentity,
    /// A creation that was answered as if it had been done, and was not.
    ReplayedCreate,
    /// An update of which the stage and most of the description were not kept.
    NotKept,
    /// A later page of cases that began with the last case of the page before, in the place of its own first one.
    Shifting,
    /// The cursor of a page led back to the beginning.
    CursorRound,
    /// 403, not done: this record is refused each time.
    RecordRefused,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct JournalEntry {
    /// When it was answered, or given up on.
    pub time: Timestamp,
    /// Who was asked.
    pub vendor: SandboxVendor,
    /// Whose key it was; empty for none.
    pub firm: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// What was answered; 0 for nothing.
    pub status: u16,
    /// The fault that was injected.
    pub fault: Option<Fault>,
    /// Whether something was written. A repeat that was answered as before wrote nothing.
    pub wrote: bool,
    /// The body of a write.
    pub body: Option<Value>,
}

/// So many entries are kept; a sandbox that runs for days then notes nothing more, until the journal is cleared.
pub(super) const MOST: usize = 200_000;
