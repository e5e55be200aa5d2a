//! Dead letters: what could not be delivered, tried again or dropped.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{Layout, NavItem, page};
use crate::domain::{Action, DeadLetter};
use crate::web::AppState;
use crate::web::access::{Access, Routes};
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// Letters of the page, the oldest first; once some are gone, others follow.
const A_PAGE: usize = 200;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/letters", Access::Support, show).post("/letters/{letter}/retry", Access::Support, retry).post(
        "/letters/{letter}/drop",
        Access::Support,
        drop_it,
    )
}

#[derive(Template)]
#[template(path = "letters.html")]
struct LettersPage {
    frame: Layout,
    letters: Vec<DeadLetter>,
    total: usize,
}

/// All of them.
pub(super) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let mut letters = app.host.store.letters(None).await?;
    let total = letters.len();
    letters.truncate(A_PAGE);
    Ok(page(&LettersPage { frame: Layout::of(&caller, NavItem::Letters), letters, total }))
}

/// Tries one again at the next pass.
pub(super) async fn retry(State(app): State<AppState>, caller: Caller, Path(letter): Path<String>) -> Result<Response, Problem> {
    take(&app, caller, &letter, true).await
}

/// Drops one for good.
pub(super) async fn drop_it(State(app): State<AppState>, caller: Caller, Path(letter): Path<String>) -> Result<Response, Problem> {
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
    Ok(Redirect::to("/letters").into_response())
}
