//! The session of somebody who uses the console: a cookie that a browser keeps and shows to this host alone.

use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use super::AppState;
use super::caller::Caller;
use super::problem::Problem;
use jiff::Timestamp;

use crate::domain::{Actor, PasswordUse, Session, TokenHash, TokenText};

/// Over plain HTTP, as on the machine itself.
const NAME: &str = "casebridge";

/// Over HTTPS: browsers take a cookie of such a name only from this host, and only if it is secure.
const SECURE_NAME: &str = "__Host-casebridge";

/// The most that a session lasts; the store may end it sooner.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// Who a request's cookie says is asking; `None` for a stranger.
pub(super) async fn caller(headers: &HeaderMap, app: &AppState) -> Result<Option<Caller>, Problem> {
    let Some(hash) = hash(headers) else { return Ok(None) };
    let session = app.host.store.session(&hash, Timestamp::now()).await?;
    Ok(session.map(|Session { user, .. }| Caller {
        who: Actor::User(user.email),
        role: user.role,
        has_one_time_password: user.password_use != PasswordUse::Own,
    }))
}

/// What is kept of the session whose text a request shows.
pub(super) fn hash(headers: &HeaderMap) -> Option<TokenHash> {
    let jar = CookieJar::from_headers(headers);
    let shown = jar.get(if is_secure(headers) { SECURE_NAME } else { NAME })?;
    Some(TokenHash::of(shown.value()))
}

/// The cookie of a session that begins.
pub(super) fn cookie(headers: &HeaderMap, text: &TokenText) -> Cookie<'static> {
    let lasts = LONGEST.try_into().unwrap_or_default();
    Cookie::build((name(headers), text.expose().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure(headers))
        .max_age(lasts)
        .build()
}

/// The cookie of a session that has ended.
pub(super) fn no_cookie(headers: &HeaderMap) -> Cookie<'static> {
    Cookie::build((name(headers), "")).path("/").http_only(true).secure(is_secure(headers)).removal().build()
}

fn name(headers: &HeaderMap) -> &'static str {
    if is_secure(headers) { SECURE_NAME } else { NAME }
}

/// Whether the browser speaks HTTPS, as the proxy in front says. Who lies about it only changes the cookie that he gets himself.
fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}
