//! The host's side of a script's desk: reads for it, and performs what it asks for, or says what it would do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::overlay::SimulatedState;
use super::plan::Planner;
use super::state::{State, StopReason};
use crate::domain::{
    Case, CaseFilter, CaseId, Changes, Directory, Effect, EffectOutcome, ExistingCase, ExistingStatus, LedgerEntry, LogLine, Message,
    MigrationTask, PracticeArea, Row, RowResult, Run, StaffUser,
};
use crate::rules::FirmRules;
use crate::runs::guard::{self, Approved, Connected};
use crate::runs::invitations::hold_invitations;
use crate::runs::perform::{CaseState, EffectError, Performer, perform};
use crate::runs::planned::{Planned, row};
use crate::runs::{Progress, RunError, RunObserver, VendorClients};
use crate::scripting::{FirmFacts, MessageFilter, Operation, OperationFault, OperationResult, Operations, RunFacts};
use crate::store::Store;
use crate::vendors::case_status::ListedExisting;
use crate::vendors::{Failure, Listed};

/// A write under way when a script's time is over may take so much longer.
const GRACE: Duration = Duration::from_secs(3);

/// One pass of a script over a firm.
pub(super) struct ScriptExecutor {
    pub handle: Handle,
    pub rules: Arc<FirmRules>,
    pub clients: VendorClients,
    pub store: Store,
    pub run: Run,
    pub task: MigrationTask,
    pub mode: Mode,
    pub deadline: Instant,
    pub allowed: Duration,
    pub progress: Progress,
    pub cancel: CancellationToken,
    pub directory: OnceCell<Directory>,
    pub imagined: Mutex<SimulatedState>,
    pub state: Mutex<State>,
    pub observer: Option<Arc<dyn RunObserver>>,
}

/// Whether a pass writes.
pub(super) enum Mode {
    /// It says what it would do.
    Look,
    /// It does it; these are the moves that the guard has seen.
    Apply(Approved),
}

type ScriptResult<T> = Result<T, OperationFault>;

