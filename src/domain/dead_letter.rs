//! Dead letters: what was refused for good and holds nothing up, until somebody looks.

use jiff::Timestamp;

use super::named;
use super::{CaseId, FirmId};

named! {
    /// What could not be delivered.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum LetterKind {
        /// A message that could not become a case note.
        Note => "note",
        /// A document that could not be added to its case.
        Document => "document",
    }
}

/// A dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub firm: FirmId,
    /// What could not be delivered.
    pub kind: LetterKind,
    /// The message's or document's id in Case Status.
    pub subject: String,
    /// The case.
    pub case: Option<CaseId>,
    /// Why it could not be delivered, in a sentence.
    pub reason: String,
    /// When that was found.
    pub written_at: Timestamp,
    /// When somebody asked that it be tried again, if that was not done yet.
    pub retried_at: Option<Timestamp>,
}
