//! What is done about a run: approved, cancelled, taken back.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Action, RunId};
use crate::sync;
use crate::web::Served;
use crate::web::caller::{Caller, SeenRun};
use crate::web::problem::Problem;

/// Carries out a held run.
pub(super) async fn approve(State(served): State<Served>, caller: Caller, SeenRun(run): SeenRun) -> Result<Response, Problem> {
    let firm = run.firm.clone();
    let id = served.requests.approve(run).await?;
    served.note(caller.who, Action::RunApproved, |entry| entry.of_firm(&firm).to(id.0.as_str())).await?;
    Ok(to(&id))
}

/// Asks a run to stop, or puts a held one away.
pub(super) async fn cancel(State(served): State<Served>, caller: Caller, SeenRun(run): SeenRun) -> Result<Response, Problem> {
    let (firm, id) = (run.firm.clone(), run.id.clone());
    sync::cancel(&served.host.store, run).await?;
    served.note(caller.who, Action::RunCancelled, |entry| entry.of_firm(&firm).to(id.0.as_str())).await?;
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
    State(served): State<Served>,
    caller: Caller,
    SeenRun(run): SeenRun,
    Form(How { dry_run }): Form<How>,
) -> Result<Response, Problem> {
    let (firm, undone) = (run.firm.clone(), run.id.clone());
    let id = served.requests.undo(run, dry_run).await?;
    if !dry_run {
        let about = |entry: crate::domain::AuditEntry| entry.of_firm(&firm).to(undone.0.as_str()).from_to(None, Some(format!("run {id}")));
        served.note(caller.who, Action::RunUndone, about).await?;
    }
    Ok(to(&id))
}

fn to(run: &RunId) -> Response {
    Redirect::to(&format!("/runs/{run}")).into_response()
}
