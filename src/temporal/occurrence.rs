//! The workflow of one time of a schedule: it waits for the firm's turn, hands itself in, and stays open until its run has ended, so that
//! the schedule skips what would come meanwhile.

#![allow(missing_docs, reason = "the macros make constants of what is documented here, and do not document them")]

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{LocalActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult, workflows};

use super::activities::{Activities, SubmitInput};
use super::firm_work::Entry;
use crate::jobs::{Job, JobRequest};

/// How often it hands itself in again, in case that the firm's workflow was ended by somebody.
const AGAIN: Duration = Duration::from_hours(1);

/// How long handing in may take at once.
const HAND_IN: Duration = Duration::from_secs(20);

/// Whose schedule an occurrence is of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OccurrenceInput {
    /// The firm.
    pub firm: String,
    /// The schedule, as `JobKind` is written.
    pub schedule: String,
    /// How long after its time it starts, in milliseconds.
    #[serde(default)]
    pub jitter: u64,
}

/// One time of a schedule.
#[workflow]
pub struct Occurrence {
    occasion: OccurrenceInput,
    has_ended: bool,
}

#[workflow_methods]
impl Occurrence {
    /// Begins at its time.
    #[init]
    fn new(_ctx: &WorkflowContextView, occasion: OccurrenceInput) -> Self {
        Self { occasion, has_ended: false }
    }

    /// Its run has ended.
    #[signal]
    pub fn ended(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _nothing: ()) {
        self.has_ended = true;
    }

    /// Hands itself in, and waits for the end of its run.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let OccurrenceInput { firm, schedule, jitter } = ctx.state(|occurrence| occurrence.occasion.clone());
        let id = ctx.workflow_id().to_owned();
        // Temporal puts the time behind the schedule's id.
        let started = || ctx.workflow_time().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or_default();
        let nominal = nominal(&id).unwrap_or_else(started);
        if jitter > 0 {
            ctx.timer(Duration::from_millis(jitter)).await;
        }
        let asked = JobRequest { run: None, job: Job::Occurrence { schedule, nominal: nominal.as_millisecond() } };
        loop {
            let handed_in = SubmitInput { firm: firm.clone(), entry: Entry { asked: asked.clone(), tell: Some(id.clone()) } };
            let options = LocalActivityOptions::builder().start_to_close_timeout(HAND_IN).build();
            // What could not be handed in is handed in again.
            let _ = ctx.execute_local_activity(Activities::hand_in, handed_in, options).await;
            let has_ended = workflows::select! {
                ended = ctx.wait_condition(|occurrence| occurrence.has_ended) => { ended?; true },
                _ = ctx.timer(AGAIN) => false,
            };
            if has_ended {
                return Ok(());
            }
        }
    }
}

/// The time that stands behind a schedule's id.
fn nominal(id: &str) -> Option<Timestamp> {
    let (month, _) = id.rmatch_indices('-').nth(1)?;
    id.get(month.checked_sub("2026".len())?..)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_from_behind_the_id() {
        let time: Timestamp = "2026-11-25T21:00:00Z".parse().unwrap();
        assert_eq!(nominal("casebridge/north-lake/nightly_sync-2026-11-25T21:00:00Z"), Some(time));
        assert_eq!(nominal("casebridge/hartwell/nightly_sync"), None);
    }
}
