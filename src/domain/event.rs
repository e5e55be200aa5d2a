//! What CASEpeer tells the host as it happens, by a webhook.

use super::named;
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
