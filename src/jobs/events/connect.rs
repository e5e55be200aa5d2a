//! Connects a case that staff asked for in CASEpeer, and answers whoever asked.

use std::sync::Arc;

use lettre::Address;

use crate::domain::{CaseId, Effect, NewCase};
use crate::mail::{ConnectReport, Letter, RunMail, connect_letter};
use crate::notifications::Notifier;
use crate::rules::FirmRules;
use crate::runs::{ConnectRun, Host, RunError, RunReport};
use crate::store::WaitingEvent;

/// Connects a case, and says what Case Status was sent.
pub(super) async fn connect(host: &Host, rules: Arc<FirmRules>, case: CaseId) -> Result<(RunReport, Option<Box<NewCase>>), RunError> {
    let connecting = ConnectRun::begin(host, rules, vec![case], false).await?.prepare(&host.cancel).await;
    let pushed = connecting.prepared.iter().find_map(|planned| match &planned.effect {
        Some(Effect::CreateCase(new_case)) => Some(new_case.clone()),
        _ => None,
    });
    let finished = connecting.confirm(&host.cancel).await?;
    Ok((finished, pushed))
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
