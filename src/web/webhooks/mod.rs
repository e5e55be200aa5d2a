//! `POST /hooks/casepeer/{firm}`: what CASEpeer tells of as it happens. An event is stored, and only then answered; it is carried out
//! afterwards.
//!
//! # A walk
//! 1. The body is read within its bounds, the signature proved (`signature.rs`, pure), the event read (`event.rs`, pure).
//! 2. `Store::put_event` stores it under CASEpeer's id of it. Then it is answered, and `jobs/events` is woken.
//! 3. Each firm has a stream for cases, one for connects and one for messages; one event at a time takes one of the lane's places.
//! 4. `jobs/events/handle.rs` checks what a schedule's job checks: are there rules, is the firm on? All events that wait for one case become
//!    one sync of it; a connect is the same as the command; a message makes a pass over the outbox.
//! 5. The run ends as any run does. An event that found the firm at work, or a vendor down, gets another time in the store
//!    (`jobs/events/retry_policy.rs`, pure).

mod event;
mod signature;

use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use self::event::Unreadable;
use super::AppState;
use super::problem::Problem;
use crate::domain::{EventKind, EventPayload, FirmId};

/// The most that an event may take.
const LARGEST: usize = 256 * 1024;

/// So much of what is too large is read all the same: who is still sending does not read an answer.
const DRAINED: usize = 4 * 1024 * 1024;

/// A body that has not come to its end by then does not.
const LONGEST: Duration = Duration::from_secs(15);

/// What comes within this time of a case's first event comes to one sync with it.
const BURST: SignedDuration = SignedDuration::from_secs(1);

/// Takes an event in.
pub(super) async fn receive(
    State(app): State<AppState>,
    path: Result<Path<String>, axum::extract::rejection::PathRejection>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (parts, body) = request.into_parts();
    let count = |kind: Option<EventKind>, outcome| app.metrics.event(kind, outcome);
    let body = read(&parts.headers, body.into_data_stream()).await.inspect_err(|_| count(None, "unreadable"))?;
    let current = app.registry.current();
    let known = path.ok().and_then(|Path(name)| FirmId::new(&name)).and_then(|firm| {
        let in_use = current.firms.get(&firm)?;
        Some((firm, in_use.rules.clone()))
    });
    let Some((firm, rules)) = known else {
        count(None, "unknown_firm");
        return Err(Problem::no_firm());
    };
    let secrets = rules.iter().flat_map(|rules| &rules.connections.casepeer.webhook_secrets);
    let secrets: Vec<&SecretString> = secrets.map(|(_, secret)| secret).collect();
    if let Err(refusal) = signature::verify(&secrets, &parts.headers, &body, Timestamp::now()) {
        tracing::info!(%firm, why = refusal.why(), "webhook refused");
        count(None, "refused");
        return Err(Problem::not_signed());
    }
    if !app.host.store.is_firm_enabled(&firm).await.inspect_err(|_| count(None, "not_stored"))? {
        tracing::warn!(%firm, "webhook refused: the firm is not enabled");
        count(None, "not_enabled");
        return Err(Problem::not_enabled());
    }
    let event = event::read(&body).map_err(|unreadable| {
        tracing::warn!(%firm, why = unreadable.why(), "webhook refused: not an event of the contract");
        count(None, "unreadable");
        match unreadable {
            Unreadable::NoJson => Problem::bad(unreadable.why()),
            Unreadable::NoEvent(_) => Problem::unprocessable(unreadable.why()),
        }
    })?;
    let kind = event.payload.kind();
    let now = Timestamp::now();
    let due = if matches!(event.payload, EventPayload::StageChanged(_) | EventPayload::Closed(_)) { now + BURST } else { now };
    let is_new = app.host.store.put_event(&firm, &event, due).await.inspect_err(|_| count(Some(kind), "not_stored"))?;
    tracing::info!(%firm, case = %event.payload.case(), kind = kind.as_str(), is_new, "webhook received");
    count(Some(kind), if is_new { "stored" } else { "repeated" });
    if is_new {
        app.bell.ring();
    }
    Ok(if is_new { StatusCode::ACCEPTED } else { StatusCode::OK })
}

/// The whole body.
async fn read(headers: &HeaderMap, mut body: axum::body::BodyDataStream) -> Result<Vec<u8>, Problem> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > DRAINED) {
        return Err(Problem::too_large());
    }
    let reading = async {
        let (mut read, mut length) = (Vec::new(), 0_usize);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|_| Problem::bad("the body breaks off"))?;
            length = length.saturating_add(chunk.len());
            if length > DRAINED {
                break;
            }
            if length <= LARGEST {
                read.extend_from_slice(&chunk);
            }
        }
        if length > LARGEST { Err(Problem::too_large()) } else { Ok(read) }
    };
    tokio::time::timeout(LONGEST, reading).await.unwrap_or_else(|_| Err(Problem::too_slow()))
}
