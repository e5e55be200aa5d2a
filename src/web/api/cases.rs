//! Cases: all of a firm's synced, one synced, connected, explained.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{NamedCase, Nothing, OptionalBody};
use super::runs::{begun, shown};
use super::schemas::RunStarted;
use crate::domain::{Effect, Email, FixBy, NewCase, RowResult};
use crate::report::RunView;
use crate::runs::{ConnectPreview, Explanation};
use crate::settings::address;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;

/// The most addresses that a CSV is mailed to.
const MOST_READERS: usize = 20;

/// How all cases are synced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Sync {
    /// Whether it only says what it would write.
    dry_run: bool,
    /// E-mail addresses to which the CSV goes at its end, 20 at most.
    mail_to: Vec<String>,
}

/// Begins a sync of all of the firm's cases.
#[utoipa::path(post, path = "/api/v1/firms/{firm}/sync", tag = "Cases", operation_id = "sync_firm", request_body = Option<Sync>,
    responses((status = 202, description = "The run is queued.", body = RunStarted)))]
pub(super) async fn sync(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    OptionalBody(Sync { dry_run, mail_to }): OptionalBody<Sync>,
) -> Result<Response, Problem> {
    if mail_to.len() > MOST_READERS {
        return Err(Problem::unprocessable(format!("`mail_to` has more than {MOST_READERS} addresses")));
    }
    let read =
        |text: &String| address(text).map_err(|help| Problem::unprocessable(format!("`mail_to` has what is no e-mail address: {help}")));
    let mail_to = mail_to.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let id = app.requests.sync(&caller.requester(), &firm, dry_run, &mail_to).await?;
    Ok(begun(id.0))
}

/// Syncs one case, to its end.
#[utoipa::path(post, path = "/api/v1/firms/{firm}/cases/{id}/sync", tag = "Cases", operation_id = "sync_case",
    request_body = Option<Nothing>, responses((status = 200, description = "The run.", body = RunView)))]
pub(super) async fn sync_one(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    NamedCase(case): NamedCase,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    let finished = app.requests.sync_case(&caller.requester(), &firm, case).await?;
    Ok(shown(&finished))
}

/// How each attribute of a case came to be: what both sides have, the rule's file and line, and what a sync does with it.
#[utoipa::path(get, path = "/api/v1/firms/{firm}/cases/{id}", tag = "Cases", operation_id = "explain_case",
    responses((status = 200, description = "The case, explained.", body = Explanation)))]
pub(super) async fn explain(
    State(app): State<AppState>,
    AuthorizedFirm(firm): AuthorizedFirm,
    NamedCase(case): NamedCase,
) -> Result<Response, Problem> {
    Ok(Json(app.requests.explain(&firm, case).await?).into_response())
}

/// What connecting a case would push, and everything that stands in the way. Writes nothing.
#[utoipa::path(get, path = "/api/v1/firms/{firm}/cases/{id}/connect", tag = "Cases", operation_id = "preview_connect",
    responses((status = 200, description = "The preview.", body = Preview)))]
pub(super) async fn preview(
    State(app): State<AppState>,
    AuthorizedFirm(firm): AuthorizedFirm,
    NamedCase(case): NamedCase,
) -> Result<Response, Problem> {
    let preview = app.requests.preview_connect(&firm, case).await?;
    Ok(Json(Preview::of(&preview)).into_response())
}

/// Connects a case: creates it in Case Status and marks it in CASEpeer, to its end. What is there already is not created again.
#[utoipa::path(post, path = "/api/v1/firms/{firm}/cases/{id}/connect", tag = "Cases", operation_id = "connect_case",
    request_body = Option<Nothing>, responses((status = 200, description = "The run.", body = RunView)))]
pub(super) async fn connect(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    NamedCase(case): NamedCase,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    let finished = app.requests.connect(&caller.requester(), &firm, case).await?;
    Ok(shown(&finished))
}

/// What connecting a case comes to.
#[derive(Serialize, ToSchema)]
#[schema(as = ConnectPreview)]
struct Preview<'a> {
    integration_id: &'a str,
    readable_id: &'a str,
    client: &'a str,
    /// `create`: the case is created in Case Status. `mark_connected`: it is there, and CASEpeer is told so. `none`: nothing is done.
    action: &'static str,
    /// What goes to Case Status; null where nothing does.
    push: Option<Push<'a>>,
    /// Everything that stands in the way, or that somebody should know.
    problems: Vec<ConnectProblem>,
    /// Why nothing is done, where no problem says so.
    reason: Option<&'a str>,
}

/// What goes to Case Status.
#[derive(Serialize, ToSchema)]
struct Push<'a> {
    practice_area: &'a str,
    stage: u8,
    /// What Case Status calls the stage.
    stage_name: Option<&'a str>,
    primary_attorney_email: &'a str,
    additional_attorney_emails: Vec<&'a str>,
    paralegal_emails: Vec<&'a str>,
    description: Option<&'a str>,
    case_date: Option<String>,
    client: Client<'a>,
}

/// The client as Case Status gets to know them.
#[derive(Serialize, ToSchema)]
struct Client<'a> {
    first_name: &'a str,
    last_name: &'a str,
    phone: Option<&'a str>,
    email: Option<&'a str>,
}

/// Something that stands in the way, or that somebody should know.
#[derive(Serialize, ToSchema)]
struct ConnectProblem {
    /// One sentence.
    text: String,
    /// The rule behind it: `rules/hartwell.yaml:12`.
    rule: Option<String>,
    /// Who can put it right: `firm` or `support`.
    fix_by: Option<&'static str>,
}

impl<'a> Preview<'a> {
    fn of(preview: &'a ConnectPreview) -> Preview<'a> {
        let (planned, row) = (&preview.planned, &preview.planned.row);
        let (action, push) = match &planned.effect {
            Some(Effect::CreateCase(case)) => ("create", Some(Push::of(case, preview.stage_name.as_deref()))),
            Some(_) => ("mark_connected", None),
            None => ("none", None),
        };
        let mut problems: Vec<ConnectProblem> = planned
            .notes
            .iter()
            .map(|note| ConnectProblem {
                text: note.text.clone(),
                rule: note.rule.as_ref().map(ToString::to_string),
                fix_by: note.fix_by.map(FixBy::as_str),
            })
            .collect();
        if let (true, RowResult::Failed, Some(reason)) = (problems.is_empty(), row.result, &row.reason) {
            problems.push(ConnectProblem { text: reason.clone(), rule: row.rule.clone(), fix_by: row.fix_by.map(FixBy::as_str) });
        }
        Preview {
            integration_id: &row.integration_id,
            readable_id: &row.readable_id,
            client: &row.client,
            action,
            push,
            reason: row.reason.as_deref().filter(|_| problems.is_empty()),
            problems,
        }
    }
}

impl<'a> Push<'a> {
    fn of(case: &'a NewCase, stage_name: Option<&'a str>) -> Push<'a> {
        let emails = |emails: &'a [Email]| emails.iter().map(Email::as_str).collect();
        Push {
            practice_area: case.practice_area.as_str(),
            stage: case.stage.number(),
            stage_name,
            primary_attorney_email: case.primary_attorney.as_str(),
            additional_attorney_emails: emails(&case.additional_attorneys),
            paralegal_emails: emails(&case.paralegals),
            description: case.description.as_deref(),
            case_date: case.case_date.map(|date| date.to_string()),
            client: Client {
                first_name: &case.first_name,
                last_name: &case.last_name,
                phone: case.phone.as_deref(),
                email: case.client_email.as_deref(),
            },
        }
    }
}
