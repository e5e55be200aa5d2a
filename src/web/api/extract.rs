//! What a request carries, read and refused in plain words: a JSON body, and the parameters behind its address.

use std::error::Error;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::domain::CaseId;
use crate::web::AppState;
use crate::web::problem::Problem;

/// The most that a body has.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// Entries of a page unless the caller says otherwise.
const USUAL: u32 = 50;

/// At most so many.
const MOST: u32 = 200;

/// A JSON body; without one, what stands for nothing said, if `T` has that.
pub(super) struct JsonBody<T>(pub T);

/// The same for what may be asked without a body.
pub(super) struct OptionalBody<T>(pub T);

/// A body that says nothing: `{}`, or none.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<JsonBody<T>, Problem> {
        let (parts, body) = request.into_parts();
        is_of(&parts.headers, &["application/json"])?;
        read(&whole(body).await?).map(JsonBody)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<AppState> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<OptionalBody<T>, Problem> {
        let (parts, body) = request.into_parts();
        let body = whole(body).await?;
        if body.is_empty() {
            return Ok(OptionalBody(T::default()));
        }
        is_of(&parts.headers, &["application/json"])?;
        read(&body).map(OptionalBody)
    }
}

/// A body as a whole, if it is not too large.
pub(super) async fn whole(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, MOST_BYTES).await.map_err(|_| Problem::too_large())
}

/// Refuses a body that says it is something else than one of these.
pub(super) fn is_of(headers: &HeaderMap, kinds: &[&str]) -> Result<(), Problem> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim();
    if kinds.iter().any(|one| kind.eq_ignore_ascii_case(one)) { Ok(()) } else { Err(Problem::wrong_type(kinds[0])) }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // A list would be taken for an object whose keys are left out.
    let is_object = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    if !is_object {
        return Err(Problem::bad("the body is not a JSON object"));
    }
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Problem::bad(format!("invalid request body: {message} (line {line}, column {column})"))
        } else {
            Problem::bad(format!("the body is not JSON: line {line}, column {column}"))
        }
    })
}

/// The parameters behind an address.
pub(super) struct ValidQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for ValidQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<ValidQuery<T>, Problem> {
        Query::try_from_uri(&parts.uri).map(|Query(asked)| ValidQuery(asked)).map_err(|rejection| {
            let mut cause: &dyn Error = &rejection;
            while let Some(deeper) = cause.source() {
                cause = deeper;
            }
            Problem::bad(format!("invalid query parameters: {cause}"))
        })
    }
}

/// How many entries of a page are asked for.
pub(super) fn limit(asked: Option<&str>) -> Result<u32, Problem> {
    let Some(asked) = asked else { return Ok(USUAL) };
    let limit = asked.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| Problem::bad(format!("`limit` is a whole number from 1 to {MOST}")))
}

/// The number that a page ends before, where entries have numbers.
pub(super) fn number_before(asked: Option<&str>) -> Result<Option<i64>, Problem> {
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    asked.map(|text| number(text).ok_or_else(|| Problem::bad("`before` is the `next` of an earlier page"))).transpose()
}

/// A page of what was found: one more was looked for than it has, so that it knows of the next.
pub(super) fn page<T>(mut found: Vec<T>, limit: u32, name: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(name);
    (found, next)
}

/// The case that an address names.
pub(super) struct NamedCase(pub CaseId);

impl FromRequestParts<AppState> for NamedCase {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<NamedCase, Problem> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let missing = || Problem::not_there("this cannot be a case's number");
        let Path(Named { id }) = Path::from_request_parts(parts, app).await.map_err(|_| missing())?;
        // One case has one address: no spaces, no URLs, no zeros before it.
        let is_plain = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
        CaseId::parse(&id).filter(|_| is_plain).map(NamedCase).ok_or_else(missing)
    }
}
