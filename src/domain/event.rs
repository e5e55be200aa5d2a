//! What CASEpeer tells the host as it happens, by a webhook.

use super::{CaseId, OutboundMessage};

/// An event, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// CASEpeer's id of it. One that was stored before changes nothing.
    pub id: Box<str>,
    /// What it is about.
    pub told: Told,
}

/// What an event tells, or asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
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

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The case has another stage.
    StageChanged,
    /// The case was closed.
    Closed,
    /// Staff ask for the case to be connected to Case Status.
    ConnectRequested,
    /// Staff typed a message with "Send Message to Case Status".
    SendRequested,
}

impl Told {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Told::StageChanged(_) => EventKind::StageChanged,
            Told::Closed(_) => EventKind::Closed,
            Told::ConnectRequested { .. } => EventKind::ConnectRequested,
            Told::SendRequested(_) => EventKind::SendRequested,
        }
    }

    /// The case that it is about.
    pub fn case(&self) -> CaseId {
        match self {
            Told::StageChanged(case) | Told::Closed(case) | Told::ConnectRequested { case, .. } => *case,
            Told::SendRequested(message) => message.case,
        }
    }
}

impl EventKind {
    /// As the contract writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            EventKind::StageChanged => "case.stage_changed",
            EventKind::Closed => "case.closed",
            EventKind::ConnectRequested => "case.connect_requested",
            EventKind::SendRequested => "message.send_requested",
        }
    }

    /// Reads what [`EventKind::as_str`] wrote.
    pub fn parse(text: &str) -> Option<EventKind> {
        let kinds = [EventKind::StageChanged, EventKind::Closed, EventKind::ConnectRequested, EventKind::SendRequested];
        kinds.into_iter().find(|kind| kind.as_str() == text)
    }
}
