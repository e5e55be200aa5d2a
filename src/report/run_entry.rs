//! A run as lists show it: without its rows.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Counts, Run};

/// A run as JSON, one of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunOfList)]
pub struct RunEntry<'a> {
    run_id: &'a str,
    firm: &'a str,
    kind: &'static str,
    revision: &'a str,
    dry_run: bool,
    status: &'static str,
    reason: Option<&'a str>,
    counts: Counts,
    started_at: String,
    finished_at: Option<String>,
}

impl<'a> RunEntry<'a> {
    /// A run and its counts.
    pub fn new(run: &'a Run, counts: Counts) -> RunEntry<'a> {
        RunEntry {
            run_id: &run.id.0,
            firm: run.firm.as_str(),
            kind: run.kind.as_str(),
            revision: &run.revision.0,
            dry_run: run.dry_run,
            status: run.status.as_str(),
            reason: run.reason.as_deref(),
            counts,
            started_at: run.started_at.to_string(),
            finished_at: run.finished_at.map(|at| at.to_string()),
        }
    }
}
