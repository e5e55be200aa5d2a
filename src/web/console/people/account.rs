//! One's own account: another password, and an end of every session.

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::net::SocketAddr;

use super::role_form::in_words;
use crate::auth::{Password, SignInRefused, compare_password};
use crate::domain::{Action, Actor, Email};
use crate::store::OpenSession;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::origin::origin;
use crate::web::problem::Problem;
use crate::web::{AppState, session};

#[derive(Template)]
#[template(path = "people/account.html")]
struct AccountPage {
    frame: Layout,
    role: String,
    refusal: Option<String>,
    sessions: Vec<OpenSession>,
    /// What is kept of the session by which the page is read.
    current: String,
    /// Whether the password was changed just now.
    changed: bool,
    /// Whether the password was for one sign-in, so that another one has to be chosen first.
    one_time: bool,
}

/// What an address says of what was done just before.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    changed: bool,
}

/// The account.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Query(done): Query<Done>,
) -> Result<Response, Problem> {
    Ok(page(&AccountPage { changed: done.changed, ..account_page(&app, &caller, &headers, None).await? }))
}

async fn account_page(app: &AppState, caller: &Caller, headers: &HeaderMap, refusal: Option<String>) -> Result<AccountPage, Problem> {
    let sessions = app.host.store.sessions(&own(caller)?, Timestamp::now()).await?;
    let current = session::hash(headers).map(|hash| hash.as_str().to_owned()).unwrap_or_default();
    let (frame, role) = (Layout::of(caller, NavItem::Account), in_words(&caller.role));
    Ok(AccountPage { frame, role, refusal, sessions, current, changed: false, one_time: caller.has_one_time_password })
}

/// Ends one session of one's own.
pub(super) async fn end_session(State(app): State<AppState>, caller: Caller, Path(session): Path<String>) -> Result<Response, Problem> {
    let email = own(&caller)?;
    if app.host.store.end_session_of(&email, &session).await? {
        app.note(caller.who, Action::SessionEnded, |entry| entry.to(email.as_str())).await?;
    }
    Ok(Redirect::to("/account").into_response())
}

/// A form that changes one's own password.
#[derive(Deserialize)]
pub(super) struct ChangePasswordForm {
    current: SecretString,
    password: SecretString,
    again: SecretString,
}

/// Changes one's own password; every other session ends.
pub(super) async fn put_password(
    State(app): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    caller: Caller,
    headers: HeaderMap,
    Form(form): Form<ChangePasswordForm>,
) -> Result<Response, Problem> {
    let email = own(&caller)?;
    let ChangePasswordForm { current, password, again } = form;
    let store = &app.host.store;
    let from = origin(peer, &headers, &app.trusted_proxies);
    let refused = if password.expose_secret() == current.expose_secret() {
        "the new password is the current one".to_owned()
    } else if password.expose_secret() == again.expose_secret() {
        match Password::new(password, email.folded()) {
            Err(weak) => weak.to_string(),
            Ok(password) => match compare_password(store, &email, current, &from).await {
                Err(SignInRefused::Store(error)) => return Err(error.into()),
                Err(SignInRefused::Wrong) => "the current password is not right".to_owned(),
                Err(wait) => wait.to_string(),
                Ok(signed_in) => {
                    let changed = signed_in.change_password(store, password).await?;
                    let Some(signed_in) = changed else { return Ok(Redirect::to("/sign-in").into_response()) };
                    app.note(caller.who, Action::PasswordSet, |entry| entry.to(email.as_str())).await?;
                    let Ok(text) = signed_in.begin_session(store, &from).await else { return Ok(Redirect::to("/sign-in").into_response()) };
                    let jar = CookieJar::new().add(session::cookie(&headers, &text));
                    return Ok((jar, Redirect::to("/account?changed=true")).into_response());
                }
            },
        }
    } else {
        "the new password was not typed the same twice".to_owned()
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&account_page(&app, &caller, &headers, Some(refused)).await?)).into_response())
}

/// Ends every session, this one too.
pub(super) async fn sign_out_everywhere(State(app): State<AppState>, caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    let email = own(&caller)?;
    app.host.store.end_sessions(&email).await?;
    app.note(caller.who, Action::SignedOutEverywhere, |entry| entry.to(email.as_str())).await?;
    let jar = CookieJar::new().add(session::no_cookie(&headers));
    Ok((jar, Redirect::to("/sign-in")).into_response())
}

fn own(caller: &Caller) -> Result<Email, Problem> {
    match &caller.who {
        Actor::User(email) => Ok(email.clone()),
        _ => Err(Problem::not_yours()),
    }
}