impl ScriptExecutor {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn imagined(&self) -> MutexGuard<'_, SimulatedState> {
        self.imagined.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn planner(&self) -> Planner<'_> {
        Planner { rules: &self.rules, clients: &self.clients, directory: &self.directory, run: &self.run.id }
    }

    fn end(&self, ending: StopReason) -> OperationFault {
        let why = ending.to_string();
        self.state().ending.get_or_insert(ending);
        OperationFault::Ended(why)
    }

    fn overtime(&self) -> OperationFault {
        self.end(StopReason::Overtime(self.allowed))
    }

    /// Waits for something to be read; reading changes nothing, so it is dropped when the run is to end.
    fn reading<T>(&self, read: impl Future<Output = Result<T, Failure>>) -> ScriptResult<T> {
        let read = self.handle.block_on(async {
            tokio::select! {
                () = self.cancel.cancelled() => Err(self.end(StopReason::Cancelled)),
                () = tokio::time::sleep_until(self.deadline) => Err(self.overtime()),
                read = read => Ok(read),
            }
        })?;
        read.map_err(|failure| {
            if failure.is_about_the_key() { self.end(StopReason::KeyRefused(failure)) } else { OperationFault::Failed(failure.to_string()) }
        })
    }

    /// Warns of what a listing has and the script does not see.
    fn left_out(&self, unreadable: &[String], what: &str) {
        for id in unreadable {
            let text = format!("{what} that cannot be read, {id}: it was left out");
            self.log(LogLine { warns: true, text });
        }
    }

    fn store<T>(&self, ask: impl Future<Output = Result<T, crate::store::StoreError>>) -> ScriptResult<T> {
        self.handle.block_on(ask).map_err(|error| self.end(StopReason::Store(error.into())))
    }

    /// Performs a planned effect, with its intent in the ledger before and its outcome after.
    fn apply(&self, planned: Planned, effect: &Effect, seen: &Approved) -> ScriptResult<Row> {
        self.see(&planned, effect, seen)?;
        let key = self.state().key(&planned, effect);
        let entry = LedgerEntry::intended(key.clone(), planned.case, effect, Timestamp::now());
        self.store(self.store.intend(&self.run.id, std::slice::from_ref(&entry)))?;
        self.state().intended(entry);
        let means = Performer { clients: &self.clients, store: &self.store, run: &self.run };
        let performed = self.handle.block_on(async {
            tokio::select! {
                () = tokio::time::sleep_until(self.deadline + GRACE) => None,
                performed = perform(means, planned.case, effect, CaseState::Fresh) => Some(performed),
            }
        });
        let (row, settled) = match &performed {
            Some(Ok(performed)) => (performed.row(planned.row.clone()), Some(EffectOutcome::Done)),
            Some(Err(undone)) => (undone.row(planned.row.clone()), (!undone.is_in_doubt()).then_some(EffectOutcome::Failed)),
            None => (unfinished(planned.row.clone()), None),
        };
        let kept = self.state().keep(planned.case, row.clone());
        let settled: Vec<_> = settled.into_iter().map(|outcome| (key.clone(), outcome)).collect();
        settled.iter().for_each(|(key, outcome)| self.state().settled(key, *outcome));
        self.store(self.store.put_outcomes(&self.run.id, &[kept], &settled, Timestamp::now()))?;
        match performed {
            None => return Err(self.overtime()),
            Some(Err(EffectError::Vendor(failure) | EffectError::Unmarked(failure))) if failure.is_about_the_key() => {
                return Err(self.end(StopReason::KeyRefused(failure)));
            }
            Some(Err(EffectError::Vendor(failure) | EffectError::Unmarked(failure))) if failure.is_transient() => {
                self.state().again.push((key, planned));
            }
            _ => {}
        }
        Ok(row)
    }

    /// Lets the guard look at a move or an invitation that it did not see before: in reality a script may do otherwise than when it was
    /// looked at.
    fn see(&self, planned: &Planned, effect: &Effect, seen: &Approved) -> ScriptResult<()> {
        let looked = match effect {
            Effect::UpdateCase { changes, .. } if !seen.covers(planned.case, changes) => {
                let one = std::iter::once((planned.case, &**changes));
                self.handle.block_on(guard::look(&self.store, &self.rules, &self.clients, one, Connected::Ask, None))
            }
            Effect::CreateCase(_) if !seen.covers_creation(planned.case) => {
                self.handle.block_on(hold_invitations(&self.store, &self.rules, &[planned.case], None))
            }
            _ => return Ok(()),
        };
        match looked {
            Err(RunError::Vendor(failure)) => Err(OperationFault::Failed(failure.to_string())),
            Err(error) => Err(self.end(StopReason::Store(error))),
            Ok(None) => Ok(()),
            Ok(Some(reason)) => {
                let held = self.state().keep(planned.case, Row { result: RowResult::Held, ..planned.row.clone() });
                self.store(self.store.put_rows(&self.run.id, &[held], Timestamp::now()))?;
                Err(self.end(StopReason::Held(reason)))
            }
        }
    }

    /// Records the row of a case that nothing was done to.
    fn leave(&self, case: CaseId, row: Row) -> ScriptResult<OperationResult> {
        let answer = self.answer(&row);
        let kept = self.state().keep(case, row);
        if matches!(self.mode, Mode::Apply(_)) {
            self.store(self.store.put_rows(&self.run.id, &[kept], Timestamp::now()))?;
        }
        Ok(answer)
    }

    fn answer(&self, row: &Row) -> OperationResult {
        let (result, changes, reason) = (row.result, row.changes.clone(), row.reason.clone());
        OperationResult { result, changes, reason, dry_run: matches!(self.mode, Mode::Look) }
    }
}

fn unfinished(row: Row) -> Row {
    let reason = "the script's time was over before this was answered; running it again finds out whether it was done";
    Row { result: RowResult::Failed, ..row }.because(reason, None)
}

impl Operations for ScriptExecutor {
    fn firm(&self) -> FirmFacts {
        let rules = &self.rules;
        let time_zone = rules.time_zone.iana_name().unwrap_or("UTC").to_owned();
        FirmFacts { id: rules.firm.to_string(), name: rules.name.to_string(), time_zone }
    }

    fn task(&self) -> RunFacts {
        RunFacts { id: self.run.id.to_string(), dry_run: self.run.dry_run, arguments: self.task.arguments.clone() }
    }

    fn input(&self) -> Vec<BTreeMap<String, String>> {
        self.task.input.clone()
    }

    fn casepeer_case(&self, id: CaseId) -> ScriptResult<Option<Case>> {
        self.state().at = Some(id);
        let case = self.reading(self.clients.casepeer.case(id))?;
        Ok(case.map(|case| self.imagined().case(case)))
    }

    fn casepeer_cases(&self, filter: CaseFilter) -> ScriptResult<Vec<Case>> {
        let asked = self.imagined().asked(filter);
        let (mut listed, mut unreadable) = (Vec::new(), Vec::new());
        self.reading(self.clients.casepeer.cases(&asked, true, |case| match case {
            Listed::Read(case) => listed.push(case),
            Listed::Unreadable(item) => unreadable.push(item.id),
        }))?;
        self.left_out(&unreadable, "CASEpeer lists a case");
        Ok(self.imagined().cases(listed, filter))
    }

