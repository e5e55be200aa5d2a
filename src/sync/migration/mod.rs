//! Migrations: a script is run once to see what it would do, the guard looks, and it is run again for real. One that was cut off is taken
//! up where it was.

mod imagined;
mod plan;
mod settle;
mod state;
mod work;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use work::Listener;

use self::imagined::Imagined;
use self::settle::settle;
use self::state::{Ending, State};
use self::work::{Mode, Work};
use super::begun::Begun;
use super::ended::{Ended, Finished};
use super::guard::{self, Approved, Connected};
use super::host::Host;
use super::invitations::hold_invitations;
use super::perform::{Known, Performer, perform};
use super::{Phase, Reach, SyncError};
use crate::domain::{CaseId, EffectOutcome, Kind, LogLine, MigrationTask, Row, RowResult, RunStatus};
use crate::rules::FirmRules;
use crate::scripting::{Migration, ScriptFault};

/// How a migration is to be run.
#[derive(Clone)]
pub struct Migrating {
    /// The script.
    pub script: Arc<Migration>,
    /// What it is asked to do.
    pub task: MigrationTask,
    /// Who hears what the script says.
    pub listener: Listener,
    /// Cancelled when it is to stop.
    pub cancel: CancellationToken,
}

/// Whether a migration writes, and whether it takes up what was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apply {
    /// It only says what it would do.
    No,
    /// It goes on where an earlier run of the same task was cut off.
    GoOn,
    /// It begins anew.
    Afresh,
}

/// Runs a migration.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused, and what the script did wrong, is in the run.
pub async fn migrate(host: &Host, rules: Arc<FirmRules>, apply: Apply, migrating: Migrating) -> Result<Finished, SyncError> {
    let begun = if apply == Apply::GoOn {
        let (begun, is_taken_up) = Begun::going_on(host, rules, &migrating.task).await?;
        if is_taken_up {
            let text = format!("going on with run {}, which did not come to its end; --new begins anew", begun.run.id);
            (migrating.listener)(&LogLine { warns: false, text });
        }
        begun
    } else {
        Begun::new(host, rules, Kind::Migration, Vec::new(), apply == Apply::No).await?
    };
    migrate_begun(begun, None, migrating).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn migrate_begun(begun: Begun, approved: Option<&Approved>, migrating: Migrating) -> Result<Finished, SyncError> {
    begun.host.store.begin_migration(&begun.run.id, &migrating.task, &migrating.script.hash()).await?;
    let reach = begun.reach();
    let ended = match settle(&begun, &reach).await? {
        Ok(()) => Passes { begun: &begun, reach: &reach, migrating: &migrating }.carry_out(approved).await?,
        // What earlier parts of the run did stays in its report.
        Err(failure) => Ended::failed(&failure, begun.host.store.rows(&begun.run.id).await?),
    };
    begun.end(ended).await
}

/// The passes of one run.
struct Passes<'a> {
    begun: &'a Begun,
    reach: &'a Reach,
    migrating: &'a Migrating,
}

/// A pass that is over: what it came to, and how its script ended.
struct Over {
    state: State,
    ended: Result<Option<String>, ScriptFault>,
}

