//! What programs ask of the host: firms and runs, as JSON, with a token.

mod firms;
mod runs;

use axum::Router;
use utoipa::OpenApi as _;

use super::Served;
use super::access::{Access, Routes};
use super::caller::Door;
use super::problem::Problem;
use super::report::report;

/// What the API is, beside its routes.
#[derive(utoipa::OpenApi)]
#[openapi(info(title = "casebridge"))]
struct Description;

/// The addresses of the API, and whom each lets in. Whatever lies below, there or not, is for callers with a token only.
pub(super) fn plan() -> Routes {
    Routes::by(Door::Api, Description::openapi())
        .get("/api/v1/firms", Access::Known, firms::list)
        .get("/api/v1/firms/{firm}", Access::SeesFirm, firms::show)
        .get("/api/v1/runs", Access::Known, runs::list)
        .get("/api/v1/runs/{run}", Access::SeesRun, runs::show)
        .get("/api/v1/runs/{run}/report.csv", Access::SeesRun, report)
        .any("/api/v1/{*rest}", Access::Known, async || Problem::nothing_here())
}

/// The API under its guard.
pub(super) fn routes(served: &Served) -> Router<Served> {
    plan().guarded(served).0
}
