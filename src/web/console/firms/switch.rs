//! *Enable* and *Disable*: whether anything runs for a firm by itself.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::rules::raw::Start;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;
use crate::web::{AppState, enabling};

/// With which message the firm begins; empty where its file says so.
#[derive(Deserialize)]
pub(super) struct Enable {
    #[serde(default)]
    messages: String,
}

/// Why a firm is disabled.
#[derive(Deserialize)]
pub(super) struct Disable {
    reason: String,
}

/// *Enable*.
pub(super) async fn enable(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(Enable { messages }): Form<Enable>,
) -> Result<Response, Problem> {
    let start = [Start::Now, Start::Beginning].into_iter().find(|start| start.as_str() == messages);
    enabling::enable(&app, &caller, &firm, start).await?;
    Ok(Redirect::to(&format!("/firms/{firm}")).into_response())
}

/// *Disable*.
pub(super) async fn disable(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(Disable { reason }): Form<Disable>,
) -> Result<Response, Problem> {
    enabling::disable(&app, &caller, &firm, &reason).await?;
    Ok(Redirect::to(&format!("/firms/{firm}")).into_response())
}
