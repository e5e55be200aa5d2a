//! Runs: listed, shown with their rows, and their CSV.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use crate::report::{RunEntry, RunView};
use crate::store::RunFilter;
use crate::web::Served;
use crate::web::caller::{Caller, SeenFirm, SeenRun};
use crate::web::problem::Problem;

/// Runs of a page unless the caller says otherwise.
const USUAL: u32 = 50;

/// At most so many.
const MOST: u32 = 200;

/// Which runs are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    firm: Option<String>,
    limit: Option<String>,
    before: Option<String>,
}

/// The latest runs of the firms that the caller may see. `next` is the `before` of the next page, and null on the last.
pub(super) async fn list(
    State(served): State<Served>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|rejection| Problem::bad(rejection.body_text()))?;
    let limit = limit(asked.limit.as_deref())?;
    let store = &served.host.store;
    let firm = match &asked.firm {
        Some(name) => Some(SeenFirm::named(name, &caller)?.0),
        None => caller.role.firm().cloned(),
    };
    let before = match &asked.before {
        Some(id) => {
            let run = SeenRun::named(id, &caller, &served).await?;
            Some(run.ok_or_else(|| Problem::bad("`before` names no run: it is the `next` of an earlier page"))?.0)
        }
        None => None,
    };
    // One more than asked for shows whether there is another page.
    let mut runs = store.runs_before(&RunFilter { firm: firm.clone(), ..RunFilter::default() }, before.as_ref(), limit + 1).await?;
    let is_there = |firm| served.live.current().firms.contains_key(firm);
    // A firm whose file is gone has runs, and a firm that never ran has a file; one with neither does not exist.
    if runs.is_empty() && before.is_none() && asked.firm.is_some() && !firm.as_ref().is_some_and(is_there) {
        return Err(Problem::no_firm());
    }
    let more = runs.len() > limit as usize;
    runs.truncate(limit as usize);
    let next = runs.last().filter(|_| more).map(|(run, _)| run.id.0.clone());
    let runs: Vec<RunEntry> = runs.iter().map(|(run, counts)| RunEntry::new(run, *counts)).collect();
    Ok(Json(json!({ "runs": runs, "next": next })).into_response())
}

fn limit(asked: Option<&str>) -> Result<u32, Problem> {
    let Some(asked) = asked else { return Ok(USUAL) };
    let limit = asked.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| Problem::bad(format!("`limit` is a whole number from 1 to {MOST}")))
}

/// A run and its rows, as `casebridge runs show --json` prints it.
pub(super) async fn show(State(served): State<Served>, SeenRun(run): SeenRun) -> Result<Response, Problem> {
    let finished = served.host.recorded(&run.id).await?;
    let view = RunView::new(&finished.run, finished.counts, &finished.rows, finished.report.as_deref()).saying(&finished.log);
    Ok(Json(view).into_response())
}
