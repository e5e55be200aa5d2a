//! Dead letters: what was refused for good and holds nothing up, until somebody looks.

use jiff::Timestamp;

use super::{CaseId, FirmId};

/// What could not be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// A message that could not become a case note.
    Note,
    /// A document that could not be added to its case.
    Document,
}

impl LetterKind {
    /// As the store and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            LetterKind::Note => "note",
            LetterKind::Document => "document",
        }
    }

    /// Reads what [`LetterKind::as_str`] wrote.
    pub fn parse(text: &str) -> Option<LetterKind> {
        [LetterKind::Note, LetterKind::Document].into_iter().find(|kind| kind.as_str() == text)
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
