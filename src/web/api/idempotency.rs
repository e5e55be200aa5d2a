//! Requests that may be repeated: under one `Idempotency-Key`, a request is carried out once, and its answer is given again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::extract::whole;
use crate::domain::TokenHash;
use crate::store::StoredAnswer;
use crate::web::caller::bearer;
use crate::web::problem::Problem;
use crate::web::{AppState, middleware};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The most letters of a key.
const LONGEST: usize = 128;

/// Answers requests with a key once each.
#[derive(Clone)]
pub(super) struct Once {
    app: AppState,
    under_way: Arc<Mutex<HashMap<(String, String), String>>>,
}

/// Who repeats what under which key.
struct Repeated {
    caller: TokenHash,
    key: String,
    asked: String,
}

/// A request that is under way, and no longer once this is gone.
struct UnderWay {
    once: Once,
    name: (String, String),
}

impl Once {
    pub(super) fn new(app: AppState) -> Once {
        Once { app, under_way: Arc::default() }
    }

    /// Takes up a request, unless one under its key is under way.
    fn take_up(&self, repeated: &Repeated) -> Result<UnderWay, Problem> {
        let name = (repeated.caller.as_str().to_owned(), repeated.key.clone());
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.entry(name.clone()) {
            Entry::Occupied(other) if *other.get() == repeated.asked => {
                Err(Problem::conflict("the first request with this `Idempotency-Key` is still under way; ask again in a moment"))
            }
            Entry::Occupied(_) => Err(another()),
            Entry::Vacant(free) => {
                free.insert(repeated.asked.clone());
                drop(under_way);
                Ok(UnderWay { once: self.clone(), name })
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.once.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

fn another() -> Problem {
    Problem::unprocessable("this `Idempotency-Key` was used for another request; each request has a key of its own")
}

/// Carries a request out, or answers what it was answered before.
pub(super) async fn once(State(once): State<Once>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    once.answer(request, next).await.unwrap_or_else(Problem::into_response)
}

impl Once {
    async fn answer(self, request: Request, next: Next) -> Result<Response, Problem> {
        let key = key(request.headers())?;
        // The guard has let it in by its token.
        let caller = TokenHash::of(bearer(request.headers()).unwrap_or_default());
        let (parts, body) = request.into_parts();
        let body = whole(body).await?;
        let asked = fingerprint(&[parts.method.as_str().as_bytes(), parts.uri.to_string().as_bytes(), &body]);
        let repeated = Repeated { caller, key, asked };
        let under_way = self.take_up(&repeated)?;
        let store = &self.app.host.store;
        if let Some(kept) = store.stored_answer(&repeated.caller, &repeated.key, Timestamp::now()).await? {
            return if kept.asked == repeated.asked { Ok(again(kept)) } else { Err(another()) };
        }
        let request = Request::from_parts(parts, Body::from(body));
        // It goes on to its end although whoever asked has gone: they will ask again.
        let working = middleware::with_its_id(async move {
            let response = next.run(request).await;
            let response = self.keep(&repeated, response).await;
            drop(under_way);
            response
        });
        tokio::spawn(working).await.map_err(|_| Problem::own())?
    }

    /// Keeps an answer, unless the request can come out otherwise the next time.
    async fn keep(&self, repeated: &Repeated, response: Response) -> Result<Response, Problem> {
        let status = response.status();
        if status.is_server_error() || status == StatusCode::CONFLICT {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body: Bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::own())?;
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let kept = StoredAnswer { asked: repeated.asked.clone(), status: status.as_u16(), content_type, body: body.to_vec() };
        if let Err(error) = self.app.host.store.keep_answer(&repeated.caller, &repeated.key, &kept, Timestamp::now()).await {
            // What was asked for is done: that must be heard, although it can be heard only once.
            tracing::error!(%error, "response could not be stored for its idempotency key");
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

fn again(kept: StoredAnswer) -> Response {
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).unwrap_or_default();
    let headers = response.headers_mut();
    if let Some(content_type) = kept.content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let is_one = |text: &&str| (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    match (values.next().and_then(|value| value.to_str().ok()).filter(is_one), values.next()) {
        (Some(key), None) => Ok(key.to_owned()),
        _ => Err(Problem::bad("`Idempotency-Key` is 1 to 128 visible characters without a space, given once")),
    }
}

fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
