//! Runs, narrowed and a page at a time.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Counts, FirmId, Kind, Run, RunStatus};
use crate::store::RunFilter;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, AuthorizedRun, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// Runs of a page.
const A_PAGE: u32 = 30;

/// Which runs are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RunsPageQuery {
    kind: String,
    status: String,
    /// `dry`, `real` or both.
    dry: String,
    firm: String,
    before: String,
}

#[derive(Template)]
#[template(path = "runs/list.html")]
struct ListPage {
    frame: Layout,
    /// Where the list is.
    at: String,
    asked: RunsPageQuery,
    firms: Vec<String>,
    runs: Vec<(Run, Counts)>,
    next: Option<String>,
}

/// Those of every firm.
pub(super) async fn of_all(State(app): State<AppState>, caller: Caller, Query(asked): Query<RunsPageQuery>) -> Result<Response, Problem> {
    if let Some(firm) = caller.role.firm() {
        return Ok(Redirect::to(&format!("/firms/{firm}/runs")).into_response());
    }
    let firm = FirmId::new(&asked.firm);
    let firms = app.registry.current().firms.keys().map(FirmId::to_string).collect();
    list(&app, &caller, asked, firm, Layout::of(&caller, NavItem::Runs), "/runs".to_owned(), firms).await
}

/// Those of one firm.
pub(super) async fn of_firm(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Query(asked): Query<RunsPageQuery>,
) -> Result<Response, Problem> {
    let (frame, at) = (Layout::about(&caller, &firm, &app, NavItem::FirmRuns), format!("/firms/{firm}/runs"));
    if !app.registry.current().firms.contains_key(&firm) && app.host.store.runs(Some(&firm), 1).await?.is_empty() {
        return Err(Problem::no_firm());
    }
    list(&app, &caller, asked, Some(firm), frame, at, Vec::new()).await
}

async fn list(
    app: &AppState,
    caller: &Caller,
    asked: RunsPageQuery,
    firm: Option<FirmId>,
    frame: Layout,
    at: String,
    firms: Vec<String>,
) -> Result<Response, Problem> {
    let dry_run = match asked.dry.as_str() {
        "dry" => Some(true),
        "real" => Some(false),
        _ => None,
    };
    let filter = RunFilter { firm, kind: Kind::parse(&asked.kind), status: RunStatus::parse(&asked.status), dry_run };
    let before = AuthorizedRun::named(&asked.before, caller, app).await?.map(|run| run.0);
    let mut runs = app.host.store.runs_before(&filter, before.as_ref(), A_PAGE + 1).await?;
    let more = runs.len() > A_PAGE as usize;
    runs.truncate(A_PAGE as usize);
    let next = runs.last().filter(|_| more).map(|(run, _)| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("kind", &asked.kind).append_pair("status", &asked.status).append_pair("dry", &asked.dry);
        query.append_pair("firm", &asked.firm).append_pair("before", &run.id.0);
        query.finish()
    });
    Ok(page(&ListPage { frame, at, asked, firms, runs, next }))
}
