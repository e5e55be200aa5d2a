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

use super::{Frame, page};
use crate::domain::{Action, Actor, Email, sign_in_address};
use crate::people::{SignInRefused, begin_session, sign_in as let_in};
use crate::web::caller::Caller;
use crate::web::problem::Problem;
use crate::web::{Served, session};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    to: String,
    email: String,
    refusal: Option<String>,
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub(super) struct Wanted {
    to: Option<String>,
}

/// The form, for whoever comes.
pub(super) async fn show(Query(wanted): Query<Wanted>) -> Response {
    let to = within(wanted.to.as_deref()).to_owned();
    page(&SignInPage { frame: Frame::for_strangers(), to, email: String::new(), refusal: None })
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
    State(served): State<Served>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Problem> {
    let Credentials { email: typed, password, to } = credentials;
    let to = within(to.as_deref()).to_owned();
    let origin = origin(peer, &headers);
    // What is no address is nobody's, and is treated as an unknown one.
    let email = sign_in_address(&typed).unwrap_or_else(|| Email::new("-"));
    let user = match let_in(&served.host.store, &email, password, &origin).await {
        Ok(user) => user,
        Err(SignInRefused::Store(error)) => return Err(error.into()),
        Err(refused) => {
            served.note(Actor::User(email), Action::SignInRefused, |entry| entry).await?;
            let wrong = SignInPage { frame: Frame::for_strangers(), to, email: typed, refusal: Some(refused.to_string()) };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&wrong)).into_response());
        }
    };
    let text = begin_session(&served.host.store, &user).await?;
    served.note(Actor::User(user.email), Action::SignedIn, |entry| entry).await?;
    let jar = CookieJar::new().add(session::cookie(&headers, &text));
    Ok((jar, Redirect::to(&to)).into_response())
}

/// Ends the session.
pub(super) async fn sign_out(State(served): State<Served>, caller: Caller, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(hash) = session::hash(&headers) {
        served.host.store.end_session(&hash).await?;
    }
    served.note(caller.who, Action::SignedOut, |entry| entry).await?;
    let jar = CookieJar::new().add(session::no_cookie(&headers));
    Ok((jar, Redirect::to("/sign-in")).into_response())
}

/// Only pages of this host are gone to: a path, and none that a browser takes for another host.
fn within(to: Option<&str>) -> &str {
    let is_within = |to: &&str| to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n', '\t']);
    to.filter(is_within).unwrap_or("/")
}

/// Where a request comes from: behind a proxy on this machine, what it says of the last one before it.
pub(super) fn origin(peer: SocketAddr, headers: &HeaderMap) -> String {
    let address = peer.ip().to_canonical();
    let said = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next());
    match said.map(str::trim).and_then(|said| said.parse::<std::net::IpAddr>().ok()) {
        Some(said) if address.is_loopback() => said.to_canonical().to_string(),
        _ => address.to_string(),
    }
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
