//! HTTP: whether the host is well, what is seen of its work, and what programs ask of it.

mod health;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::jobs::Watched;
use crate::live::Live;
use crate::store::Store;

/// What answers need.
#[derive(Clone)]
pub struct Served {
    /// The store.
    pub store: Store,
    /// The rules in use.
    pub live: Arc<Live>,
    /// What is seen of the work.
    pub watched: Arc<Watched>,
    /// Cancelled once the host stops: it is no longer ready then.
    pub stopping: CancellationToken,
}

/// Answers until it is cancelled, and then finishes the answers that are under way.
pub async fn serve(listener: TcpListener, served: Served, stop: CancellationToken) {
    let routes = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .with_state(served);
    let stopped = async move { stop.cancelled().await };
    // Never fails: accepting goes on after any single connection's trouble.
    let _ = axum::serve(listener, routes).with_graceful_shutdown(stopped).await;
}
