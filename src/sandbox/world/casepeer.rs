//! What CASEpeer holds, spelt as its contract spells it.

use serde::Serialize;

/// A case in CASEpeer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CasepeerCase {
    /// The number after `case` in its CASEpeer URL.
    pub id: u64,
    /// What people call it.
    pub case_number: String,
    /// Who against whom.
    pub name: String,
    /// What kind of case it is.
    pub case_type: String,
    /// The stage, as the firm spells it.
    pub stage: String,
    /// `open` or `closed`.
    pub status: &'static str,
    /// What it is about.
    pub description: Option<String>,
    /// The day it was opened.
    pub opened_on: Option<String>,
    /// The day it was closed.
    pub closed_on: Option<String>,
    /// Whether it is connected to Case Status.
    pub connected: bool,
    /// Whose case it is.
    pub client: CasepeerClient,
    /// Who works on it.
    pub staff: Vec<CasepeerStaff>,
    /// When it was last changed.
    pub updated_at: String,
}

/// A client in CASEpeer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CasepeerClient {
    /// CASEpeer's id of the client.
    pub id: u64,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The phone numbers, in the order of the form.
    pub phones: Vec<CasepeerPhone>,
}

/// A phone number as a person typed it.
#[derive(Debug, Clone, Serialize)]
pub struct CasepeerPhone {
    /// What the number is: mobile, home, work.
    pub label: String,
    /// The number, unchecked.
    pub number: String,
}

/// Someone who works on a case.
#[derive(Debug, Clone, Serialize)]
pub struct CasepeerStaff {
    /// `primary_attorney`, `attorney`, `paralegal` or `case_manager`.
    pub role: &'static str,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
}

/// A case note.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxNote {
    /// CASEpeer's id of the note.
    pub id: u64,
    /// The id under which it was added; a second one adds nothing.
    pub external_id: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: String,
}

/// A message that staff typed in CASEpeer.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxOutbound {
    /// CASEpeer's id of the message.
    pub id: String,
    /// The case that it is about.
    pub case_id: u64,
    /// The text.
    pub body: String,
    /// Who typed it.
    pub author_email: String,
    /// When it was typed.
    pub created_at: String,
}

/// What became of an outbound message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxReceipt {
    /// Delivered, or failed.
    pub delivered: bool,
    /// The message that it became in Case Status.
    pub case_status_message_id: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A file of a case's document section. What it held is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceivedDocument {
    /// CASEpeer's id of the document.
    pub id: u64,
    /// The id under which it was added; a second one adds nothing.
    pub external_id: String,
    /// The file's name.
    pub file_name: String,
    /// What kind of file it is, if that was said.
    #[serde(skip)]
    pub content_type: Option<String>,
    /// How many bytes came.
    pub size: u64,
    /// The SHA-256 of what came, in lowercase hex.
    pub sha256: String,
}
