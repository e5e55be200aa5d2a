//! How an answer goes out: whole, or spoilt by the fault that was drawn for it.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;

use super::faults::scrambled;
use super::reply::SandboxReply;
use super::{Content, Fault, RetryAfter};

/// So long a hanging request is kept waiting, if the client waits that long.
const HANG: Duration = Duration::from_mins(1);

/// Sends `reply`, to the `count`th request, the way `fault` has it. A hanging one ends early when the sandbox stops.
pub(super) async fn respond(
    reply: SandboxReply,
    fault: Option<Fault>,
    retry_after: RetryAfter,
    count: u64,
    mut stopped: watch::Receiver<bool>,
) -> Response<Body> {
    match fault {
        None
        | Some(
            Fault::WrongIdentity | Fault::ReplayedCreate | Fault::NotKept | Fault::Shifting | Fault::CursorRound | Fault::RecordRefused,
        ) => whole(&reply),
        Some(Fault::TooManyRequests) => too_many_requests(retry_after, count),
        Some(Fault::ErrorBefore | Fault::ErrorAfter) => whole(&SandboxReply::error(500, "internal", "something went wrong")),
        Some(Fault::HangBefore | Fault::HangAfter) => {
            tokio::select! {
                () = tokio::time::sleep(HANG) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
            with_length(504, "application/json", 0, Body::empty())
        }
        Some(Fault::CutOff) => cut_off(&reply, count),
    }
}

/// The answer as it is.
pub(super) fn whole(reply: &SandboxReply) -> Response<Body> {
    sent(reply.status, reply.content_type(), &reply.content())
}

/// This content with its length.
pub(super) fn sent(status: u16, content_type: &'static str, content: &Content) -> Response<Body> {
    let body = match content {
        Content::Stored(bytes) => Body::from(bytes.clone()),
        generated @ Content::Generated { .. } => Body::from_stream(stream::iter(generated.chunks().map(Ok::<_, Infallible>))),
    };
    with_length(status, content_type, content.length(), body)
}

/// An answer that announces itself to be `length` bytes.
fn with_length(status: u16, content_type: &'static str, length: u64, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn too_many_requests(retry_after: RetryAfter, count: u64) -> Response<Body> {
    let date = |seconds| {
        let then = jiff::Timestamp::now() + Duration::from_secs(seconds);
        Some(then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
    };
    let turn = match (retry_after, scrambled(count) % 3) {
        (RetryAfter::Mixed, 2) => RetryAfter::Date(1),
        (RetryAfter::Mixed, seconds) => RetryAfter::Seconds(seconds),
        (same, _) => same,
    };
    let value = match turn {
        // A turn is never mixed.
        RetryAfter::Silent | RetryAfter::Mixed => None,
        RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
        RetryAfter::Date(seconds) => date(seconds),
    };
    let mut response = whole(&SandboxReply::error(429, "too_many_requests", "slow down"));
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn cut_off(reply: &SandboxReply, count: u64) -> Response<Body> {
    let content = reply.content();
    let half = content.half();
    if scrambled(count) & 2 == 0 {
        // Complete by its length, and half of a JSON value or of a file.
        return sent(reply.status, reply.content_type(), &half);
    }
    // Announced whole, and the connection breaks. The pause lets the first half leave: an error at once would take it along.
    let broken = stream::once(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(io::Error::other("cut off"))
    });
    let body = Body::from_stream(stream::iter(half.chunks().map(Ok)).chain(broken));
    with_length(reply.status, reply.content_type(), content.length(), body)
}
