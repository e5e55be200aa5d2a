//! Connect cases: look at all of them first and name every problem, then create each and mark it in CASEpeer. Safe to repeat at
//! every point of failure: what exists is not created again, and a mark that is missing is all that is made good.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::begun::{Begun, Ended, Finished, Host};
use super::planned::row;
use super::recorder::Recorder;
use super::write::unless_cancelled;
use super::{Phase, Progress, Reach, SyncError};
use crate::domain::{CaseId, Directory, FixBy, Kind, NewCase, Row, RowResult, RunStatus};
use crate::rules::{FirmRules, draft};
use crate::vendors::Failure;
use crate::vendors::case_status::Created;

/// A connect run that has begun and has yet to look at its cases.
pub struct Preparing<'a> {
    begun: Begun<'a>,
    reach: Reach,
    cases: Vec<CaseId>,
}

/// A connect run whose cases have been looked at; nothing is written yet.
pub struct Connecting<'a> {
    begun: Begun<'a>,
    reach: Reach,
    /// What would be done, or stands in the way, case by case in the order asked for.
    pub prepared: Vec<Prepared>,
    failed: Option<Ended>,
}

/// What connect would do with one case.
#[derive(Debug)]
pub struct Prepared {
    /// The row, as it will read once this is done.
    pub row: Row,
    /// What is to be done.
    pub step: Step,
}

/// What is to be done with one case.
#[derive(Debug)]
pub enum Step {
    /// Nothing: connected already, or refused.
    Nothing,
    /// Create it in Case Status, then mark it in CASEpeer.
    Create(Box<NewCase>),
    /// Case Status has it under this id; CASEpeer was not told.
    Mark(String),
}

impl<'a> Preparing<'a> {
    /// Begins a connect run for these cases, each once.
    ///
    /// # Errors
    /// It could not begin.
    pub async fn begin(host: &'a Host, rules: Arc<FirmRules>, mut cases: Vec<CaseId>, dry_run: bool) -> Result<Preparing<'a>, SyncError> {
        let mut seen = std::collections::HashSet::new();
        cases.retain(|case| seen.insert(*case));
        let reach = Reach::new(&rules)?;
        let begun = Begun::new(host, rules, Kind::Connect, cases.clone(), dry_run).await?;
        Ok(Preparing { begun, reach, cases })
    }

    /// Looks at every case on both sides.
    pub async fn prepare(self, cancel: &CancellationToken) -> Connecting<'a> {
        let Preparing { begun, reach, cases } = self;
        let (prepared, failed) = match unless_cancelled(cancel, prepare(&reach, &begun.rules, &cases)).await {
            Ok(prepared) => (prepared, None),
            Err(ended) => (Vec::new(), Some(ended)),
        };
        Connecting { begun, reach, prepared, failed }
    }
}

async fn prepare(reach: &Reach, rules: &FirmRules, cases: &[CaseId]) -> Result<Vec<Prepared>, Failure> {
    let directory = reach.case_status.directory().await?;
    let looked_at = stream::iter(cases.iter().map(|id| prepare_case(reach, rules, &directory, *id)));
    let looked_at: Vec<Result<Prepared, Failure>> = looked_at.buffered(rules.limits.concurrency).collect().await;
    looked_at.into_iter().collect()
}

async fn prepare_case(reach: &Reach, rules: &FirmRules, directory: &Directory, id: CaseId) -> Result<Prepared, Failure> {
    let (case, existing) = match tokio::try_join!(reach.casepeer.case(id), reach.case_status.case_of(id)) {
        Ok(read) => read,
        // A key that is refused ends the run; anything else is this case's own trouble.
        Err(failure) if failure.is_about_the_key() => return Err(failure),
        Err(failure) => return Ok(Prepared { row: row(id, "", "", RowResult::Failed).failed(&failure), step: Step::Nothing }),
    };
    let Some(case) = case else {
        let row = row(id, "", "", RowResult::Failed).because("CASEpeer has no case of this number", Some(FixBy::Firm));
        return Ok(Prepared { row, step: Step::Nothing });
    };
    let mut row = row(id, &case.case_number, &case.client.full_name(), RowResult::Unchanged);
    if let Some(existing) = existing {
        if case.connected {
            return Ok(Prepared { row: row.because("connected already", None), step: Step::Nothing });
        }
        row.result = RowResult::Updated;
        "marked as connected in CASEpeer".clone_into(&mut row.changes);
        return Ok(Prepared { row, step: Step::Mark(existing.id.into()) });
    }
    match draft(rules, directory, &case) {
        Ok(draft) => {
            row.result = RowResult::Created;
            row.changes = format!("practice_area: {}; stage: {}", draft.new_case.practice_area, draft.new_case.stage);
            row.say(&draft.notes);
            Ok(Prepared { row, step: Step::Create(Box::new(draft.new_case)) })
        }
        Err(problems) => {
            row.result = RowResult::Failed;
            row.say(&problems);
            Ok(Prepared { row, step: Step::Nothing })
        }
    }
}

