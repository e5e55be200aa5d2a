//! What every answer has: an id by which it is found in the log, and headers that keep browsers and caches from doing more with it than
//! they should.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Unless an answer says otherwise: nobody keeps it, guesses what it is, shows it in a frame or runs anything in it.
const USUAL: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

tokio::task_local! {
    /// The id of the request that is being answered.
    static ID: String;
}

/// The id of the request that is being answered, as the log has it.
pub(super) fn current_id() -> Option<String> {
    ID.try_with(Clone::clone).ok()
}

/// The same work, on whatever task, within the same request.
pub(super) fn with_its_id<F: Future>(work: F) -> impl Future<Output = F::Output> {
    ID.scope(current_id().unwrap_or_default(), work.in_current_span())
}

/// Answers a request within a span of the log that has its id. A handler that panics is answered like any other fault.
pub(super) async fn answer(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    // The address as it was asked may hold anything; the route it matched holds nothing of anybody's.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let shown = id.to_str().unwrap_or_default().to_owned();
    let span = tracing::info_span!("request", id = shown, token = tracing::field::Empty);
    let answering = async move {
        let began = Instant::now();
        let answered = if method.is_safe() {
            AssertUnwindSafe(next.run(request)).catch_unwind().await.ok()
        } else {
            // What changes something is done to its end, the audit log included, though whoever asked may go away meanwhile.
            let id = current_id().unwrap_or_default();
            tokio::spawn(ID.scope(id, next.run(request)).in_current_span()).await.ok()
        };
        let mut response = answered.unwrap_or_else(|| {
            tracing::error!(%method, route, "handler panicked");
            Problem::own().into_response()
        });
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(%method, route, status = response.status().as_u16(), took_ms, "answered");
        let headers = response.headers_mut();
        for (name, value) in USUAL {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        headers.insert(REQUEST_ID, id);
        response
    };
    ID.scope(shown, answering.instrument(span)).await
}

/// The id that a proxy in front has given the request, if it is a plain one, or a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |id: &&HeaderValue| {
        let allowed = |letter: &u8| letter.is_ascii_alphanumeric() || b"-_.".contains(letter);
        (1..=64).contains(&id.len()) && id.as_bytes().iter().all(allowed)
    };
    if let Some(id) = headers.get(REQUEST_ID).filter(plain) {
        return id.clone();
    }
    // Without randomness, ids would repeat; no answer fails because of it.
    let id = format!("{:016x}", getrandom::u64().unwrap_or_default());
    HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"))
}
