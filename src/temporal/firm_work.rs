//! The workflow of a firm's lane: it keeps what the firm was asked, and has it done one after the other.

#![allow(missing_docs, reason = "the macros make constants of what is documented here, and do not document them")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{
    ActivityOptions, ContinueAsNewOptions, SignalWorkflowOptions, SyncWorkflowContext, TimerOptions, WorkflowCancellationToken,
    WorkflowContext, WorkflowContextView, WorkflowResult, workflows,
};

use super::activities::{Activities, SliceInput, SliceOutput};
use super::occurrence::Occurrence;
use crate::jobs::JobRequest;

/// How long a slice may take. The host lets it rest after five minutes; what cannot rest, as a script that is rehearsed, goes on to its end.
/// Whether somebody is at it at all, heartbeats say.
const SLICE: Duration = Duration::from_mins(45);

/// A host that has not been heard of for so long does not work on a slice any more.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The longest pause before a slice that came to nothing is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// After so much work, the workflow begins anew with what waits.
const ANEW_AFTER: u32 = 50;

/// A workflow that has had nothing to do for so long ends; the next thing that is asked begins another one. So a firm that is gone leaves none.
const IDLE: Duration = Duration::from_mins(30);

/// Before this change, a workflow waited for ever.
const ENDS_WHEN_IDLE: &str = "ends-when-idle";

/// What a firm's workflow begins with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Waiting {
    /// Whose work it is.
    pub firm: String,
    /// What waits, first come first served.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

/// Something that a firm was asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What.
    pub asked: JobRequest,
    /// The workflow that is told when it has ended.
    #[serde(default)]
    pub tell: Option<String>,
}

/// What a firm's workflow is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What is under way.
    pub under_way: Option<JobRequest>,
    /// What waits.
    pub waiting: Vec<JobRequest>,
}

/// The workflow of a firm's lane.
#[workflow]
pub struct FirmWork {
    firm: String,
    under_way: Option<Entry>,
    waiting: Vec<Entry>,
}

#[workflow_methods]
impl FirmWork {
    /// Begins with what waits.
    #[init]
    fn new(_ctx: &WorkflowContextView, waiting: Waiting) -> Self {
        Self { firm: waiting.firm, under_way: None, waiting: waiting.entries }
    }

    /// Asks the firm for something. What waits or is under way already is not asked for twice.
    #[signal]
    pub fn ask(&mut self, _ctx: &mut SyncWorkflowContext<Self>, entry: Entry) {
        let is_same = |known: &Entry| known.asked.is_same(&entry.asked);
        if !self.waiting.iter().chain(&self.under_way).any(is_same) {
            self.waiting.push(entry);
        }
    }

    /// What it is at.
    #[query]
    pub fn standing(&self, _ctx: &WorkflowContextView) -> Standing {
        Standing {
            under_way: self.under_way.as_ref().map(|entry| entry.asked.clone()),
            waiting: self.waiting.iter().map(|entry| entry.asked.clone()).collect(),
        }
    }

    /// Has it done, one after the other.
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let mut done = 0;
        loop {
            if ctx.patched(ENDS_WHEN_IDLE) {
                let idle = WorkflowCancellationToken::new();
                let timer = TimerOptions::builder(IDLE).cancellation_token(idle.clone()).build();
                let has_work = workflows::select! {
                    waited = ctx.wait_condition(|work| !work.waiting.is_empty()) => { waited?; true },
                    _ = ctx.timer(timer) => false,
                };
                if !has_work {
                    return Ok(());
                }
                idle.cancel();
            } else {
                ctx.wait_condition(|work| !work.waiting.is_empty()).await?;
            }
            let (firm, entry) = ctx.state_mut(|work| {
                let entry = work.waiting.remove(0);
                work.under_way = Some(entry.clone());
                (work.firm.clone(), entry)
            });
            loop {
                let asked = SliceInput { firm: firm.clone(), asked: entry.asked.clone() };
                match ctx.execute_activity(Activities::slice, asked, slice_options()).await {
                    Ok(SliceOutput::GoesOn) => {}
                    // What is final has been told where people look: the run, the log.
                    Ok(SliceOutput::Ended { .. }) | Err(_) => break,
                }
                if ctx.cancellation_token().is_cancelled() {
                    break;
                }
            }
            ctx.state_mut(|work| work.under_way = None);
            if let Some(tell) = entry.tell {
                // Whoever asked may be gone.
                let _ = ctx.external_workflow(tell, None).signal(Occurrence::ended, (), SignalWorkflowOptions::default()).await;
            }
            done += 1;
            if done >= ANEW_AFTER || ctx.continue_as_new_suggested() {
                let entries = ctx.state(|work| work.waiting.clone());
                ctx.continue_as_new(Waiting { firm, entries }, ContinueAsNewOptions::default())?;
            }
        }
    }
}

fn slice_options() -> ActivityOptions {
    let retry = temporalio_common::RetryPolicy::builder().initial_interval(Duration::from_secs(1)).maximum_interval(LONGEST_PAUSE).build();
    ActivityOptions::with_start_to_close_timeout(SLICE)
        .heartbeat_timeout(HEARTBEAT)
        .retry_policy(retry)
        // The instance with room for it takes it, and not the one that looked at the workflow.
        .do_not_eagerly_execute(true)
        .build()
}
