//! Dead letters: what could not be delivered, tried again or dropped.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{Nothing, OptionalBody, ValidQuery, limit, number_before, page};
use crate::domain::{Action, DeadLetter};
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;

/// Which letters are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LettersQuery {
    /// Of this firm.
    firm: Option<String>,
    /// At most so many, 1 to 200; 50 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next` of an earlier page.
    before: Option<String>,
}

/// A page of letters.
#[derive(Serialize, ToSchema)]
struct Letters {
    letters: Vec<LetterView>,
    /// The `before` of the next page; null on the last.
    next: Option<String>,
}

/// A dead letter.
#[derive(Serialize, ToSchema)]
#[schema(as = DeadLetter)]
struct LetterView {
    letter: i64,
    firm: String,
    /// `note`: a message that could not become a case note. `document`: a document that could not be added to its case.
    kind: String,
    /// The message's or document's id in Case Status.
    subject: String,
    integration_id: Option<String>,
    /// Why it could not be delivered.
    reason: String,
    written_at: String,
    /// When somebody asked that it be tried again, if that was not done yet.
    retried_at: Option<String>,
}

/// What could not be delivered, the latest first.
#[utoipa::path(get, path = "/api/v1/letters", tag = "Letters", operation_id = "list_letters", params(LettersQuery),
    responses((status = 200, description = "The letters.", body = Letters)))]
pub(super) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    ValidQuery(wanted): ValidQuery<LettersQuery>,
) -> Result<Response, Problem> {
    let (limit, before) = (limit(wanted.limit.as_deref())?, number_before(wanted.before.as_deref())?);
    let firm = wanted.firm.as_deref().map(|name| AuthorizedFirm::named(name, &caller)).transpose()?.map(|firm| firm.0);
    let found = app.host.store.letters_before(firm.as_ref(), before, limit + 1).await?;
    let (found, next) = page(found, limit, |letter| letter.id.to_string());
    Ok(Json(Letters { letters: found.iter().map(LetterView::from).collect(), next }).into_response())
}

/// Tries to deliver it again at the next pass. The letter goes away once what it stands for came over.
#[utoipa::path(post, path = "/api/v1/letters/{letter}/retry", tag = "Letters", operation_id = "retry_letter",
    request_body = Option<Nothing>, responses((status = 200, description = "It is tried again.", body = LetterView)))]
pub(super) async fn retry(
    State(app): State<AppState>,
    caller: Caller,
    Path(letter): Path<String>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    take(&app, caller, &letter, true).await
}

/// Leaves it out for good; answers the letter that is gone thereby.
#[utoipa::path(post, path = "/api/v1/letters/{letter}/drop", tag = "Letters", operation_id = "drop_letter",
    request_body = Option<Nothing>, responses((status = 200, description = "It is left out.", body = LetterView)))]
pub(super) async fn drop_it(
    State(app): State<AppState>,
    caller: Caller,
    Path(letter): Path<String>,
    OptionalBody(Nothing {}): OptionalBody<Nothing>,
) -> Result<Response, Problem> {
    take(&app, caller, &letter, false).await
}

async fn take(app: &AppState, caller: Caller, letter: &str, again: bool) -> Result<Response, Problem> {
    let missing = || Problem::not_there("there is no such letter; somebody may have taken it already");
    let number: i64 = letter.parse().map_err(|_| missing())?;
    let letter = app.host.store.letter(number).await?.ok_or_else(missing)?;
    if !app.host.store.take_letter(&letter, again).await? {
        return Err(missing());
    }
    let action = if again { Action::LetterRetried } else { Action::LetterDropped };
    let subject = format!("{} {}", letter.kind.as_str(), letter.subject);
    app.note(caller.who, action, |entry| entry.of_firm(&letter.firm).to(subject)).await?;
    Ok(Json(LetterView::from(&letter)).into_response())
}

impl From<&DeadLetter> for LetterView {
    fn from(letter: &DeadLetter) -> LetterView {
        LetterView {
            letter: letter.id,
            firm: letter.firm.to_string(),
            kind: letter.kind.as_str().to_owned(),
            subject: letter.subject.clone(),
            integration_id: letter.case.map(|case| case.to_string()),
            reason: letter.reason.clone(),
            written_at: letter.written_at.to_string(),
            retried_at: letter.retried_at.map(|at| at.to_string()),
        }
    }
}
