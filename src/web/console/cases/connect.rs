//! Connect to Case Status: a case is found, what will be pushed is shown with every problem, and confirmed.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{said, typed_case};
use crate::domain::{CaseId, Effect, Email, FixBy, NewCase};
use crate::runs::ConnectPreview;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "cases/connect.html")]
struct ConnectPage {
    frame: Layout,
    firm: String,
    typed: String,
    refusal: Option<String>,
    found: Option<Found>,
}

/// A case that was found, and what connecting it comes to.
struct Found {
    case: CaseId,
    readable_id: String,
    client: String,
    /// What goes to Case Status, line by line; nothing where it cannot be created.
    pushed: Vec<(&'static str, String)>,
    /// Whether *Confirm* does something.
    can_confirm: bool,
    /// What is to be said about it as a whole.
    summary: String,
    problems: Vec<(String, Option<String>, &'static str)>,
}

/// The case that is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ConnectQuery {
    case: String,
}

/// The form, and what connecting the case comes to that is asked for.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Query(asked): Query<ConnectQuery>,
) -> Result<Response, Problem> {
    let frame = Layout::about(&caller, &firm, &app, NavItem::Connect);
    let mut shown = ConnectPage { frame, firm: firm.to_string(), typed: asked.case, refusal: None, found: None };
    if shown.typed.trim().is_empty() {
        return Ok(page(&shown));
    }
    match typed_case(&shown.typed) {
        Err(refusal) => shown.refusal = Some(refusal),
        Ok(case) => match app.requests.preview_connect(&firm, case).await {
            Ok(preview) => shown.found = Some(found(preview)),
            Err(declined) => shown.refusal = Some(said(declined)?),
        },
    }
    let status = if shown.refusal.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&shown)).into_response())
}

fn found(preview: ConnectPreview) -> Found {
    let ConnectPreview { planned, stage_name } = preview;
    let (pushed, summary) = match &planned.effect {
        Some(Effect::CreateCase(case)) => (pushed(case, stage_name.as_deref()), "It can be connected.".to_owned()),
        Some(_) => (Vec::new(), "Case Status has this case already; confirming marks it as connected in CASEpeer.".to_owned()),
        None if planned.notes.is_empty() => {
            let reason = planned.row.reason.clone().unwrap_or_else(|| "there is nothing to do".to_owned());
            (Vec::new(), format!("{}.", capitalised(&reason)))
        }
        None => (Vec::new(), "It cannot be connected yet.".to_owned()),
    };
    let problem = |note: &crate::domain::Note| {
        let by = match note.fix_by {
            Some(FixBy::Firm) => "The firm's staff can put it right, in CASEpeer or Case Status",
            Some(FixBy::Support) => "Your integration support can put it right, in the rules",
            None => "",
        };
        (capitalised(&note.text), note.rule.as_ref().map(ToString::to_string), by)
    };
    Found {
        case: planned.case,
        readable_id: planned.row.readable_id.to_string(),
        client: planned.row.client.to_string(),
        pushed,
        can_confirm: planned.effect.is_some(),
        summary,
        problems: planned.notes.iter().map(problem).collect(),
    }
}

fn pushed(case: &NewCase, stage_name: Option<&str>) -> Vec<(&'static str, String)> {
    let people = |emails: &[Email]| {
        if emails.is_empty() { "nobody".to_owned() } else { emails.iter().map(Email::as_str).collect::<Vec<_>>().join(", ") }
    };
    let none = || "none".to_owned();
    let stage = stage_name.map_or_else(|| case.stage.to_string(), |name| format!("{} · {name}", case.stage));
    vec![
        ("Client", format!("{} {}", case.first_name, case.last_name)),
        ("Cell phone", case.phone.clone().unwrap_or_else(none)),
        ("E-mail", case.client_email.as_deref().map_or_else(none, str::to_owned)),
        ("Case number", case.readable_id.to_string()),
        ("Practice area", case.practice_area.to_string()),
        ("Stage", stage),
        ("Primary attorney", case.primary_attorney.to_string()),
        ("Additional attorneys", people(&case.additional_attorneys)),
        ("Paralegals", people(&case.paralegals)),
        ("Case date", case.case_date.map_or_else(none, |date| date.to_string())),
        ("Description", case.description.as_deref().map_or_else(none, str::to_owned)),
    ]
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Connects the case, and shows the run of it.
pub(super) async fn confirm(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(asked): Form<ConnectQuery>,
) -> Result<Response, Problem> {
    let case = typed_case(&asked.case).map_err(Problem::unprocessable)?;
    let finished = app.requests.connect(&caller.requester(), &firm, case).await?;
    Ok(Redirect::to(&format!("/runs/{}", finished.run.id)).into_response())
}
