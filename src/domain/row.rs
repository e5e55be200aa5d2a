//! What became of one case in a run: a line of the report.

use serde::{Serialize, Serializer};
use smol_str::SmolStr;
use utoipa::ToSchema;

use super::named;
use super::{FixBy, Stage};

named! {
    /// How one case came out. The counts of a run have the same names.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum RowResult {
        /// Created in Case Status.
        Created => "created",
        /// Something was changed in Case Status.
        Updated => "updated",
        /// Nothing needed changing, or what differed was left on purpose.
        Unchanged => "unchanged",
        /// Not attempted: one of the two sides lacks the case.
        Skipped => "skipped",
        /// It should have been written and was not.
        Failed => "failed",
        /// Waits for an approval of the run.
        Held => "held",
    }
}

/// One line of a run's report. The first eight fields are the line; the others are what the guard looks back on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Row {
    /// The CASEpeer id as text: Case Status may hold one that is no number.
    #[schema(value_type = String)]
    pub integration_id: SmolStr,
    /// CASEpeer's case number.
    #[schema(value_type = String)]
    pub readable_id: SmolStr,
    /// The client's full name.
    #[schema(value_type = String)]
    pub client: SmolStr,
    /// How it came out.
    pub result: RowResult,
    /// For instance `stage: 3 → 4; description`.
    pub changes: String,
    /// Why it came out so, if there is something to say.
    pub reason: Option<String>,
    /// The rule behind the reason: `rules/hartwell.yaml:12`.
    pub rule: Option<String>,
    /// Who can put it right.
    #[serde(serialize_with = "fix_by")]
    #[schema(value_type = Option<String>)]
    pub fix_by: Option<FixBy>,
    /// The stage the case was, or would be, moved to.
    #[serde(skip)]
    pub stage_to: Option<Stage>,
    /// Whether it was, or would be, closed.
    #[serde(skip)]
    pub closes: bool,
}

impl Row {
    /// Whether a report that leaves out uneventful rows still shows this one.
    pub fn is_eventful(&self) -> bool {
        !matches!(self.result, RowResult::Unchanged) || self.reason.is_some()
    }

    /// The columns of the CSV, in order.
    pub const COLUMNS: [&'static str; 8] = ["integration_id", "readable_id", "client", "result", "changes", "reason", "rule", "fix_by"];
}

// serde's `serialize_with` hands over a reference to the field.
#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)]
fn fix_by<S: Serializer>(fix_by: &Option<FixBy>, serializer: S) -> Result<S::Ok, S::Error> {
    fix_by.map(FixBy::as_str).serialize(serializer)
}
