//! Who asks, and what of the host they may see.
//!
//! Architecture invariant: no handler of the API is reached without a caller, and none gets a firm or a run that the caller may not see:
//! [`SeenFirm`] and [`SeenRun`] are the only ways from an address to either. What may not be seen is refused before anything is looked
//! up that would take its time.

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;

use super::Served;
use super::problem::Problem;
use crate::domain::{FirmId, Role, Run, RunId, TokenHash, TokenState};

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub Role);

/// Lets requests through whose token is worth something, with their [`Caller`].
pub(super) async fn authenticate(State(served): State<Served>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let shown = bearer(request.headers()).ok_or_else(|| Problem::unknown_caller(false))?;
    let token = served.host.store.token(&TokenHash::of(shown)).await?;
    let token = token.filter(|token| token.state(Timestamp::now()) == TokenState::Active);
    let token = token.ok_or_else(|| Problem::unknown_caller(true))?;
    tracing::Span::current().record("token", token.name.as_str());
    request.extensions_mut().insert(Caller(token.role));
    Ok(next.run(request).await)
}

/// The token of a request. A request that names two callers names none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

impl FromRequestParts<Served> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Served) -> Result<Caller, Problem> {
        parts.extensions.get::<Caller>().cloned().ok_or_else(|| Problem::unknown_caller(false))
    }
}

/// The firm that an address names, whether it is there or not, if the caller may see it.
pub(super) struct SeenFirm(pub FirmId);

impl SeenFirm {
    /// The firm of this name.
    pub(super) fn named(name: &str, caller: &Caller) -> Result<SeenFirm, Problem> {
        FirmId::new(name).filter(|firm| caller.0.may_see(firm)).map(SeenFirm).ok_or_else(Problem::no_firm)
    }
}

impl FromRequestParts<Served> for SeenFirm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<SeenFirm, Problem> {
        let caller = Caller::from_request_parts(parts, served).await?;
        let Path(name) = Path::<String>::from_request_parts(parts, served).await.map_err(|_| Problem::no_firm())?;
        SeenFirm::named(&name, &caller)
    }
}

/// The run that an address names, if it is there and the caller may see its firm.
pub(super) struct SeenRun(pub Run);

impl SeenRun {
    /// The run of this id.
    pub(super) async fn named(id: &str, caller: &Caller, served: &Served) -> Result<Option<SeenRun>, Problem> {
        let Some(id) = RunId::parse(id) else { return Ok(None) };
        let run = served.host.store.run(&id).await?;
        Ok(run.filter(|run| caller.0.may_see(&run.firm)).map(SeenRun))
    }
}

impl FromRequestParts<Served> for SeenRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, served: &Served) -> Result<SeenRun, Problem> {
        let caller = Caller::from_request_parts(parts, served).await?;
        let Path(id) = Path::<String>::from_request_parts(parts, served).await.map_err(|_| Problem::no_run())?;
        SeenRun::named(&id, &caller, served).await?.ok_or_else(Problem::no_run)
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
