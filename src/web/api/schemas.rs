//! What several answers have in common, as the description shows it.

use serde::Serialize;
use utoipa::ToSchema;

/// A fault of a file.
#[derive(ToSchema)]
#[schema(as = Diagnostic)]
#[expect(dead_code, reason = "the description alone is made of it; what is answered is the diagnostic itself")]
pub(super) struct FaultShape {
    /// `error`: the file cannot be used. `warning`: it is used, and somebody should look.
    severity: &'static str,
    /// What is wrong, in one sentence.
    message: String,
    /// The file, if it is about one.
    #[schema(nullable = false)]
    file: Option<String>,
    /// From 1.
    #[schema(nullable = false)]
    line: Option<u32>,
    /// In characters, from 1.
    #[schema(nullable = false)]
    column: Option<u32>,
    /// The line itself, secrets masked.
    #[schema(nullable = false)]
    source: Option<String>,
    /// What to do.
    help: Option<String>,
}

/// Problem details (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the description alone is made of it")]
pub(super) struct ProblemShape {
    /// `about:blank`: the status says what kind of problem it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The answer's status.
    status: u16,
    /// What went wrong, in a sentence.
    detail: String,
    /// What a file or a script would have wrong, one by one.
    #[schema(nullable = false)]
    diagnostics: Option<Vec<FaultShape>>,
}

/// A run that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = Begun)]
pub(super) struct RunStarted {
    /// By which it is asked for at `/api/v1/runs/{run}`.
    pub run_id: String,
}
