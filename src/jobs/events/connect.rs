//! Connects a case that staff asked for in CASEpeer, and answers whoever asked.

use std::sync::OnceLock;

use lettre::Address;

use crate::domain::{CaseId, Effect, NewCase};
use crate::mail::{ConnectReport, Letter, RunMail, connect_letter};
use crate::notifications::Notifier;
use crate::rules::FirmRules;
use crate::runs::{Planned, RunObserver, RunReport};
use crate::store::WaitingEvent;

/// What Case Status is sent by a connect.
#[derive(Default)]
pub(super) struct Pushed(OnceLock<Box<NewCase>>);

impl Pushed {
    pub(super) fn case(&self) -> Option<Box<NewCase>> {
        self.0.get().cloned()
    }
}

impl RunObserver for Pushed {
    fn planned(&self, planned: &[Planned]) {
        let pushed = planned.iter().find_map(|planned| match &planned.effect {
            Some(Effect::CreateCase(new_case)) => Some(new_case.clone()),
            _ => None,
        });
        if let Some(pushed) = pushed {
            // A connect is planned once.
            let _ = self.0.set(pushed);
        }
    }
}

/// The answer to whoever asked for a connect, if that is somebody who can be written to.
pub(super) struct ConnectReply {
    case: CaseId,
    to: Option<Address>,
    letter: Option<Letter>,
}

impl ConnectReply {
    /// To whoever asked by this event.
    pub(super) fn to(event: &WaitingEvent) -> ConnectReply {
        let to = event.requested_by.as_deref().and_then(|address| address.trim().parse().ok());
        ConnectReply { case: event.case, to, letter: None }
    }

    /// Whether it can be told.
    pub(super) fn tells(&self) -> bool {
        self.to.is_some()
    }

    /// Writes it.
    pub(super) fn write(&mut self, rules: &FirmRules, finished: &RunReport, pushed: Option<&NewCase>) {
        let RunReport { run, counts, rows, .. } = finished;
        let report = RunMail { firm_name: &rules.name, run, counts: *counts, rows, csv: None };
        self.letter = Some(connect_letter(&ConnectReport { report, case: self.case, pushed }));
    }

    /// Sends it.
    pub(super) async fn send(self, notices: &Notifier, rules: &FirmRules, event: &WaitingEvent) {
        match (self.to, self.letter) {
            (Some(to), Some(letter)) => notices.answer(&letter, to).await,
            (None, _) => tracing::info!(firm = %rules.firm, case = %event.case, "connect reply not sent: no address"),
            (Some(_), None) => tracing::warn!(firm = %rules.firm, case = %event.case, "connect reply not sent: no outcome"),
        }
    }
}
