//! What workflows have done outside themselves: a slice of work, and handing something in.

#![allow(missing_docs, reason = "the macros make constants of what is documented here, and do not document them")]

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_common::error::ApplicationFailure;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use super::connection::signal_firm;
use super::firm_work::Entry;
use super::ids::WorkflowIds;
use crate::domain::FirmId;
use crate::jobs::{JobRequest, RunService, SliceOutcome};

/// How long a slice works before it rests, so that no instance keeps a firm for itself.
const SLICE: Duration = Duration::from_mins(5);

/// How often it is said that a slice is still worked on.
const BEAT: Duration = Duration::from_secs(3);

/// How long a slice that is to rest may take for what is in flight.
const GRACE: Duration = Duration::from_secs(6);

/// What a slice works on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SliceInput {
    /// Whose work it is.
    pub firm: String,
    /// What the firm was asked.
    pub asked: JobRequest,
}

/// What a slice came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceOutput {
    /// Another slice takes it up.
    GoesOn,
    /// Nothing is left to do.
    Ended {
        /// How its run ended, if there was one.
        status: Option<String>,
    },
}

/// What is handed in to a firm's workflow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubmitInput {
    /// Which firm.
    pub firm: String,
    /// What.
    pub entry: Entry,
}

/// What this instance does for workflows.
pub struct Activities {
    /// Who carries work out.
    pub requests: RunService,
    /// What workflows are called.
    pub names: WorkflowIds,
    /// Cancelled when the host stops.
    pub stop: CancellationToken,
}

#[activities]
impl Activities {
    /// Works on what a firm was asked.
    #[activity]
    pub async fn slice(self: Arc<Self>, ctx: ActivityContext, slice: SliceInput) -> Result<SliceOutput, ActivityError> {
        let firm = firm(&slice.firm)?;
        let rest = self.stop.child_token();
        // A run is cancelled by the store, from whatever instance.
        let cancel = CancellationToken::new();
        // A script is on a thread of its own, and goes on when nobody waits for it any more.
        let _stops = cancel.clone().drop_guard();
        let working = self.requests.slice(&firm, &slice.asked, &rest, &cancel);
        let resting = async {
            let long_enough = tokio::time::sleep(SLICE);
            tokio::select! {
                () = long_enough => rest.cancel(),
                () = ctx.cancelled() => rest.cancel(),
                () = rest.cancelled() => {}
            }
            let must_go = async {
                tokio::select! {
                    () = ctx.cancelled() => {}
                    () = self.stop.cancelled() => {}
                }
            };
            must_go.await;
            tokio::time::sleep(GRACE).await;
        };
        let beating = async {
            let mut beats = tokio::time::interval(BEAT);
            loop {
                beats.tick().await;
                if let Err(error) = ctx.record_heartbeat(()).await {
                    tracing::debug!(%error, "Temporal heartbeat failed");
                }
            }
        };
        tokio::select! {
            came = working => match came {
                Ok(SliceOutcome::Continue) => Ok(SliceOutput::GoesOn),
                Ok(SliceOutcome::Done(status)) => Ok(SliceOutput::Ended { status: status.map(|status| status.as_str().to_owned()) }),
                Err(error) => {
                    tracing::warn!(%firm, %error, "slice failed; retrying");
                    Err(again(error.to_string()))
                }
            },
            // Whoever takes it up settles what was in flight.
            () = resting => Err(again("the instance stops")),
            () = beating => Err(again("Temporal heartbeat failed")),
        }
    }

    /// Hands something in to a firm's workflow, and begins that if it is not under way.
    #[activity]
    pub async fn hand_in(self: Arc<Self>, ctx: ActivityContext, handed_in: SubmitInput) -> Result<(), ActivityError> {
        let firm = firm(&handed_in.firm)?;
        self.requests.queue_occurrence(&firm, &handed_in.entry.asked).await.map_err(|error| again(error.to_string()))?;
        signal_firm(&ctx.client(), &self.names, &firm, handed_in.entry).await.map_err(|error| again(error.to_string()))
    }
}

fn firm(name: &str) -> Result<FirmId, ActivityError> {
    FirmId::new(name).ok_or_else(|| ActivityError::Application(Box::new(ApplicationFailure::non_retryable("this is no firm's name"))))
}

fn again(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ActivityError {
    ActivityError::Application(Box::new(ApplicationFailure::new(why)))
}
