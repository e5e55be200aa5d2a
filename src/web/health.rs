//! `/healthz`, `/readyz` and `/metrics`, for whoever watches over the host.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::Served;

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The store answers, and the host is not on its way down.
pub(super) async fn readyz(State(served): State<Served>) -> (StatusCode, &'static str) {
    if served.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match served.store.is_well().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
    }
}

/// Numbers for Prometheus.
pub(super) async fn metrics(State(served): State<Served>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], served.watched.as_text())
}
