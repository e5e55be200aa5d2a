//! Messages to clients, sent as the case's primary attorney.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::extract::{JsonBody, NamedCase};
use crate::domain::{Action, CaseId, LONGEST_MESSAGE};
use crate::store::{OutboxState, StoreError};
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller, bearer};
use crate::web::problem::Problem;

/// A message to a client.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// What it says: 5,000 characters at most.
    #[schema(min_length = 1, max_length = 5000)]
    body: String,
}

/// A message that was taken over.
#[derive(Serialize, ToSchema)]
#[schema(as = Taken)]
struct MessageAccepted {
    message_id: Box<str>,
    /// `sent`, `failed`, or `waiting` where it could not be sent at once: it will be.
    state: &'static str,
    /// Why it was not sent.
    reason: Option<String>,
}

/// Sends a message to the case's client, as the case's primary attorney: taken over for good, and sent once.
///
/// Under an `Idempotency-Key`, the same message to the same case is never sent twice, not even after 24 hours.
#[utoipa::path(post, path = "/api/v1/firms/{firm}/cases/{id}/messages", tag = "Cases", operation_id = "send_message",
    request_body = Message, responses((status = 202, description = "It is taken over.", body = MessageAccepted)))]
pub(super) async fn send(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    NamedCase(case): NamedCase,
    headers: HeaderMap,
    JsonBody(Message { body }): JsonBody<Message>,
) -> Result<Response, Problem> {
    let length = body.chars().count();
    if body.trim().is_empty() {
        return Err(Problem::unprocessable("the message is empty"));
    }
    if length > LONGEST_MESSAGE {
        return Err(Problem::unprocessable(format!("the message has {length} characters, and {LONGEST_MESSAGE} is the most")));
    }
    let key = key(&headers, case, &body)?;
    let message = app.requests.send_message(&firm, case, &body, &key).await?;
    app.note(caller.who, Action::MessageSent, |entry| entry.of_firm(&firm).to(case.to_string())).await?;
    let (state, reason) = match message.state {
        Some(OutboxState::Sent(_)) => ("sent", None),
        Some(OutboxState::Failed(reason)) => ("failed", Some(reason)),
        Some(OutboxState::Intended) | None => ("waiting", None),
    };
    Ok((StatusCode::ACCEPTED, Json(MessageAccepted { message_id: message.id, state, reason })).into_response())
}

/// By which a message is the same one, also after a host that went down while it was sent.
fn key(headers: &HeaderMap, case: CaseId, body: &str) -> Result<String, Problem> {
    let Some(chosen) = headers.get("idempotency-key") else {
        return Ok(format!("{:016x}", getrandom::u64().map_err(|_| StoreError::NoRandomness)?));
    };
    let mut hash = Sha256::new();
    for part in [bearer(headers).unwrap_or_default().as_bytes(), chosen.as_bytes(), case.to_string().as_bytes(), body.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Ok(hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}
