//! HTTP: whether the host is well, what is seen of its work, and what programs ask of it.

mod answers;
mod api;
mod auth;
mod health;
mod metrics;
mod problem;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::problem::Problem;
use crate::jobs::{Bell, Watched};
use crate::live::Live;
use crate::sync::Host;

/// A store that has not answered by then does not, for those who only want to know whether it does.
const PATIENCE: Duration = Duration::from_secs(2);

/// What answers need.
#[derive(Clone)]
pub struct Served {
    /// The store, where reports are, and the ways to vendors.
    pub host: Host,
    /// The rules in use.
    pub live: Arc<Live>,
    /// What is seen of the work.
    pub watched: Arc<Watched>,
    /// Rung when an event has been stored.
    pub bell: Bell,
    /// How far apart firms that share a time start.
    pub spread: Duration,
    /// Cancelled once the host stops: it is no longer ready then.
    pub stopping: CancellationToken,
}

/// Answers until it is cancelled, and then finishes the answers that are under way.
pub async fn serve(listener: TcpListener, served: Served, stop: CancellationToken) {
    let stopped = async move { stop.cancelled().await };
    // Never fails: accepting goes on after any single connection's trouble.
    let _ = axum::serve(listener, routes(served)).with_graceful_shutdown(stopped).await;
}

fn routes(served: Served) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/hooks/casepeer/{firm}", post(webhooks::receive))
        .merge(api::routes(&served))
        .fallback(async || Problem::nothing_here())
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn(answers::answer))
        .with_state(served)
}
