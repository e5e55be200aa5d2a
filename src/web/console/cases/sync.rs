//! Sync with CasePeer: all cases, after a look at what that would change, or one.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{said, typed_case};
use crate::domain::{FirmId, Run};
use crate::jobs::RequestError;
use crate::runs::RunError;
use crate::settings::address;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "cases/sync.html")]
struct SyncPage {
    frame: Layout,
    firm: String,
    mail_to: String,
    case: String,
    refusal: Option<(Part, String)>,
    last: Option<Run>,
}

/// Which of the two forms a refusal is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    One,
}

/// Both forms.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    Ok(page(&sync_page(&app, &caller, &firm).await?))
}

async fn sync_page(app: &AppState, caller: &Caller, firm: &FirmId) -> Result<SyncPage, Problem> {
    let firm_status = app.host.store.firm_statuses(&[firm]).await?.remove(firm).unwrap_or_default();
    Ok(SyncPage {
        frame: Layout::about(caller, firm, app, NavItem::Sync),
        firm: firm.to_string(),
        mail_to: caller.who.name().to_owned(),
        case: String::new(),
        refusal: None,
        last: firm_status.last_sync,
    })
}

/// What a sync of all cases is asked for with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AllCases {
    mail_to: String,
}

/// Begins a sync of all cases, and shows it as it goes.
pub(super) async fn all(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(asked): Form<AllCases>,
) -> Result<Response, Problem> {
    let mail_to = match asked.mail_to.trim() {
        "" => Vec::new(),
        text => {
            let Ok(address) = address(text) else {
                let refusal = Some((Part::All, "write one e-mail address, or none".to_owned()));
                let again = SyncPage { mail_to: asked.mail_to, refusal, ..sync_page(&app, &caller, &firm).await? };
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response());
            };
            vec![address]
        }
    };
    match app.requests.sync(&caller.requester(), &firm, false, &mail_to).await {
        Ok(run) => Ok(Redirect::to(&format!("/runs/{run}")).into_response()),
        Err(declined) => refused(&app, &caller, &firm, Part::All, String::new(), declined).await,
    }
}

/// Begins a look at what a sync of all cases would change.
pub(super) async fn look(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    match app.requests.sync(&caller.requester(), &firm, true, &[]).await {
        Ok(run) => Ok(Redirect::to(&format!("/runs/{run}")).into_response()),
        Err(declined) => refused(&app, &caller, &firm, Part::All, String::new(), declined).await,
    }
}

/// The case to sync.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OneCase {
    case: String,
}

/// Syncs one case, and shows what came of it attribute by attribute.
pub(super) async fn one(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(asked): Form<OneCase>,
) -> Result<Response, Problem> {
    let case = match typed_case(&asked.case) {
        Ok(case) => case,
        Err(refusal) => {
            let again = SyncPage { case: asked.case, refusal: Some((Part::One, refusal)), ..sync_page(&app, &caller, &firm).await? };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response());
        }
    };
    match app.requests.sync_case(&caller.requester(), &firm, case).await {
        Ok(finished) => Ok(Redirect::to(&format!("/firms/{firm}/cases/{case}?run={}", finished.run.id)).into_response()),
        Err(declined) => refused(&app, &caller, &firm, Part::One, asked.case, declined).await,
    }
}

async fn refused(
    app: &AppState,
    caller: &Caller,
    firm: &FirmId,
    part: Part,
    case: String,
    declined: RequestError,
) -> Result<Response, Problem> {
    let refusal = match declined {
        RequestError::Sync(RunError::Busy { .. }) => "another run of this firm is under way; wait for its end".to_owned(),
        other => said(other)?,
    };
    let again = SyncPage { case, refusal: Some((part, refusal)), ..sync_page(app, caller, firm).await? };
    Ok((StatusCode::CONFLICT, page(&again)).into_response())
}