    fn case_status_case(&self, id: CaseId) -> ScriptResult<Option<ExistingCase>> {
        self.state().at = Some(id);
        let existing = self.reading(self.clients.case_status.case_of(id))?;
        Ok(self.imagined().existing(id, existing))
    }

    fn case_status_cases(&self, status: Option<ExistingStatus>) -> ScriptResult<Vec<ExistingCase>> {
        let (mut listed, mut unreadable) = (Vec::new(), Vec::new());
        self.reading(self.clients.case_status.cases(status, |case| match case {
            ListedExisting::Case(case) => listed.push(case),
            ListedExisting::Unreadable(item) => unreadable.push(item.id),
            // None of CASEpeer's, and so none of the script's.
            ListedExisting::Foreign { .. } => {}
        }))?;
        self.left_out(&unreadable, "Case Status lists a case");
        Ok(self.imagined().existing_cases(listed, status))
    }

    fn staff(&self) -> ScriptResult<Vec<StaffUser>> {
        let mut staff: Vec<StaffUser> = self.reading(async { Ok(self.planner().directory().await?.staff().cloned().collect()) })?;
        staff.sort_by(|one, other| one.email.folded().cmp(other.email.folded()));
        Ok(staff)
    }

    fn practice_areas(&self) -> ScriptResult<Vec<PracticeArea>> {
        self.reading(async { Ok(self.planner().directory().await?.practice_areas.clone()) })
    }

    fn messages(&self, filter: &MessageFilter) -> ScriptResult<Vec<Message>> {
        let wanted = |message: &Message| {
            filter.case.is_none_or(|case| message.integration_id == Some(case))
                && filter.direction.is_none_or(|direction| message.direction == direction)
                && filter.sent_since.is_none_or(|since| message.sent_at >= since)
        };
        let mut unreadable = Vec::new();
        let messages = self.reading(async {
            let (mut messages, mut feed) = (Vec::new(), self.clients.case_status.messages(None));
            loop {
                let page = feed.next_page().await?;
                for listed in page.items {
                    match listed {
                        Listed::Read(message) => messages.extend(Some(message).filter(wanted)),
                        Listed::Unreadable(item) => unreadable.push(item.id),
                    }
                }
                if !page.has_more {
                    return Ok(messages);
                }
            }
        })?;
        self.left_out(&unreadable, "Case Status lists a message");
        Ok(messages)
    }

    fn perform(&self, case: CaseId, operation: Operation) -> ScriptResult<OperationResult> {
        self.state().at = Some(case);
        let planned = {
            let imagined = self.imagined();
            match self.reading(self.planner().plan(case, &operation, &imagined)) {
                Ok(planned) => planned,
                // This case's own trouble: it has a row like any other.
                Err(OperationFault::Failed(why)) => Planned::nothing(case, row(case, "", "", RowResult::Failed).because(&why, None)),
                Err(ended) => return Err(ended),
            }
        };
        let Some(effect) = planned.effect.clone() else { return self.leave(case, planned.row) };
        if self.state().was_done(&planned, &effect) {
            let row = Row { result: RowResult::Unchanged, changes: String::new(), ..planned.row };
            return self.leave(case, row.because("done before in this run", None));
        }
        // The state is let go of before its ending is noted in it.
        let counted = self.state().count_effect(&planned, &effect);
        counted.map_err(|ending| self.end(ending))?;
        match &self.mode {
            Mode::Apply(seen) => Ok(self.answer(&self.apply(planned, &effect, seen)?)),
            Mode::Look => {
                self.imagined().perform(case, &effect);
                let mut state = self.state();
                let key = state.key(&planned, &effect);
                state.intended(LedgerEntry { outcome: EffectOutcome::Done, ..LedgerEntry::intended(key, case, &effect, Timestamp::now()) });
                match effect {
                    Effect::UpdateCase { changes, .. } => {
                        let before: Changes = state.updates.remove(&case).unwrap_or_default();
                        state.updates.insert(case, before.overlaid(*changes));
                    }
                    Effect::CreateCase(_) => {
                        state.created.insert(case);
                    }
                    _ => {}
                }
                state.keep(case, planned.row.clone());
                Ok(self.answer(&planned.row))
            }
        }
    }

    fn progress(&self, done: u64) {
        self.progress.reached(done);
    }

    fn max_effects(&self, most: u64) {
        self.state().most = Some(most);
    }

    fn log(&self, line: LogLine) {
        if let Some(observer) = &self.observer {
            observer.said(&line);
        }
        self.state().say(line);
    }

    fn stopped(&self) -> Option<String> {
        if self.cancel.is_cancelled() {
            self.state().ending.get_or_insert(StopReason::Cancelled);
        }
        self.state().ending.as_ref().map(ToString::to_string)
    }
}
