//! Signing in and out.

use std::net::SocketAddr;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use secrecy::SecretString;
use serde::Deserialize;

use super::{Layout, page};
use crate::auth::{SignInRefused, sign_in as let_in};
use crate::domain::{Action, Actor, Email, sign_in_address};
use crate::web::caller::Caller;
use crate::web::origin::origin;
use crate::web::problem::Problem;
use crate::web::{AppState, session};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Layout,
    to: String,
    email: String,
    refusal: Option<String>,
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub(super) struct SignInQuery {
    to: Option<String>,
}

/// The form, for whoever comes.
pub(super) async fn show(Query(wanted): Query<SignInQuery>) -> Response {
    let to = within(wanted.to.as_deref()).to_owned();
    page(&SignInPage { frame: Layout::for_strangers(), to, email: String::new(), refusal: None })
}

/// The form, filled in.
#[derive(Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: SecretString,
    to: Option<String>,
}

/// Lets somebody in, and sends them where they wanted to go.
pub(super) async fn sign_in(
    State(app): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Problem> {
    let Credentials { email: typed, password, to } = credentials;
    let to = within(to.as_deref()).to_owned();
    let origin = origin(peer, &headers, &app.trusted_proxies);
    // What is no address is nobody's, and is treated as an unknown one.
    let email = sign_in_address(&typed).unwrap_or_else(|| Email::new("-"));
    let store = &app.host.store;
    let begun = async {
        let signed_in = let_in(store, &email, password, &origin).await?;
        let text = signed_in.begin_session(store, &origin).await?;
        Ok::<_, SignInRefused>((signed_in.user, text))
    };
    let (user, text) = match begun.await {
        Ok(begun) => begun,
        Err(SignInRefused::Store(error)) => return Err(error.into()),
        Err(refused) => {
            // Who is made to wait is told so and no more: a stranger must not fill the log.
            if matches!(refused, SignInRefused::Wrong | SignInRefused::Used) {
                app.note(Actor::User(email), Action::SignInRefused, |entry| entry).await?;
            }
            let status =
                if matches!(refused, SignInRefused::Busy) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::UNPROCESSABLE_ENTITY };
            let wrong = SignInPage { frame: Layout::for_strangers(), to, email: typed, refusal: Some(refused.to_string()) };
            return Ok((status, page(&wrong)).into_response());
        }
    };
    // Whoever had this browser's session before has signed in anew, or is somebody else.
    if let Some(before) = session::hash(&headers) {
        store.end_session(&before).await?;
    }
    app.note(Actor::User(user.email), Action::SignedIn, |entry| entry).await?;
    let jar = CookieJar::new().add(session::cookie(&headers, &text));
    Ok((jar, Redirect::to(&to)).into_response())
}

/// Ends the session.
pub(super) async fn sign_out(State(app): State<AppState>, caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(hash) = session::hash(&headers) {
        app.host.store.end_session(&hash).await?;
    }
    app.note(caller.who, Action::SignedOut, |entry| entry).await?;
    let jar = CookieJar::new().add(session::no_cookie(&headers));
    Ok((jar, Redirect::to("/sign-in")).into_response())
}

/// Only pages of this host are gone to: a path, and none that a browser takes for another host.
fn within(to: Option<&str>) -> &str {
    let is_within = |to: &&str| to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n', '\t']);
    to.filter(is_within).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_host() {
        assert_eq!(within(Some("/firms/hartwell?case=48213")), "/firms/hartwell?case=48213");
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/\t/evil.example"] {
            assert_eq!(within(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(within(None), "/");
    }
}