impl Connecting<'_> {
    /// Ends the run without writing to a vendor, recording what would have been done.
    ///
    /// # Errors
    /// The run could not be recorded.
    pub async fn leave(self) -> Result<Finished, SyncError> {
        let rows: Vec<Row> = self.prepared.into_iter().map(|prepared| prepared.row).collect();
        self.begun.host.store.put_rows(&self.begun.run.id, &rows, Timestamp::now()).await?;
        let ended = self.failed.unwrap_or_else(|| Ended::by(crate::domain::Counts::of(&rows)));
        self.begun.end(ended).await
    }

    /// Creates what can be created and marks it.
    ///
    /// # Errors
    /// The run could not be recorded. What vendors refused is in the run.
    pub async fn confirm(self, progress: &Progress, cancel: &CancellationToken) -> Result<Finished, SyncError> {
        if self.begun.run.dry_run || self.failed.is_some() {
            return self.leave().await;
        }
        let store = &self.begun.host.store;
        let recorder = Recorder::start(store.clone(), self.begun.run.id.clone());
        progress.enter(Phase::Writing, self.prepared.len() as u64);
        let reach = &self.reach;
        let stop = CancellationToken::new();
        let stop = &stop;
        let recorder_ref = &recorder;
        let performed = stream::iter(self.prepared.into_iter().map(|prepared| async move {
            let waits = !matches!(prepared.step, Step::Nothing);
            if waits && (cancel.is_cancelled() || stop.is_cancelled() || recorder_ref.has_failed()) {
                return (prepared.row, None);
            }
            let done = perform(reach, &prepared).await;
            (prepared.row, Some(done))
        }));
        let mut performed = performed.buffer_unordered(self.begun.rules.limits.concurrency);
        let (mut left, mut key_refused) = (Vec::new(), None);
        while let Some((row, done)) = performed.next().await {
            match done {
                None => left.push(row),
                Some(Ok(())) => recorder.put(row),
                Some(Err(Undone { created, failure })) => {
                    if failure.is_about_the_key() {
                        stop.cancel();
                        key_refused = Some(failure.clone());
                    }
                    let row = row.failed(&failure);
                    let told = "created in Case Status, but CASEpeer could not be told; connect it again to finish";
                    recorder.put(if created { row.because(told, None) } else { row });
                }
            }
            progress.step();
        }
        drop(performed);
        let unwritten = left.len();
        if let Some(failure) = &key_refused {
            left.drain(..).for_each(|row| recorder.put(row.failed(failure)));
        }
        recorder.finish().await?;
        let ended = match key_refused {
            Some(failure) => Ended::with(RunStatus::Failed, failure.to_string()),
            None if unwritten > 0 => {
                let reason = format!("stopped with {unwritten} cases not yet connected; running it again finishes the work");
                Ended::with(RunStatus::Cancelled, reason)
            }
            None => Ended::by(store.counts(&self.begun.run.id).await?),
        };
        self.begun.end(ended).await
    }
}

/// What kept a case from being connected, and how far it had come.
struct Undone {
    created: bool,
    failure: Failure,
}

async fn perform(reach: &Reach, prepared: &Prepared) -> Result<(), Undone> {
    let (id, case_status_id) = match &prepared.step {
        Step::Nothing => return Ok(()),
        Step::Mark(case_status_id) => (CaseId::parse(&prepared.row.integration_id), case_status_id.clone()),
        Step::Create(new_case) => {
            let created = create(reach, new_case).await.map_err(|failure| Undone { created: false, failure })?;
            (Some(new_case.integration_id), created)
        }
    };
    // A prepared row's id was a case id.
    let Some(id) = id else { return Ok(()) };
    reach.casepeer.mark_connected(id, &case_status_id).await.map_err(|failure| Undone { created: true, failure })
}

/// Creates the case, or finds the one that was created before without an answer.
async fn create(reach: &Reach, new_case: &NewCase) -> Result<String, Failure> {
    match reach.case_status.create(new_case).await? {
        Created::Now(id) => Ok(id),
        Created::Before => {
            let existing = reach.case_status.case_of(new_case.integration_id).await?;
            let malformed = Failure::Malformed { vendor: crate::vendors::Vendor::CaseStatus, what: "a case that exists and is not there" };
            existing.map(|existing| existing.id.into()).ok_or(malformed)
        }
    }
}
