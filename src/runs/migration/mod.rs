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
use tokio_util::sync::CancellationToken;

pub use executor::Listener;

use self::executor::{Mode, ScriptExecutor};
use self::overlay::SimulatedState;
use self::reconcile::settle;
use self::state::{State, StopReason};
use super::active_run::ActiveRun;
use super::guard::{self, Approved, Connected};
use super::host::Host;
use super::invitations::hold_invitations;
use super::perform::{CaseState, Performer, perform};
use super::run_outcome::{RunOutcome, RunReport};
use super::{Phase, RunError, VendorClients};
use crate::domain::{CaseId, EffectOutcome, Kind, LogLine, MigrationTask, Row, RowResult, RunStatus};
use crate::rules::FirmRules;
use crate::scripting::{Migration, ScriptFault};

/// How a migration is to be run.
#[derive(Clone)]
pub struct MigrationOptions {
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
pub async fn migrate(host: &Host, rules: Arc<FirmRules>, mode: MigrationMode, migrating: MigrationOptions) -> Result<RunReport, RunError> {
    let active_run = if mode == MigrationMode::Resume {
        let (active_run, is_taken_up) = ActiveRun::resume_migration(host, rules, &migrating.task).await?;
        if is_taken_up {
            let text = format!("going on with run {}, which did not come to its end; --new begins anew", active_run.run.id);
            (migrating.listener)(&LogLine { warns: false, text });
        }
        active_run
    } else {
        ActiveRun::new(host, rules, Kind::Migration, Vec::new(), mode == MigrationMode::DryRun).await?
    };
    migrate_begun(active_run, None, migrating).await
}

/// The same for a run that has begun, perhaps with an approval.
pub(super) async fn migrate_begun(
    active_run: ActiveRun,
    approved: Option<&Approved>,
    migrating: MigrationOptions,
) -> Result<RunReport, RunError> {
    active_run.host.store.begin_migration(&active_run.run.id, &migrating.task, &migrating.script.hash()).await?;
    let clients = active_run.clients();
    let ended = match settle(&active_run, &clients).await? {
        Ok(()) => Passes { active_run: &active_run, clients: &clients, migrating: &migrating }.carry_out(approved).await?,
        // What earlier parts of the run did stays in its report.
        Err(failure) => RunOutcome::failed(&failure, active_run.host.store.rows(&active_run.run.id).await?),
    };
    active_run.end(ended).await
}

/// The passes of one run.
struct Passes<'a> {
    active_run: &'a ActiveRun,
    clients: &'a VendorClients,
    migrating: &'a MigrationOptions,
}

/// A pass that is over: what it came to, and how its script ended.
struct Over {
    state: State,
    ended: Result<Option<String>, ScriptFault>,
}

impl Passes<'_> {
    async fn carry_out(&self, approved: Option<&Approved>) -> Result<RunOutcome, RunError> {
        let ActiveRun { host, run, rules, .. } = self.active_run;
        self.active_run.host.progress.enter(if run.dry_run { Phase::Scripting } else { Phase::Rehearsing }, 0);
        let looked = self.pass(Mode::Look).await?;
        if looked.ended.is_err() {
            // Whatever went wrong, nothing was written in this part of the run.
            let rows = if run.dry_run { looked.state.rows() } else { host.store.rows(&run.id).await? };
            host.store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            return Ok(self.cut_short(looked, rows));
        }
        let moves = looked.state.updates.iter().map(|(case, changes)| (*case, changes));
        let hold = match guard::look(&host.store, rules, self.clients, moves.clone(), Connected::Ask, approved).await? {
            Ok(hold) => hold,
            Err(failure) => return Ok(RunOutcome::failed(&failure, host.store.rows(&run.id).await?)),
        };
        let created: Vec<CaseId> = looked.state.created.iter().copied().collect();
        let invitations = hold_invitations(&host.store, rules, &created, approved).await?;
        let hold = [hold, invitations].into_iter().flatten().reduce(|moves, invitations| format!("{moves}; {invitations}"));
        if run.dry_run {
            let rows = looked.state.rows();
            host.store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            let ended = RunOutcome { would_hold: Some(hold.is_some()), reason: hold, ..RunOutcome::by(rows) };
            return Ok(ended.with_script(looked.ended.unwrap_or_default(), looked.state.log));
        }
        if let Some(reason) = hold {
            let mut waiting = State::taken_up(host.store.rows(&run.id).await?, Vec::new());
            waiting.add(looked.state.rows().into_iter().map(held));
            let rows = waiting.rows();
            host.store.put_rows(&run.id, &rows, Timestamp::now()).await?;
            return Ok(RunOutcome::with(RunStatus::Held, reason, rows));
        }
        let seen = Approved::of(moves, created.into_iter()).and(approved);
        self.active_run.host.progress.enter(Phase::Scripting, 0);
        let done = self.pass(Mode::Apply(seen)).await?;
        self.finish(done).await
    }

    /// Runs the script once, on a thread for work that blocks.
    async fn pass(&self, mode: Mode) -> Result<Over, RunError> {
        let ActiveRun { host, run, rules, .. } = self.active_run;
        let MigrationOptions { script, task, listener, cancel } = self.migrating.clone();
        let ledger = host.store.effects(&run.id).await?;
        // What is looked at has rows of its own; what is done adds to what earlier parts of the run did.
        let rows = if matches!(mode, Mode::Apply(_)) { host.store.rows(&run.id).await? } else { Vec::new() };
        let is_heard = run.dry_run || matches!(mode, Mode::Apply(_));
        let work = Arc::new(ScriptExecutor {
            handle: Handle::current(),
            rules: Arc::clone(rules),
            clients: self.clients.clone(),
            store: host.store.clone(),
            run: run.clone(),
            task,
            mode,
            deadline: Instant::now() + script.deadline(),
            allowed: script.deadline(),
            progress: host.progress.clone(),
            cancel,
            directory: OnceCell::new(),
            imagined: Mutex::new(SimulatedState::default()),
            state: Mutex::new(State::taken_up(rows, ledger)),
            listener: is_heard.then_some(listener),
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
        let ActiveRun { host, run, .. } = self.active_run;
        let again = std::mem::take(&mut done.state.again);
        if done.ended.is_ok() && !again.is_empty() {
            self.active_run.host.progress.enter(Phase::LastPass, again.len() as u64);
            for (key, planned) in again {
                let (Some(effect), false) = (&planned.effect, self.migrating.cancel.is_cancelled()) else { continue };
                let means = Performer { clients: self.clients, store: &host.store, run };
                let performed = perform(means, planned.case, effect, CaseState::Stale).await;
                self.active_run.host.progress.step();
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
