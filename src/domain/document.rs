//! A document that was shared in Case Status.

use super::CaseId;

/// A document that was shared in Case Status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Case Status's id of it.
    pub id: Box<str>,
    /// The case, if it is one of CASEpeer's.
    pub integration_id: Option<CaseId>,
    /// Its name, as whoever shared it called it.
    pub file_name: Box<str>,
    /// Its media type, if Case Status says.
    pub content_type: Option<Box<str>>,
    /// Bytes.
    pub size: u64,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: Box<str>,
}
