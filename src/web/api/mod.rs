//! What programs ask of the host: firms and runs, as JSON, with a token.

mod firms;
mod runs;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};

use super::Served;
use super::auth::authenticate;
use super::problem::Problem;

/// The addresses of the API. Whatever lies below, there or not, is for callers with a token only.
pub(super) fn routes(served: &Served) -> Router<Served> {
    Router::new()
        .route("/api/v1/firms", get(firms::list))
        .route("/api/v1/firms/{firm}", get(firms::show))
        .route("/api/v1/runs", get(runs::list))
        .route("/api/v1/runs/{run}", get(runs::show))
        .route("/api/v1/runs/{run}/report.csv", get(runs::report))
        .route("/api/v1/{*rest}", any(async || Problem::nothing_here()))
        .layer(from_fn_with_state(served.clone(), authenticate))
}
