//! What is done about a run: approved, cancelled, taken back; and of a script that was looked at, done for real.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::show::{RunPageQuery, can_be_applied, run_page};
use crate::domain::RunId;
use crate::runs::MigrationMode;
use crate::web::AppState;
use crate::web::caller::{AuthorizedRun, Caller};
use crate::web::console::{page, scripts};
use crate::web::problem::Problem;

/// Carries out a held run.
pub(super) async fn approve(State(app): State<AppState>, caller: Caller, AuthorizedRun(run): AuthorizedRun) -> Result<Response, Problem> {
    Ok(to(&app.requests.approve(&caller.requester(), run).await?))
}

/// Asks a run to stop, or puts a held one away.
pub(super) async fn cancel(State(app): State<AppState>, caller: Caller, AuthorizedRun(run): AuthorizedRun) -> Result<Response, Problem> {
    let id = run.id.clone();
    app.requests.cancel(&caller.requester(), run).await?;
    Ok(to(&id))
}

/// Whether an undo only says what it would restore.
#[derive(Deserialize)]
pub(super) struct How {
    #[serde(default)]
    dry_run: bool,
}

/// Takes a run back.
pub(super) async fn undo(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedRun(run): AuthorizedRun,
    Form(How { dry_run }): Form<How>,
) -> Result<Response, Problem> {
    Ok(to(&app.requests.undo(&caller.requester(), &run, dry_run).await?))
}

/// Whether a script begins anew although it was cut off.
#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    afresh: bool,
}

/// Does for real what a look at a script said.
pub(super) async fn apply(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedRun(run): AuthorizedRun,
    Form(From { afresh }): Form<From>,
) -> Result<Response, Problem> {
    if !can_be_applied(&run) {
        return Err(Problem::conflict("only a dry run of a script that came to its end can be done for real"));
    }
    let task = app.host.store.migration(&run.id).await?;
    let task = task.ok_or_else(|| Problem::conflict("the arguments of this run are no longer stored"))?;
    let firm = run.firm.clone();
    let apply = if afresh { MigrationMode::Restart } else { MigrationMode::Resume };
    let store = &app.host.store;
    // Of two who do it for real, or of two clicks, one does: messages would go out twice. What was cut off is gone on with.
    let is_first = store.apply_migration(&run.id).await?;
    if !is_first && !afresh && store.unfinished_of(&task.hash).await?.is_none() {
        let mut again = run_page(&app, &caller, run, RunPageQuery::default()).await?;
        again.refusal = Some("this was done for real already; look at the script again, and apply that".to_owned());
        return Ok((StatusCode::CONFLICT, page(&again)).into_response());
    }
    let began = app.requests.migrate(&caller.requester(), &firm, task, apply, Some(&run)).await;
    if is_first && began.is_err() {
        store.unapply_migration(&run.id).await?;
    }
    match began {
        Ok(id) => Ok(to(&id)),
        Err(declined) => {
            let (status, refusal) = scripts::said(declined)?;
            let mut again = run_page(&app, &caller, run, RunPageQuery::default()).await?;
            again.refusal = Some(refusal);
            Ok((status, page(&again)).into_response())
        }
    }
}

fn to(run: &RunId) -> Response {
    Redirect::to(&format!("/runs/{run}")).into_response()
}
