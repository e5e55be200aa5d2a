//! The end of the set-up: both keys are proved once more, schedules are switched on, and whoever set the firm up is told.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Step;
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, Actor, FirmId};
use crate::rules::raw::Start;
use crate::ruleset::SetError;
use crate::settings::address;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::cases::said;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;
use crate::web::{AppState, enabling};
use crate::yaml::KeyPath;

/// The schedules that are switched on here; scripts are in the file alone.
const SCHEDULES: [&str; 4] = ["nightly_sync", "stage_sync", "message_sync", "document_sync"];

#[derive(Template)]
#[template(path = "onboarding/enable.html")]
struct EnablePage {
    frame: Layout,
    firm: FirmId,
    step: Step,
    refusal: Option<String>,
    faults: Vec<Diagnostic>,
    schedules: [(&'static str, &'static str, bool); 4],
    /// Whether it has to be said here with which message the firm begins.
    wants_message_start: bool,
}

/// What can be switched on.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    Ok(page(&enable_page(&app, &caller, firm)?))
}

fn enable_page(app: &AppState, caller: &Caller, firm: FirmId) -> Result<EnablePage, Problem> {
    let current = app.registry.current();
    let in_use = current.firms.get(&firm).ok_or_else(Problem::no_firm)?;
    let schedule = in_use.rules.as_ref().map(|rules| &rules.schedule);
    // Of a firm whose schedules are all off, nobody has chosen yet.
    let enabled = schedule.map(|all| [&all.nightly_sync, &all.stage_sync, &all.message_sync, &all.document_sync].map(|one| one.enabled));
    let [nightly, stages, messages, documents] = enabled.filter(|enabled| enabled.contains(&true)).unwrap_or([true; 4]);
    Ok(EnablePage {
        frame: Layout::about(caller, &firm, app, NavItem::SetUp),
        step: Step::Enable,
        refusal: None,
        wants_message_start: in_use.rules.as_ref().is_some_and(|rules| !rules.says_where_messages_start()),
        faults: if in_use.rules.is_none() { in_use.diagnostics.clone() } else { Vec::new() },
        schedules: [
            ("nightly_sync", "Nightly sync: every connected case is made to match CASEpeer", nightly),
            ("stage_sync", "Stage changes within minutes", stages),
            ("message_sync", "Messages, both ways", messages),
            ("document_sync", "Documents from Case Status, nightly", documents),
        ],
        firm,
    })
}

/// *Enable*.
pub(super) async fn enable(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(chosen): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let refusal = match app.requests.check_credentials(&firm).await {
        Ok(proof) => proof.casepeer.err().or(proof.case_status.err()).map(|failure| format!("a key is not proved: {failure}")),
        Err(declined) => Some(said(declined)?),
    };
    if let Some(refusal) = refusal {
        let again = EnablePage { refusal: Some(refusal), ..enable_page(&app, &caller, firm)? };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response());
    }
    let wanted = SCHEDULES.map(|schedule| (schedule, chosen.contains_key(schedule)));
    let changes: Vec<(KeyPath, String)> =
        wanted.iter().map(|(schedule, on)| (KeyPath::of(&["schedule", schedule, "enabled"]), on.to_string())).collect();
    let start = [Start::Now, Start::Beginning].into_iter().find(|start| chosen.get("messages").is_some_and(|said| said == start.as_str()));
    let (registry, of) = (app.registry.clone(), firm.clone());
    let set = tokio::task::spawn_blocking(move || registry.set(&of, &changes)).await.map_err(|_| Problem::own())?;
    match set {
        Ok(_) => {
            app.reloader.look().await;
            let on: Vec<&str> = wanted.iter().filter(|(_, on)| *on).map(|(schedule, _)| *schedule).collect();
            let who = match &caller.who {
                Actor::User(email) => address(email.as_str()).ok(),
                _ => None,
            };
            let about = |entry: crate::domain::AuditEntry| entry.of_firm(&firm).to("schedule").from_to(None, Some(on.join(", ")));
            app.note(caller.who.clone(), Action::FirmSet, about).await?;
            enabling::enable(&app, &caller, &firm, start).await?;
            app.requests.tell_set_up(&firm, who)?;
            Ok(Redirect::to(&format!("/firms/{firm}")).into_response())
        }
        Err(SetError::Refused { diagnostics, .. }) => {
            let refusal = Some("the file would not be in order".to_owned());
            let again = EnablePage { refusal, faults: diagnostics, ..enable_page(&app, &caller, firm)? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
