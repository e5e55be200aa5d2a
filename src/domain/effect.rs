//! Effects: everything that the host does to a vendor. A plan makes them, one place performs them, and the ledger keeps them.

use std::path::PathBuf;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::named;
use super::{CaseId, Changes, ExistingCase, NewCase};

/// Something to do to a vendor about one case.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Change a case in Case Status.
    UpdateCase {
        /// As Case Status held it when the changes were planned.
        existing: Box<ExistingCase>,
        /// What differs.
        changes: Box<Changes>,
    },
    /// Create a case in Case Status, then mark it as connected in CASEpeer.
    CreateCase(Box<NewCase>),
    /// Mark a case as connected in CASEpeer that Case Status has already.
    MarkConnected {
        /// Case Status's id of it.
        case_status_id: String,
    },
    /// Send the case's client a message.
    SendMessage(Box<NewMessage>),
    /// Add a case note in CASEpeer.
    AddNote(Box<NewNote>),
    /// Add a file to the case's document section in CASEpeer.
    AddDocument(Box<NewDocument>),
}

/// A message to send through Case Status.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Case Status's id of the case.
    pub case_status_id: SmolStr,
    /// The key under which sending it again does nothing (for a day, by the contract).
    pub key: Box<str>,
    /// The text, 1 to 5,000 characters.
    pub text: Box<str>,
}

/// A note to add to a case in CASEpeer.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNote {
    /// The id under which adding it again does nothing.
    pub external_id: Box<str>,
    /// The text, 1 to 20,000 characters.
    pub text: Box<str>,
    /// When what it tells happened; now, if nothing is said.
    pub occurred_at: Option<Timestamp>,
}

/// A file to add to a case's document section in CASEpeer.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDocument {
    /// The id under which adding it again does nothing.
    pub external_id: Box<str>,
    /// Its name there, at most 255 characters.
    pub file_name: Box<str>,
    /// What is in it.
    pub content: EffectContent,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectContent {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A file on this machine, which is read as it is sent.
    File {
        /// Where it is.
        path: PathBuf,
        /// Bytes.
        size: u64,
    },
}

named! {
    /// The kinds of effects, by the names that the ledger uses.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum EffectKind {
        /// [`Effect::UpdateCase`]
        UpdateCase => "update_case",
        /// [`Effect::CreateCase`]
        CreateCase => "create_case",
        /// [`Effect::MarkConnected`]
        MarkConnected => "mark_connected",
        /// [`Effect::SendMessage`]
        SendMessage => "send_message",
        /// [`Effect::AddNote`]
        AddNote => "add_note",
        /// [`Effect::AddDocument`]
        AddDocument => "add_document",
    }
}

impl Effect {
    /// Its kind.
    pub fn kind(&self) -> EffectKind {
        match self {
            Effect::UpdateCase { .. } => EffectKind::UpdateCase,
            Effect::CreateCase(_) => EffectKind::CreateCase,
            Effect::MarkConnected { .. } => EffectKind::MarkConnected,
            Effect::SendMessage(_) => EffectKind::SendMessage,
            Effect::AddNote(_) => EffectKind::AddNote,
            Effect::AddDocument(_) => EffectKind::AddDocument,
        }
    }
}

named! {
    /// How far an effect has come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EffectOutcome {
        /// It was about to be performed; nobody has written down what came of it.
        Intended => "intended",
        /// It was performed.
        Done => "done",
        /// It was not performed.
        Failed => "failed",
    }
}

/// An effect as the ledger keeps it: the intent before it is performed, the outcome after.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// What makes it the same effect when its run is taken up again.
    pub key: String,
    /// The case.
    pub case: CaseId,
    /// What was to be done.
    pub kind: EffectKind,
    /// For an update: the values that take it back.
    pub before: Changes,
    /// For an update: what was written.
    pub after: Changes,
    /// How far it has come.
    pub outcome: EffectOutcome,
    /// When it was first intended.
    pub intended_at: Timestamp,
}

impl LedgerEntry {
    /// The entry of an effect that is about to be performed.
    pub fn intended(key: String, case: CaseId, effect: &Effect, now: Timestamp) -> LedgerEntry {
        let (before, after) = match effect {
            Effect::UpdateCase { existing, changes } => (changes.taken_back(existing), (**changes).clone()),
            _ => (Changes::default(), Changes::default()),
        };
        LedgerEntry { key, case, kind: effect.kind(), before, after, outcome: EffectOutcome::Intended, intended_at: now }
    }
}
