//! What Case Status holds, spelt as its contract spells it.

use serde::Serialize;

use super::Content;

/// An invitation to the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Case Status's id of the case.
    pub case_id: String,
    /// The client's phone.
    pub phone: String,
}

/// A case in Case Status.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SandboxCase {
    /// Case Status's id of the case.
    pub id: String,
    /// The CASEpeer case id.
    pub integration_id: Option<String>,
    /// What people call it.
    pub readable_id: String,
    /// The name of its practice area.
    pub practice_area: String,
    /// The number of its stage there.
    pub stage: i64,
    /// `open`, `closed` or `on_hold`.
    pub status: String,
    /// Its primary attorney.
    pub primary_attorney_email: String,
    /// Its other attorneys.
    pub additional_attorney_emails: Vec<String>,
    /// Its paralegals.
    pub paralegal_emails: Vec<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The day it was opened.
    pub case_date: Option<String>,
    /// The day it was closed.
    pub closed_date: Option<String>,
    /// Whose case it is.
    pub client: ExistingClient,
    /// When it was last changed.
    pub updated_at: String,
}

/// A client in Case Status.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExistingClient {
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The phone number, as E.164.
    pub phone: String,
    /// The e-mail address.
    pub email: Option<String>,
}

/// A staff user of Case Status.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxStaff {
    /// Case Status's id of the user.
    pub id: String,
    /// The address by which cases name them.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// `attorney`, `paralegal` or `admin`.
    pub role: &'static str,
    /// Whether they still work there.
    pub active: bool,
}

/// A practice area of Case Status.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxArea {
    /// Case Status's id of it.
    pub id: String,
    /// The name by which cases refer to it.
    pub name: String,
    /// Its stages, at most 12.
    pub stages: Vec<PracticeStage>,
}

/// A stage of a practice area.
#[derive(Debug, Clone, Serialize)]
pub struct PracticeStage {
    /// From 1 to 12.
    pub number: i64,
    /// What clients read.
    pub name: String,
}

/// A message between a firm and a client.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxMessage {
    /// Case Status's id of the message.
    pub id: String,
    /// Case Status's id of the case.
    pub case_id: String,
    /// The CASEpeer case id.
    pub integration_id: Option<String>,
    /// `from_client` or `from_firm`.
    pub direction: &'static str,
    /// Who wrote it.
    pub sender_name: String,
    /// Their address.
    pub sender_email: Option<String>,
    /// The text.
    pub body: String,
    /// When it was sent.
    pub sent_at: String,
    /// The key of one that came in by the API.
    pub idempotency_key: Option<String>,
}

/// A document that was shared over a case.
#[derive(Debug, Clone, Serialize)]
pub struct SandboxDocument {
    /// Case Status's id of the document.
    pub id: String,
    /// Case Status's id of the case.
    pub case_id: String,
    /// The CASEpeer case id.
    pub integration_id: Option<String>,
    /// What it is called where it comes from.
    pub file_name: String,
    /// What kind of file it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How many bytes it is said to have.
    pub size: u64,
    /// What its SHA-256 is said to be, in lowercase hex.
    pub sha256: String,
    /// When it was uploaded.
    pub uploaded_at: String,
    /// What it holds.
    #[serde(skip)]
    pub content: Content,
}
