//! Writes with bounded concurrency: the intent of every effect is in the ledger before the first is performed, each outcome is recorded
//! as it happens, and at the end there is one last pass over what may yet succeed.

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::active_run::ActiveRun;
use super::perform::{CaseState, Performed, Performer, perform};
use super::planned::Planned;
use super::recorder::{Outcome, Recorder};
use super::run_outcome::RunOutcome;
use super::{Phase, RunError};
use crate::domain::{EffectOutcome, LedgerEntry, Row, RunStatus};
use crate::vendors::Failure;

impl ActiveRun {
    /// Performs the effects of these cases and answers how the run ended. What was `decided` without one is recorded beside.
    pub(super) async fn write(&self, decided: Vec<Row>, planned: Vec<Planned>) -> Result<RunOutcome, RunError> {
        let (store, run) = (self.store(), &self.run);
        let now = Timestamp::now();
        let intended: Vec<LedgerEntry> = planned
            .iter()
            .filter_map(|planned| Some(LedgerEntry::intended(planned.key()?, planned.case, planned.effect.as_ref()?, now)))
            .collect();
        store.intend(&run.id, &intended).await?;
        let recorder = Recorder::start(store.clone(), run, decided);
        let mut not_begun = Vec::new();
        self.context.progress.enter(Phase::Writing, planned.len() as u64);
        let Pass { again, mut left, mut key_refused } = self.pass(planned, CaseState::Fresh, &recorder).await;
        if key_refused.is_none() && left.is_empty() && !again.is_empty() {
            // Whatever it leaves has a failed row already.
            key_refused = self.last_pass(again, &recorder).await.key_refused;
        }
        let unwritten = left.len();
        for planned in left.drain(..) {
            let settled = planned.key().map(|key| (key, EffectOutcome::Failed));
            match (&key_refused, settled) {
                (Some(failure), settled) => recorder.put(Outcome { row: planned.row.failed(failure), settled }),
                // Not begun, and so without a row: a rerun finishes the work.
                (None, Some((key, outcome))) => not_begun.push((key, outcome)),
                (None, None) => {}
            }
        }
        let rows = recorder.finish().await?;
        store.put_outcomes(&run.id, &[], &not_begun, Timestamp::now()).await?;
        if let Some(failure) = key_refused {
            return Ok(RunOutcome::failed(&failure, rows));
        }
        if unwritten > 0 && self.context.rest.is_cancelled() && !self.is_cancelled() {
            return Ok(RunOutcome::resting(rows));
        }
        if unwritten > 0 {
            let reason = format!("stopped with {unwritten} cases not yet written; running it again finishes the work");
            return Ok(RunOutcome::with(RunStatus::Cancelled, reason, rows));
        }
        Ok(RunOutcome::by(rows))
    }

    pub(super) fn performer(&self) -> Performer<'_> {
        Performer { clients: &self.clients, store: self.store(), run: &self.run }
    }

    /// Tries once more what failed and may succeed. A vendor that is being left alone gets its rest first, and then one case to show
    /// that it is back.
    async fn last_pass(&self, mut again: Vec<Planned>, recorder: &Recorder) -> Pass {
        let vendors = [self.clients.casepeer.http(), self.clients.case_status.http()];
        if let Some(until) = vendors.iter().filter_map(|vendor| vendor.left_alone_until()).max() {
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = self.context.cancel.cancelled() => {}
            }
            let probed = self.pass(again.pop().into_iter().collect(), CaseState::Stale, recorder).await;
            if !probed.again.is_empty() || probed.key_refused.is_some() {
                return probed;
            }
        }
        self.context.progress.enter(Phase::LastPass, again.len() as u64);
        self.pass(again, CaseState::Stale, recorder).await
    }

    /// Performs these. Nothing new is begun once the run is cancelled or is to rest, a key is refused, or outcomes cannot be recorded.
    async fn pass(&self, planned: Vec<Planned>, known: CaseState, recorder: &Recorder) -> Pass {
        let mut pass = Pass::default();
        let stop = CancellationToken::new();
        let (stop, rest) = (&stop, &self.context.rest);
        let performed = stream::iter(planned.into_iter().map(|planned| async move {
            let Some(effect) = &planned.effect else { return (planned, Some(Ok(Performed::default()))) };
            if self.is_cancelled() || rest.is_cancelled() || stop.is_cancelled() || recorder.has_failed() {
                return (planned, None);
            }
            let done = perform(self.performer(), planned.case, effect, known).await;
            (planned, Some(done))
        }));
        let mut performed = performed.buffer_unordered(self.rules().limits.concurrency);
        while let Some((planned, done)) = performed.next().await {
            match done {
                None => {
                    pass.left.push(planned);
                    continue;
                }
                Some(Ok(performed)) => {
                    let settled = planned.key().map(|key| (key, EffectOutcome::Done));
                    recorder.put(Outcome { row: performed.row(planned.row), settled });
                }
                Some(Err(undone)) => {
                    // Done or not, nobody knows: the ledger keeps the intent until somebody asks the vendor.
                    let known = planned.key().filter(|_| !undone.is_in_doubt());
                    recorder.put(Outcome { row: undone.row(planned.row.clone()), settled: known.map(|key| (key, EffectOutcome::Failed)) });
                    match undone.failure() {
                        Some(failure) if failure.is_about_the_key() => {
                            stop.cancel();
                            pass.key_refused = Some(failure.clone());
                        }
                        Some(failure) if failure.is_transient() => pass.again.push(planned),
                        _ => {}
                    }
                }
            }
            self.context.progress.step();
        }
        pass
    }
}

#[derive(Default)]
struct Pass {
    /// May succeed later.
    again: Vec<Planned>,
    /// Were not begun.
    left: Vec<Planned>,
    key_refused: Option<Failure>,
}
