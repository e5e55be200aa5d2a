//! Switching a schedule on or off: an edit of the firm's file, like any other.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::overview::overview;
use crate::domain::{Action, FirmId};
use crate::ruleset::SetError;
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::page;
use crate::web::problem::Problem;
use crate::yaml::KeyPath;

/// The schedules that are switched here.
const SWITCHED: [&str; 4] = ["nightly_sync", "stage_sync", "message_sync", "document_sync"];

/// Where a schedule is switched to.
#[derive(Deserialize)]
pub(super) struct Switch {
    enabled: bool,
}

/// Switches a schedule.
pub(super) async fn put(
    State(app): State<AppState>,
    caller: Caller,
    Path((firm, schedule)): Path<(String, String)>,
    Form(Switch { enabled }): Form<Switch>,
) -> Result<Response, Problem> {
    let firm = FirmId::new(&firm).ok_or_else(Problem::no_firm)?;
    if !SWITCHED.contains(&schedule.as_str()) {
        return Err(Problem::not_there("there is no such schedule"));
    }
    let key = format!("schedule.{schedule}.enabled");
    let changes = vec![(KeyPath::of(&["schedule", &schedule, "enabled"]), enabled.to_string())];
    let (registry, of) = (app.registry.clone(), firm.clone());
    let set = tokio::task::spawn_blocking(move || registry.set(&of, &changes)).await.map_err(|_| Problem::own())?;
    match set {
        Ok(outcome) => {
            app.reloader.look().await;
            if let Some(setting) = outcome.settings.first().filter(|setting| setting.changed) {
                let before = setting.before.as_ref().map(crate::yaml::Value::in_one_line);
                let about = |entry: crate::domain::AuditEntry| entry.of_firm(&firm).to(key).from_to(before, Some(enabled.to_string()));
                app.note(caller.who, Action::FirmSet, about).await?;
            }
            Ok(Redirect::to(&format!("/firms/{firm}")).into_response())
        }
        Err(SetError::Refused { diagnostics, .. }) => {
            let refused = overview(&app, &caller, firm, diagnostics).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&refused)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
