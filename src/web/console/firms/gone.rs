//! *They are gone*: firms whose files went with many others are to stop.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Action, FirmId};
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// The firms that were looked at.
#[derive(Deserialize)]
pub(super) struct Gone {
    firms: String,
}

/// *They are gone*.
pub(super) async fn remove(State(app): State<AppState>, caller: Caller, Form(Gone { firms }): Form<Gone>) -> Result<Response, Problem> {
    let current = app.registry.current();
    let firms: Vec<FirmId> = current.gone().filter(|firm| firms.split(' ').any(|shown| shown == firm.as_str())).cloned().collect();
    for firm in &firms {
        app.host.store.remove_firm(firm).await?;
        app.note(caller.who.clone(), Action::FirmRemoved, |entry| entry.of_firm(firm)).await?;
    }
    app.registry.remove(firms);
    app.reloader.look().await;
    Ok(Redirect::to("/").into_response())
}
