//! HTTP: whether the host is well, what is seen of its work, and what programs ask of it.

mod access;
mod api;
mod caller;
mod connections;
mod console;
mod enabling;
mod health;
mod metrics;
mod middleware;
mod origin;
mod problem;
mod report;
mod run_watch;
mod session;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use self::access::{Access, RouteRule};
pub use self::connections::raise_open_files;
use self::problem::Problem;
use crate::domain::{Action, Actor, AuditEntry, Requester};
use crate::host::RulesReloader;
use crate::jobs::{Bell, RunService};
use crate::metrics::Metrics;
use crate::ruleset::RulesRegistry;
use crate::runs::Host;
use crate::settings::TrustedProxies;
use crate::store::StoreError;

/// A store that has not answered by then does not, for those who only want to know whether it does.
const PATIENCE: Duration = Duration::from_secs(2);

/// What answers need.
#[derive(Clone)]
pub struct AppState {
    /// The store, where reports are, and the ways to vendors.
    pub host: Host,
    /// The rules in use.
    pub registry: Arc<RulesRegistry>,
    /// What is seen of the work.
    pub metrics: Arc<Metrics>,
    /// Looks at the rules files when one was written here.
    pub reloader: RulesReloader,
    /// Carries out what is asked for.
    pub requests: RunService,
    /// Rung when an event has been stored.
    pub bell: Bell,
    /// How far apart firms that share a time start.
    pub spread: Duration,
    /// The id of this instance among those that serve from the store.
    pub instance: Arc<str>,
    /// The proxies that are believed when they say for whom they ask.
    pub trusted_proxies: TrustedProxies,
    /// Cancelled once the host stops: it is no longer ready then.
    pub stopping: CancellationToken,
}

impl AppState {
    /// Writes into the audit log that somebody does something; `about` says to what.
    async fn note(&self, who: Actor, action: Action, about: impl FnOnce(AuditEntry) -> AuditEntry) -> Result<(), StoreError> {
        self.host.store.put_audit(&about(Requester { who, request: middleware::current_id() }.does(action))).await
    }
}

/// Answers until it is cancelled, and then finishes the answers that are under way.
pub async fn serve(listener: TcpListener, app: AppState, stop: CancellationToken) {
    let trusted = app.trusted_proxies.clone();
    connections::accept(listener, routes(app), trusted, stop).await;
}

fn routes(app: AppState) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/hooks/casepeer/{firm}", post(webhooks::receive))
        .merge(api::routes(&app))
        .merge(console::routes(&app))
        .fallback(console::nothing_here)
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn(middleware::answer))
        .with_state(app)
}

/// Every route of the API and of the console, and whom it lets in: for tests that go through all of them.
pub fn route_rules() -> Vec<RouteRule> {
    [api::plan(), console::plan()].iter().flat_map(access::Routes::rules).cloned().collect()
}
