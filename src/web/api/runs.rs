//! Runs: listed, shown with their rows, watched as they go; approved, cancelled, taken back.

use std::convert::Infallible;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Nothing, OptionalBody, ValidQuery, limit, page};
use super::schemas::RunStarted;
use crate::domain::{Counts, Kind, RunStatus};
use crate::report::{RunEntry, RunView};
use crate::runs::RunReport;
use crate::store::RunFilter;
use crate::web::caller::{AuthScheme, AuthorizedFirm, AuthorizedRun, Caller};
use crate::web::problem::Problem;
use crate::web::run_watch::{Glance, Reader, watch};
use crate::web::{AppState, report};

/// Which runs are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RunsQuery {
    /// Of this firm.
    firm: Option<String>,
    /// Of this kind: `sync`, `sync_case`, `connect`, `migration`, `undo`, `messages`, `outbox`, `documents` or `stage_sync`.
    kind: Option<String>,
    /// That stand so: `queued`, `running`, `interrupted`, `succeeded`, `partial`, `failed`, `held` or `cancelled`.
    status: Option<String>,
    /// At most so many, 1 to 200; 50 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next` of an earlier page.
    before: Option<String>,
}

/// A page of runs.
#[derive(Serialize, ToSchema)]
struct Runs<'a> {
    runs: Vec<RunEntry<'a>>,
    /// The `before` of the next page; null on the last.
    next: Option<String>,
}

/// The latest runs of the firms that the caller may see, a page at a time.
#[utoipa::path(get, path = "/api/v1/runs", tag = "Runs", operation_id = "list_runs", params(RunsQuery),
    responses((status = 200, description = "Runs, the newest first.", body = Runs)))]
pub(super) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    ValidQuery(wanted): ValidQuery<RunsQuery>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit.as_deref())?;
    let store = &app.host.store;
    let firm = match &wanted.firm {
        Some(name) => Some(AuthorizedFirm::named(name, &caller)?.0),
        None => caller.role.firm().cloned(),
    };
    let unknown = |what: &str| Problem::bad(format!("`{what}` is none that runs have"));
    let kind = wanted.kind.as_deref().map(|kind| Kind::parse(kind).ok_or_else(|| unknown("kind"))).transpose()?;
    let status = wanted.status.as_deref().map(|status| RunStatus::parse(status).ok_or_else(|| unknown("status"))).transpose()?;
    let before = match &wanted.before {
        Some(id) => {
            let run = AuthorizedRun::named(id, &caller, &app).await?;
            Some(run.ok_or_else(|| Problem::bad("`before` names no run: it is the `next` of an earlier page"))?.0)
        }
        None => None,
    };
    let filter = RunFilter { firm: firm.clone(), kind, status, dry_run: None };
    let found = store.runs_before(&filter, before.as_ref(), limit + 1).await?;
    let is_there = |firm| app.registry.current().firms.contains_key(firm);
    // A firm whose file is gone has runs, and a firm that never ran has a file; one with neither does not exist.
    if found.is_empty() && wanted.firm.is_some() && !firm.as_ref().is_some_and(is_there) && store.runs(firm.as_ref(), 1).await?.is_empty() {
        return Err(Problem::no_firm());
    }
    let (found, next) = page(found, limit, |(run, _)| run.id.0.clone());
    let runs: Vec<RunEntry> = found.iter().map(|(run, counts)| RunEntry::new(run, *counts)).collect();
    Ok(Json(Runs { runs, next }).into_response())
}

/// A run and its rows, as `casebridge runs show --json` prints it.
#[utoipa::path(get, path = "/api/v1/runs/{run}", tag = "Runs", operation_id = "show_run",
    responses((status = 200, description = "The run.", body = RunView)))]
pub(super) async fn show(State(app): State<AppState>, AuthorizedRun(run): AuthorizedRun) -> Result<Response, Problem> {
    Ok(shown(&app.host.recorded(&run.id).await?))
}

/// A run that has ended, as an answer.
pub(super) fn shown(finished: &RunReport) -> Response {
    let view = RunView::new(&finished.run, finished.counts, &finished.rows, finished.report.as_deref()).saying(&finished.log);
    Json(view).into_response()
}

