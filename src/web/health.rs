//! `/healthz` and `/readyz`, for whoever watches over the host.

use axum::extract::State;
use axum::http::StatusCode;

use super::{AppState, PATIENCE};

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The store answers, and the host is not on its way down.
pub(super) async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    if app.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match tokio::time::timeout(PATIENCE, app.host.store.is_well()).await {
        // The console and the API answer all the same.
        Ok(Ok(())) if !app.requests.is_engine_there() => {
            return (StatusCode::OK, "ready, but Temporal is unreachable\n");
        }
        // What is there goes on.
        Ok(Ok(())) if app.registry.current().gone().next().is_some() => {
            return (StatusCode::OK, "ready, but files of the rules folder are gone\n");
        }
        Ok(Ok(())) => return (StatusCode::OK, "ready\n"),
        Ok(Err(error)) => tracing::error!(%error, "not ready"),
        Err(_) => tracing::error!("not ready: the store has not answered in {PATIENCE:?}"),
    }
    (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
}
