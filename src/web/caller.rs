//! Who asks, and what of the host they may see.

use axum::extract::{FromRequestParts, Path};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use url::form_urlencoded;

use super::problem::Problem;
use super::session;
use super::{AppState, middleware};
use crate::domain::{Actor, FirmId, Requester, Role, Run, RunId, TokenHash, TokenState};

/// How callers come in, and by what they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthScheme {
    /// Programs, by an API token.
    Api,
    /// People, by the cookie of their session.
    Console,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// By name.
    pub who: Actor,
    /// What they may see and do.
    pub role: Role,
    /// Whether they signed in by a password that somebody else has set: they choose their own before anything else.
    pub has_one_time_password: bool,
}

impl AuthScheme {
    /// What somebody hears whom nobody knows.
    pub(super) fn refuses_strangers(self, parts: &Parts) -> Response {
        match self {
            AuthScheme::Api => Problem::unknown_caller(bearer(&parts.headers).is_some()).into_response(),
            AuthScheme::Console => {
                let wanted = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                // Only what is read is come back to.
                let back = (parts.method == Method::GET && wanted != "/").then(|| form_urlencoded::byte_serialize(wanted.as_bytes()));
                let to = back.map_or_else(|| "/sign-in".to_owned(), |back| format!("/sign-in?to={}", back.collect::<String>()));
                send_to(&to, parts)
            }
        }
    }
}

/// Sends a browser to another page, whoever of its pages asks.
pub(super) fn send_to(path: &str, parts: &Parts) -> Response {
    if parts.headers.contains_key("hx-request") {
        return ([("hx-redirect", path)], ()).into_response();
    }
    Redirect::to(path).into_response()
}

impl Caller {
    /// Who makes the request that is answered now.
    pub(super) fn requester(&self) -> Requester {
        Requester { who: self.who.clone(), request: middleware::current_id() }
    }

    /// Who comes in by this door; `None` for a stranger.
    pub(super) async fn coming_by(door: AuthScheme, headers: &HeaderMap, app: &AppState) -> Result<Option<Caller>, Problem> {
        match door {
            AuthScheme::Api => Caller::by_token(headers, app).await,
            AuthScheme::Console => session::caller(headers, app).await,
        }
    }

    async fn by_token(headers: &HeaderMap, app: &AppState) -> Result<Option<Caller>, Problem> {
        let Some(shown) = bearer(headers) else { return Ok(None) };
        let (hash, now) = (TokenHash::of(shown), Timestamp::now());
        let token = app.host.store.token(&hash).await?;
        let Some(token) = token.filter(|token| token.state(now) == TokenState::Active) else { return Ok(None) };
        app.host.store.note_token_used(&hash, &token, now).await?;
        tracing::Span::current().record("token", token.name.as_str());
        Ok(Some(Caller { who: Actor::Token(token.name), role: token.role, has_one_time_password: false }))
    }
}

/// The token of a request. A request that names two callers names none.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| Problem::unknown_caller(false))
    }
}

/// The firm that an address names, whether it is there or not, if the caller may see it.
pub(super) struct AuthorizedFirm(pub FirmId);

impl AuthorizedFirm {
    /// The firm of this name.
    pub(super) fn named(name: &str, caller: &Caller) -> Result<AuthorizedFirm, Problem> {
        FirmId::new(name).filter(|firm| caller.role.may_see(firm)).map(AuthorizedFirm).ok_or_else(Problem::no_firm)
    }
}

impl FromRequestParts<AppState> for AuthorizedFirm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<AuthorizedFirm, Problem> {
        #[derive(serde::Deserialize)]
        struct Named {
            firm: String,
        }
        let caller = Caller::from_request_parts(parts, app).await?;
        let Path(Named { firm }) = Path::from_request_parts(parts, app).await.map_err(|_| Problem::no_firm())?;
        AuthorizedFirm::named(&firm, &caller)
    }
}

/// The run that an address names, if it is there and the caller may see its firm.
#[derive(Debug, Clone)]
pub(super) struct AuthorizedRun(pub Run);

impl AuthorizedRun {
    /// The run of this id.
    pub(super) async fn named(id: &str, caller: &Caller, app: &AppState) -> Result<Option<AuthorizedRun>, Problem> {
        let Some(id) = RunId::parse(id) else { return Ok(None) };
        let run = app.host.store.run(&id).await?;
        Ok(run.filter(|run| caller.role.may_see(&run.firm)).map(AuthorizedRun))
    }
}

impl FromRequestParts<AppState> for AuthorizedRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<AuthorizedRun, Problem> {
        #[derive(serde::Deserialize)]
        struct Named {
            run: String,
        }
        // Where it decides who is let in, the guard has looked it up.
        if let Some(run) = parts.extensions.get::<AuthorizedRun>() {
            return Ok(run.clone());
        }
        let caller = Caller::from_request_parts(parts, app).await?;
        let Path(Named { run }) = Path::from_request_parts(parts, app).await.map_err(|_| Problem::no_run())?;
        AuthorizedRun::named(&run, &caller, app).await?.ok_or_else(Problem::no_run)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn one_bearer_token_is_read_and_nothing_else() {
        for good in ["Bearer cbt_1", "bearer cbt_1", "BEARER   cbt_1 "] {
            assert_eq!(bearer(&headers(&[good])), Some("cbt_1"), "{good}");
        }
        for bad in [&[][..], &["cbt_1"], &["Basic cbt_1"], &["Bearer"], &["Bearer "], &["Bearer cbt_1", "Bearer cbt_2"]] {
            assert_eq!(bearer(&headers(bad)), None, "{bad:?}");
        }
    }
}