/// A run's CSV, once it has ended.
#[utoipa::path(get, path = "/api/v1/runs/{run}/report.csv", tag = "Runs", operation_id = "show_report",
    responses((status = 200, description = "The CSV.", body = String, content_type = "text/csv")))]
pub(super) async fn csv(app: State<AppState>, run: AuthorizedRun) -> Result<Response, Problem> {
    report::report(app, run).await
}

/// A run as it goes.
#[derive(Serialize, ToSchema)]
pub(super) struct RunEvent<'a> {
    run_id: &'a str,
    status: &'static str,
    counts: Counts,
    /// What it is doing, in words; null where that cannot be seen.
    doing: Option<&'static str>,
    /// How much of that is done.
    done: Option<u64>,
    /// How much of it there is.
    of: Option<u64>,
}

/// A run as it goes, as server-sent events: `progress` now and as long as it is at work, then `ended`, and the stream ends.
///
/// The data of each event is a JSON object: `run_id`, `status`, `counts`, and what the run is doing (`doing`, `done`, `of`).
#[utoipa::path(get, path = "/api/v1/runs/{run}/events", tag = "Runs", operation_id = "watch_run",
    responses((status = 200, description = "Events.", body = String, content_type = "text/event-stream")))]
pub(super) async fn events(
    State(app): State<AppState>,
    headers: HeaderMap,
    AuthorizedRun(run): AuthorizedRun,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let glances = watch(app, run.id, Reader { door: AuthScheme::Api, headers }).map(|glance| {
        let event = Event::default().event(if glance.has_ended() { "ended" } else { "progress" });
        Ok(event.data(event_data(&glance)))
    });
    Sse::new(glances).keep_alive(KeepAlive::default())
}

fn event_data(glance: &Glance) -> String {
    let doing = glance.progress.as_ref();
    let event = RunEvent {
        run_id: &glance.run.id.0,
        status: glance.run.status.as_str(),
        counts: glance.counts,
        doing: doing.map(|(phase, _, _)| glance.doing(phase)),
        done: doing.map(|(_, done, _)| *done),
        of: doing.map(|(_, _, of)| *of),
    };
    // Texts and numbers are always JSON.
    serde_json::to_string(&event).unwrap_or_default()
}

/// Begins to carry out a held run.
#[utoipa::path(post, path = "/api/v1/runs/{run}/approve", tag = "Runs", operation_id = "approve_run", request_body = Option<Nothing>,
    responses((status = 202, description = "It is queued, under the id it had.", body = RunStarted)))]
pub(super) async fn approve(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedRun(run): AuthorizedRun,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    Ok(begun(app.requests.approve(&caller.requester(), run).await?.0))
}

/// Asks a run to stop, or puts a held one away. What is in flight is finished.
#[utoipa::path(post, path = "/api/v1/runs/{run}/cancel", tag = "Runs", operation_id = "cancel_run", request_body = Option<Nothing>,
    responses((status = 202, description = "It was asked to.", body = RunStarted)))]
pub(super) async fn cancel(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedRun(run): AuthorizedRun,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    let id = run.id.clone();
    app.requests.cancel(&caller.requester(), run).await?;
    Ok(begun(id.0))
}

/// How a run is taken back.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Undo {
    /// Whether it only says what it would restore.
    dry_run: bool,
}

/// Begins to restore what a run changed and nobody has changed since.
#[utoipa::path(post, path = "/api/v1/runs/{run}/undo", tag = "Runs", operation_id = "undo_run", request_body = Option<Undo>,
    responses((status = 202, description = "A run that does it is queued.", body = RunStarted)))]
pub(super) async fn undo(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedRun(run): AuthorizedRun,
    OptionalBody(Undo { dry_run }): OptionalBody<Undo>,
) -> Result<Response, Problem> {
    Ok(begun(app.requests.undo(&caller.requester(), &run, dry_run).await?.0))
}

/// That a run has begun.
pub(super) fn begun(run_id: String) -> Response {
    (StatusCode::ACCEPTED, Json(RunStarted { run_id })).into_response()
}
