//! What CASEpeer tells the host as it happens, by a webhook.

use super::named;
use super::{CaseId, OutboundMessage};

/// An event, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// CASEpeer's id of it. One that was stored before changes nothing.
    pub id: Box<str>,
    /// What it is about.
    pub payload: EventPayload,
}

/// What an event tells, or asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventPayload {
    /// The case has another stage.
    StageChanged(CaseId),
    /// The case was closed.
    Closed(CaseId),
    /// Staff ask for the case to be connected to Case Status.
    ConnectRequested {
        /// Which case.
        case: CaseId,
        /// The address of whoever asks, as CASEpeer has it.
        requested_by: Option<Box<str>>,
    },
    /// Staff typed a message with "Send Message to Case Status".
    SendRequested(OutboundMessage),
}

named! {
    /// The kind of an event.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum EventKind {
        /// The case has another stage.
        StageChanged => "case.stage_changed",
        /// The case was closed.
        Closed => "case.closed",
        /// Staff ask for the case to be connected to Case Status.
        ConnectRequested => "case.connect_requested",
        /// Staff typed a message with "Send Message to Case Status".
        SendRequested => "message.send_requested",
    }
}

impl EventPayload {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            EventPayload::StageChanged(_) => EventKind::StageChanged,
            EventPayload::Closed(_) => EventKind::Closed,
            EventPayload::ConnectRequested { .. } => EventKind::ConnectRequested,
            EventPayload::SendRequested(_) => EventKind::SendRequested,
        }
    }

    /// The case that it is about.
    pub fn case(&self) -> CaseId {
        match self {
            EventPayload::StageChanged(case) | EventPayload::Closed(case) | EventPayload::ConnectRequested { case, .. } => *case,
            EventPayload::SendRequested(message) => message.case,
        }
    }
}
