//! A message between a firm and its client in Case Status.

use jiff::Timestamp;

use super::CaseId;
use super::named;

named! {
    /// Who wrote a message.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Direction {
        /// The client.
        FromClient => "from_client",
        /// Somebody of the firm.
        FromFirm => "from_firm",
    }
}

/// A message in Case Status.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Case Status's id of it.
    pub id: Box<str>,
    /// The case, if it is one of CASEpeer's.
    pub integration_id: Option<CaseId>,
    /// Who wrote it.
    pub direction: Direction,
    /// Their name.
    pub sender_name: Box<str>,
    /// Their e-mail, if Case Status says.
    pub sender_email: Option<Box<str>>,
    /// The text.
    pub body: Box<str>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The key under which it was sent, if that was through the API.
    pub idempotency_key: Option<Box<str>>,
}

/// A message that staff typed in CASEpeer ("Send Message to Case Status").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundMessage {
    /// CASEpeer's id of it.
    pub id: Box<str>,
    /// The case.
    pub case: CaseId,
    /// The text.
    pub body: Box<str>,
    /// When it was typed, if CASEpeer says.
    pub typed_at: Option<Timestamp>,
}

/// What the id of a message begins with that was typed here and not in CASEpeer, which knows nothing of it.
pub const TYPED_HERE: &str = "casebridge-console-";

/// The longest message that Case Status takes (by its contract), in characters.
pub const LONGEST_MESSAGE: usize = 5_000;

impl OutboundMessage {
    /// A message that somebody types here. Two of the same `key` are one message, however often it is sent.
    pub fn typed_here(key: &str, case: CaseId, body: &str, at: Timestamp) -> OutboundMessage {
        OutboundMessage { id: format!("{TYPED_HERE}{key}").into(), case, body: body.into(), typed_at: Some(at) }
    }

    /// Whether it was typed here: CASEpeer wants no receipt of it.
    pub fn is_typed_here(&self) -> bool {
        self.id.starts_with(TYPED_HERE)
    }
}

/// What became of an outbound message, for staff to see in CASEpeer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It was sent.
    Delivered {
        /// Case Status's id of it.
        message_id: Box<str>,
    },
    /// It was not.
    Failed {
        /// Why, in words that staff understand.
        error: Box<str>,
    },
}
