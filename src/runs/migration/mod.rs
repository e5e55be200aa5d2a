//! Migrations: a script is run once to see what it would do, the guard looks, and it is run again for real. One that was cut off is resumed.
//!
//! # A walk
//! 1. `cli/run.rs` hashes firm, script name, arguments and input: what makes two commands the same *task*. `scripting/migration.rs` compiles
//!    the script with all that it imports; after that no file is read.
//! 2. A run of the same task whose script did not end (`store/migrations.rs`) goes on under its id; otherwise a new one starts.
//! 3. `reconcile.rs` asks the vendors about each effect that the ledger has as intended.
//! 4. The rehearsal: the script runs on a thread that may block. A call such as `case_status.connect_case(48221)` goes by
//!    `scripting::Operations` to `executor.rs`. `plan.rs` makes the same `Planned` that the command would make; nothing is performed.
//!    `overlay.rs` remembers what would be there, for later reads, and `state.rs` keeps one row a case.
//! 5. The guard counts the moves of the rehearsal. A dry run ends here, and so does a rehearsal that failed.
//! 6. The script runs again. Each effect is put into the ledger, performed by `runs/perform.rs`, and recorded with its row. A move that the
//!    rehearsal did not show goes past the guard first.
//! 7. What failed for a passing reason is tried once more, and the store notes that the script came to its end.

mod executor;
mod overlay;
mod plan;
mod reconcile;
mod state;

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use self::executor::{Mode, ScriptExecutor};
use self::overlay::SimulatedState;
use self::reconcile::settle;
use self::state::{State, StopReason};
use super::active_run::ActiveRun;
use super::guard::{self, Approved, Connected};
use super::invitations::hold_invitations;
use super::perform::{CaseState, perform};
use super::run_outcome::{RunOutcome, RunReport};
use super::{Phase, RunContext, RunError};
use crate::domain::{CaseId, EffectOutcome, Kind, LogLine, MigrationTask, Row, RowResult, RunStatus};
use crate::scripting::{Migration, ScriptFault, ScriptSource};

/// How a migration is to be run.
#[derive(Clone)]
pub struct MigrationOptions {
    /// The script.
    pub script: Arc<Migration>,
    /// What it is asked to do.
    pub task: MigrationTask,
}

impl MigrationOptions {
    /// This task by its script as that is now.
    pub async fn load(scripts: &ScriptSource, task: MigrationTask) -> Result<MigrationOptions, RunError> {
        let (scripts, name) = (scripts.clone(), task.script.clone());
        // A script may take long to read.
        let script = tokio::task::spawn_blocking(move || scripts.load(&name)).await.map_err(|_| RunError::Script)?;
        Ok(MigrationOptions { script: Arc::new(script.map_err(RunError::FaultyScript)?), task })
    }
}

/// Whether a migration writes, and whether it takes up what was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationMode {
    /// It only says what it would do.
    DryRun,
    /// It goes on where an earlier run of the same task was cut off.
    Resume,
    /// It begins anew.
    Restart,
}

/// Runs a migration.
///
/// # Errors
/// The run could not begin or be recorded. What vendors refused, and what the script did wrong, is in the run.
pub async fn migrate(context: RunContext, mode: MigrationMode, migrating: MigrationOptions) -> Result<RunReport, RunError> {
    let active_run = if mode == MigrationMode::Resume {
        let (active_run, is_taken_up) = ActiveRun::resume_migration(context, &migrating.task).await?;
        if is_taken_up {
            let text = format!("going on with run {}, which did not come to its end; --new begins anew", active_run.run.id);
            active_run.context.observer.said(&LogLine { warns: false, text });
        }
        active_run
    } else {
        ActiveRun::new(context, Kind::Migration, Vec::new(), mode == MigrationMode::DryRun).await?
    };
    migrate_begun(active_run, None, migrating).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn migrate_begun(
    active_run: ActiveRun,
    approved: Option<&Approved>,
    migrating: MigrationOptions,
) -> Result<RunReport, RunError> {
    active_run.store().begin_migration(&active_run.run.id, &migrating.task, &migrating.script.hash()).await?;
    let ended = match settle(&active_run).await {
        Ok(()) => Passes { active_run: &active_run, migrating: &migrating }.carry_out(approved).await,
        Err(error) => Err(error),
    };
    let ended = match ended {
        // What earlier parts of the run did stays in its report.
        Err(RunError::Vendor(failure)) => Ok(RunOutcome::failed(&failure, active_run.store().rows(&active_run.run.id).await?)),
        ended => ended,
    };
    active_run.end_with(ended).await
}

/// The passes of one run.
struct Passes<'a> {
    active_run: &'a ActiveRun,
    migrating: &'a MigrationOptions,
}

/// A pass that is over: what it came to, and how its script ended.
struct Over {
    state: State,
    ended: Result<Option<String>, ScriptFault>,
}

