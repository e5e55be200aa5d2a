//! A script: its text, its faults, and the form that runs it without writing anything.

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::form::{ScriptForm, Wrong};
use super::look::{self, How, Script};
use crate::domain::{Counts, FirmId, Run};
use crate::jobs::RequestError;
use crate::runs::{MigrationMode, RunError};
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// Runs shown.
const RUNS: u32 = 10;

/// Lines shown.
const LINES: usize = 2_000;

#[derive(Template)]
#[template(path = "scripts/show.html")]
struct ScriptPage {
    frame: Layout,
    script: Script,
    /// Each with whether its rules are in use.
    firms: Vec<(FirmId, bool)>,
    typed: ScriptForm,
    wrong: Wrong,
    /// Why nothing was begun.
    refusal: Option<String>,
    /// Whether a file has to be chosen again.
    file_is_lost: bool,
    runs: Vec<(Run, Counts, String)>,
}

impl ScriptPage {
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.script.text.lines()).take(LINES)
    }

    fn has_more_lines(&self) -> bool {
        self.script.text.lines().nth(LINES).is_some()
    }
}

/// The firm that is chosen beforehand.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Beforehand {
    firm: String,
}

/// The script.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Query(Beforehand { firm }): Query<Beforehand>,
) -> Result<Response, Problem> {
    let mut shown = script_page(&app, &caller, &name).await?;
    let only = (shown.firms.len() == 1).then(|| shown.firms[0].0.to_string());
    shown.typed.firm = only.unwrap_or(firm);
    Ok(page(&shown))
}

async fn script_page(app: &AppState, caller: &Caller, name: &str) -> Result<ScriptPage, Problem> {
    let current = app.registry.current();
    Ok(ScriptPage {
        frame: Layout::of(caller, NavItem::Scripts),
        script: look::one(app, name).await?,
        firms: current.firms.iter().map(|(firm, in_use)| (firm.clone(), in_use.rules.is_some())).collect(),
        typed: ScriptForm::default(),
        wrong: Wrong::default(),
        refusal: None,
        file_is_lost: false,
        runs: app.host.store.migration_runs(Some(name), RUNS).await?,
    })
}

/// Begins a run that only says what the script would do, and shows it as it goes.
pub(super) async fn look(
    State(app): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    sent: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let sent = sent.map_err(|_| Problem::bad("send the form of the script's page, as multipart/form-data"))?;
    let typed = ScriptForm::read(sent).await?;
    let (given, script) = (typed.clone(), name.clone());
    let read = tokio::task::spawn_blocking(move || given.task(&script)).await.map_err(|_| Problem::own())?;
    let (firm, task) = match read {
        Ok(read) => read,
        Err(wrong) => {
            let again = ScriptPage { wrong, ..script_page(&app, &caller, &name).await? };
            return Ok(refused(again, typed, StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let AuthorizedFirm(firm) = AuthorizedFirm::named(firm.as_str(), &caller)?;
    match app.requests.migrate(&caller.requester(), &firm, task, MigrationMode::DryRun, None).await {
        Ok(run) => Ok(Redirect::to(&format!("/runs/{run}")).into_response()),
        Err(declined) => {
            let (status, refusal) = said(declined)?;
            let again = ScriptPage { refusal: Some(refusal), ..script_page(&app, &caller, &name).await? };
            Ok(refused(again, typed, status))
        }
    }
}

fn refused(again: ScriptPage, typed: ScriptForm, status: StatusCode) -> Response {
    let (typed, file_is_lost) = typed.again();
    (status, page(&ScriptPage { typed, file_is_lost, ..again })).into_response()
}

/// Why a script was not begun, if that is something to be said at the form; anything else is a page of its own.
pub(in crate::web::console) fn said(declined: RequestError) -> Result<(StatusCode, String), Problem> {
    match declined {
        RequestError::NoRules => Ok((
            StatusCode::CONFLICT,
            "the firm has no rules in use: its file is gone or has faults, which the firm's rules page shows".to_owned(),
        )),
        RequestError::Changed(_) => Ok((StatusCode::CONFLICT, declined.to_string())),
        RequestError::Sync(RunError::Busy { .. }) => {
            Ok((StatusCode::CONFLICT, "another run of this firm is under way; wait for its end, or cancel it on its page".to_owned()))
        }
        RequestError::FaultyScript(faults) | RequestError::Sync(RunError::FaultyScript(faults)) => {
            let text_of_faults = faults.iter().fold("the script has faults".to_owned(), |text, fault| format!("{text}\n{fault}"));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, text_of_faults))
        }
        other => Err(other.into()),
    }
}
