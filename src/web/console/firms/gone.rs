//! *They are gone*: firms whose files went with many others are to stop.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::domain::{Action, FirmId};
use crate::web::Served;
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// The firms that were looked at.
#[derive(Deserialize)]
pub(super) struct Gone {
    firms: String,
}

/// *They are gone*.
pub(super) async fn remove(State(served): State<Served>, caller: Caller, Form(Gone { firms }): Form<Gone>) -> Result<Response, Problem> {
    let current = served.live.current();
    let firms: Vec<FirmId> = current.gone().filter(|firm| firms.split(' ').any(|shown| shown == firm.as_str())).cloned().collect();
    for firm in &firms {
        served.host.store.remove_firm(firm).await?;
        served.note(caller.who.clone(), Action::FirmRemoved, |entry| entry.of_firm(firm)).await?;
    }
    served.live.remove(firms);
    served.keeper.look().await;
    Ok(Redirect::to("/").into_response())
}