impl Passes<'_> {
    async fn carry_out(&self, approved: Option<&Approved>) -> Result<Ended, SyncError> {
        let Begun { host, run, rules, .. } = self.begun;
        self.begun.host.progress.enter(if run.dry_run { Phase::Scripting } else { Phase::Rehearsing }, 0);
        let looked = self.pass(Mode::Look).await?;
        if looked.ended.is_err() {
            // Whatever went wrong, nothing was written in this part of the run.
            let rows = if run.dry_run { looked.state.rows() } else { host.store.rows(&run.id).await? };
            host.store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            return Ok(self.cut_short(looked, rows));
        }
        let moves = looked.state.updates.iter().map(|(case, changes)| (*case, changes));
        let hold = match guard::look(&host.store, rules, self.reach, moves.clone(), Connected::Ask, approved).await? {
            Ok(hold) => hold,
            Err(failure) => return Ok(Ended::failed(&failure, host.store.rows(&run.id).await?)),
        };
        let created: Vec<CaseId> = looked.state.created.iter().copied().collect();
        let invitations = hold_invitations(&host.store, rules, &created, approved).await?;
        let hold = [hold, invitations].into_iter().flatten().reduce(|moves, invitations| format!("{moves}; {invitations}"));
        if run.dry_run {
            let rows = looked.state.rows();
            host.store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            let ended = Ended { would_hold: Some(hold.is_some()), reason: hold, ..Ended::by(rows) };
            return Ok(ended.with_script(looked.ended.unwrap_or_default(), looked.state.log));
        }
        if let Some(reason) = hold {
            let mut waiting = State::taken_up(host.store.rows(&run.id).await?, Vec::new());
            waiting.add(looked.state.rows().into_iter().map(held));
            let rows = waiting.rows();
            host.store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            return Ok(Ended::with(RunStatus::Held, reason, rows));
        }
        let seen = Approved::of(moves, created.into_iter()).and(approved);
        self.begun.host.progress.enter(Phase::Scripting, 0);
        let done = self.pass(Mode::Apply(seen)).await?;
        self.finish(done).await
    }

    /// Runs the script once, on a thread for work that blocks.
    async fn pass(&self, mode: Mode) -> Result<Over, SyncError> {
        let Begun { host, run, rules, .. } = self.begun;
        let Migrating { script, task, listener, cancel } = self.migrating.clone();
        let ledger = host.store.effects(&run.id).await?;
        // What is looked at has rows of its own; what is done adds to what earlier parts of the run did.
        let rows = if matches!(mode, Mode::Apply(_)) { host.store.rows(&run.id).await? } else { Vec::new() };
        let is_heard = run.dry_run || matches!(mode, Mode::Apply(_));
        let work = Arc::new(Work {
            handle: Handle::current(),
            rules: Arc::clone(rules),
            reach: self.reach.clone(),
            store: host.store.clone(),
            run: run.clone(),
            task,
            mode,
            deadline: Instant::now() + script.deadline(),
            allowed: script.deadline(),
            progress: host.progress.clone(),
            cancel,
            directory: OnceCell::new(),
            imagined: Mutex::new(Imagined::default()),
            state: Mutex::new(State::taken_up(rows, ledger)),
            listener: is_heard.then_some(listener),
        });
        let at_work = Arc::clone(&work);
        let ended = tokio::task::spawn_blocking(move || script.run(at_work)).await;
        // What panics in a script is caught where it runs.
        let ended = ended.map_err(|_| SyncError::Script)?;
        let mut state = std::mem::take(&mut *work.state());
        match state.ending.take() {
            Some(Ending::Store(error)) => Err(error),
            ending => {
                state.ending = ending;
                Ok(Over { state, ended })
            }
        }
    }

    /// The end of a pass that wrote: what failed and may succeed is tried once more.
    async fn finish(&self, mut done: Over) -> Result<Ended, SyncError> {
        let Begun { host, run, .. } = self.begun;
        let again = std::mem::take(&mut done.state.again);
        if done.ended.is_ok() && !again.is_empty() {
            self.begun.host.progress.enter(Phase::LastPass, again.len() as u64);
            for (key, planned) in again {
                let (Some(effect), false) = (&planned.effect, self.migrating.cancel.is_cancelled()) else { continue };
                let means = Performer { reach: self.reach, store: &host.store, run };
                let performed = perform(means, planned.case, effect, Known::No).await;
                self.begun.host.progress.step();
                if let Ok(performed) = performed {
                    let row = done.state.keep(planned.case, performed.row(planned.row));
                    host.store.put_outcomes(&run.id, &[row], &[(key, EffectOutcome::Done)], Timestamp::now()).await?;
                }
            }
        }
        let rows = done.state.rows();
        if done.ended.is_err() {
            return Ok(self.cut_short(done, rows));
        }
        host.store.end_migration(&run.id).await?;
        Ok(Ended::by(rows).with_script(done.ended.unwrap_or_default(), done.state.log))
    }

    /// How a run ended whose script did not come to its end.
    fn cut_short(&self, over: Over, rows: Vec<Row>) -> Ended {
        let Over { state, ended } = over;
        let firm = &self.begun.run.firm;
        let (status, reason) = match (state.ending, ended) {
            (Some(ending @ Ending::Cancelled), _) => (RunStatus::Cancelled, ending.to_string()),
            (Some(Ending::Held(reason)), _) => (RunStatus::Held, reason),
            (Some(Ending::KeyRefused(failure)), _) => return Ended::failed(&failure, rows).with_script(None, state.log),
            (_, Err(fault)) => {
                let at = state.at.map(|case| format!(" at case {case}")).unwrap_or_default();
                (RunStatus::Failed, format!("{}: {} (in `{}`), for {firm}{at}", fault.origin(), fault.message, fault.shown_line()))
            }
            (_, Ok(_)) => (RunStatus::Failed, "the script was ended".to_owned()),
        };
        Ended::with(status, reason, rows).with_script(None, state.log)
    }
}

/// A row of what waits for an approval.
fn held(row: Row) -> Row {
    let waits = matches!(row.result, RowResult::Updated | RowResult::Created);
    if waits { Row { result: RowResult::Held, ..row } } else { row }
}