impl Passes<'_> {
    async fn carry_out(&self, approved: Option<&Approved>) -> Result<RunOutcome, RunError> {
        let (active_run, run, store) = (self.active_run, &self.active_run.run, self.active_run.store());
        active_run.context.progress.enter(if run.dry_run { Phase::Scripting } else { Phase::Rehearsing }, 0);
        let looked = self.pass(Mode::Look).await?;
        if looked.ended.is_err() {
            // Whatever went wrong, nothing was written in this part of the run.
            let rows = if run.dry_run { looked.state.rows() } else { store.rows(&run.id).await? };
            store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            return Ok(self.cut_short(looked, rows));
        }
        let moves = looked.state.updates.iter().map(|(case, changes)| (*case, changes));
        let hold = guard::look(store, active_run.rules(), &active_run.clients, moves.clone(), Connected::Ask, approved).await?;
        let created: Vec<CaseId> = looked.state.created.iter().copied().collect();
        let invitations = hold_invitations(store, active_run.rules(), &created, approved).await?;
        let hold = [hold, invitations].into_iter().flatten().reduce(|moves, invitations| format!("{moves}; {invitations}"));
        if run.dry_run {
            let rows = looked.state.rows();
            store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            let ended = RunOutcome { would_hold: Some(hold.is_some()), reason: hold, ..RunOutcome::by(rows) };
            return Ok(ended.with_script(looked.ended.unwrap_or_default(), looked.state.log));
        }
        if let Some(reason) = hold {
            let mut waiting = State::taken_up(store.rows(&run.id).await?, Vec::new());
            waiting.add(looked.state.rows().into_iter().map(held));
            let rows = waiting.rows();
            store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            return Ok(RunOutcome::with(RunStatus::Held, reason, rows));
        }
        let seen = Approved::of(moves, created.into_iter()).and(approved);
        active_run.context.progress.enter(Phase::Scripting, 0);
        let done = self.pass(Mode::Apply(seen)).await?;
        self.finish(done).await
    }

    /// Runs the script once, on a thread for work that blocks.
    async fn pass(&self, mode: Mode) -> Result<Over, RunError> {
        let ActiveRun { context, run, clients, .. } = self.active_run;
        let (MigrationOptions { script, task }, store) = (self.migrating.clone(), self.active_run.store());
        let ledger = store.effects(&run.id).await?;
        // What is looked at has rows of its own; what is done adds to what earlier parts of the run did.
        let rows = if matches!(mode, Mode::Apply(_)) { store.rows(&run.id).await? } else { Vec::new() };
        let is_heard = run.dry_run || matches!(mode, Mode::Apply(_));
        let work = Arc::new(ScriptExecutor {
            handle: Handle::current(),
            rules: Arc::clone(&context.rules),
            clients: clients.clone(),
            store: store.clone(),
            run: run.clone(),
            task,
            mode,
            deadline: Instant::now() + script.deadline(),
            allowed: script.deadline(),
            progress: context.progress.clone(),
            cancel: context.cancel.clone(),
            directory: OnceCell::new(),
            imagined: Mutex::new(SimulatedState::default()),
            state: Mutex::new(State::taken_up(rows, ledger)),
            observer: is_heard.then(|| Arc::clone(&context.observer)),
        });
        let at_work = Arc::clone(&work);
        let ended = tokio::task::spawn_blocking(move || script.run(at_work)).await;
        // What panics in a script is caught where it runs.
        let ended = ended.map_err(|_| RunError::Script)?;
        let mut state = std::mem::take(&mut *work.state());
        match state.ending.take() {
            Some(StopReason::Store(error)) => Err(error),
            ending => {
                state.ending = ending;
                Ok(Over { state, ended })
            }
        }
    }

    /// The end of a pass that wrote: what failed and may succeed is tried once more.
    async fn finish(&self, mut done: Over) -> Result<RunOutcome, RunError> {
        let (active_run, run, store) = (self.active_run, &self.active_run.run, self.active_run.store());
        let again = std::mem::take(&mut done.state.again);
        if done.ended.is_ok() && !again.is_empty() {
            active_run.context.progress.enter(Phase::LastPass, again.len() as u64);
            for (key, planned) in again {
                let (Some(effect), false) = (&planned.effect, active_run.is_cancelled()) else { continue };
                let performed = perform(active_run.performer(), planned.case, effect, CaseState::Stale).await;
                active_run.context.progress.step();
                if let Ok(performed) = performed {
                    let row = done.state.keep(planned.case, performed.row(planned.row));
                    store.put_outcomes(&run.id, &[row], &[(key, EffectOutcome::Done)], Timestamp::now()).await?;
                }
            }
        }
        let rows = done.state.rows();
        if done.ended.is_err() {
            return Ok(self.cut_short(done, rows));
        }
        store.end_migration(&run.id).await?;
        Ok(RunOutcome::by(rows).with_script(done.ended.unwrap_or_default(), done.state.log))
    }

    /// How a run ended whose script did not come to its end.
    fn cut_short(&self, over: Over, rows: Vec<Row>) -> RunOutcome {
        let Over { state, ended } = over;
        let firm = &self.active_run.run.firm;
        let (status, reason) = match (state.ending, ended) {
            (Some(ending @ StopReason::Cancelled), _) => (RunStatus::Cancelled, ending.to_string()),
            (Some(StopReason::Held(reason)), _) => (RunStatus::Held, reason),
            (Some(StopReason::KeyRefused(failure)), _) => return RunOutcome::failed(&failure, rows).with_script(None, state.log),
            (_, Err(fault)) => {
                let at = state.at.map(|case| format!(" at case {case}")).unwrap_or_default();
                (RunStatus::Failed, format!("{}: {} (in `{}`), for {firm}{at}", fault.origin(), fault.message, fault.shown_line()))
            }
            (_, Ok(_)) => (RunStatus::Failed, "the script was ended".to_owned()),
        };
        RunOutcome::with(status, reason, rows).with_script(None, state.log)
    }
}

/// A row of what waits for an approval.
fn held(row: Row) -> Row {
    let waits = matches!(row.result, RowResult::Updated | RowResult::Created);
    if waits { Row { result: RowResult::Held, ..row } } else { row }
}
