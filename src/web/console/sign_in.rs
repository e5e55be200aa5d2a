//! Signing in and out.

use std::net::{IpAddr, SocketAddr};

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
use crate::people::{SignInRefused, sign_in as let_in};
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
    let store = &served.host.store;
    let begun = async {
        let signed_in = let_in(store, &email, password, &origin).await?;
        let text = signed_in.begin_session(store).await?;
        Ok::<_, SignInRefused>((signed_in.user, text))
    };
    let (user, text) = match begun.await {
        Ok(begun) => begun,
        Err(SignInRefused::Store(error)) => return Err(error.into()),
        Err(refused) => {
            // Who is made to wait is told so and no more: a stranger must not fill the log.
            if matches!(refused, SignInRefused::Wrong) {
                served.note(Actor::User(email), Action::SignInRefused, |entry| entry).await?;
            }
            let status =
                if matches!(refused, SignInRefused::Busy) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::UNPROCESSABLE_ENTITY };
            let wrong = SignInPage { frame: Frame::for_strangers(), to, email: typed, refusal: Some(refused.to_string()) };
            return Ok((status, page(&wrong)).into_response());
        }
    };
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
    // What a client says of itself stands before what the proxy adds, on lines of its own or on the same.
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let said = last.and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next());
    match said.map(str::trim).and_then(|said| said.parse::<IpAddr>().ok()) {
        Some(said) if address.is_loopback() => network(said.to_canonical()),
        _ => network(address),
    }
}

/// An address, or of IPv6 the network of which one customer has all addresses.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn an_origin_is_what_the_proxy_on_this_machine_says_last() {
        let headers = |lines: &[&'static str]| {
            lines.iter().map(|line| (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static(line))).collect::<HeaderMap>()
        };
        let proxy: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        assert_eq!(origin(proxy, &headers(&["192.0.2.9, 198.51.100.7"])), "198.51.100.7");
        assert_eq!(origin(proxy, &headers(&["192.0.2.9", "198.51.100.7"])), "198.51.100.7");
        assert_eq!(origin(proxy, &headers(&["2001:db8:1:2:3:4:5:6"])), "2001:db8:1:2::/64");
        assert_eq!(origin("203.0.113.5:4711".parse().unwrap(), &headers(&["192.0.2.9"])), "203.0.113.5");
    }

    #[test]
    fn nobody_is_sent_to_another_host() {
        assert_eq!(within(Some("/firms/hartwell?case=48213")), "/firms/hartwell?case=48213");
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/\t/evil.example"] {
            assert_eq!(within(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(within(None), "/");
    }
}
