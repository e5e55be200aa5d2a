//! What went wrong, as programs read it: problem details (RFC 9457).
//!
//! Architecture invariant: what is not there and what the caller may not see are answered by the same words.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::jobs::RequestError;
use crate::ruleset::SetError;
use crate::runs::RunError;
use crate::store::StoreError;

/// Why something is not answered as it was asked.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    challenge: Option<&'static str>,
    /// What a file would have wrong, one by one; the detail has it as text.
    diagnostics: Vec<Diagnostic>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem { status, detail: detail.into(), challenge: None, diagnostics: Vec::new() }
    }

    /// The request says something that cannot be meant.
    pub(super) fn bad(detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Nobody can say who asks. One answer for tokens that never were, that expired and that were revoked.
    pub(super) fn unknown_caller(showed_a_token: bool) -> Problem {
        let challenge = if showed_a_token { r#"Bearer realm="casebridge", error="invalid_token""# } else { r#"Bearer realm="casebridge""# };
        let detail = "authentication required: send `Authorization: Bearer <token>`; `casebridge token create` prints a token";
        Problem { challenge: Some(challenge), ..Problem::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// There is no such firm, or it is none of the caller's.
    pub(super) fn no_firm() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "there is no such firm")
    }

    /// There is no such run, or it is none of the caller's.
    pub(super) fn no_run() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "there is no such run")
    }

    /// A run that the caller may see has no CSV.
    pub(super) fn no_report() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "the run has no CSV yet: it has not ended")
    }

    /// Something else that an address names is not there.
    pub(super) fn not_there(detail: &'static str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    /// The caller may see this, and may not do it.
    pub(super) fn not_yours() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "your role does not let you do this; ask your integration support")
    }

    /// A form was sent from a page of another host.
    pub(super) fn from_elsewhere() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "this form was sent from a page of another host; open it here and send it again")
    }

    /// Things are not as the request takes them to be.
    pub(super) fn conflict(detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(StatusCode::CONFLICT, detail)
    }

    /// The request is well-formed, and what it says cannot be done.
    pub(super) fn unprocessable(detail: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// The same with every fault by itself.
    fn with(self, diagnostics: Vec<Diagnostic>) -> Problem {
        Problem { diagnostics, ..self }
    }

    /// A body says that it is something else than what is read here.
    pub(super) fn wrong_type(wanted: &str) -> Problem {
        let detail = format!("the body is to be sent as `{wanted}`; say so in the header `content-type`");
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// It is not said of which text a new one takes the place.
    pub(super) fn no_precondition() -> Problem {
        let detail = "send `If-Match` with the `ETag` of the version that you edited";
        Problem::new(StatusCode::PRECONDITION_REQUIRED, detail)
    }

    /// The text that a new one was to take the place of is there no more.
    pub(super) fn was_changed() -> Problem {
        Problem::new(StatusCode::PRECONDITION_FAILED, "somebody else has changed the file since; get it again and put your change into it")
    }

    /// Nothing is at this address.
    pub(super) fn nothing_here() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address")
    }

    /// Nothing can be done to this address in this way.
    pub(super) fn wrong_method() -> Problem {
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed: the `Allow` header lists the methods")
    }

    /// A webhook that nobody can say is CASEpeer's. One answer whatever is wrong with its signature, and for firms that have no secret.
    pub(super) fn not_signed() -> Problem {
        let detail = "authentication required: send a valid signature of the last five minutes in `X-Casepeer-Signature`";
        Problem { challenge: Some(r#"X-Casepeer-Signature realm="casebridge""#), ..Problem::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// More was sent than anything here takes.
    pub(super) fn too_large() -> Problem {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
    }

    /// A webhook for a firm that is not enabled: CASEpeer sends it again later.
    pub(super) fn not_enabled() -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the firm is not enabled here; send this again later")
    }

    /// The request did not come to its end.
    pub(super) fn too_slow() -> Problem {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "the request did not come to its end in time")
    }

    /// Something of the host's own is wrong. What, is in its log; the answer gives nothing away.
    pub(super) fn own() -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "casebridge could not answer; its log says why")
    }
}

impl Problem {
    /// The answer's status.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// What went wrong, in a sentence without a full stop.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or_default();
        let mut body = json!({ "type": "about:blank", "title": title, "status": self.status.as_u16(), "detail": self.detail });
        if !self.diagnostics.is_empty() {
            body["diagnostics"] = json!(self.diagnostics);
        }
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response();
        if let Some(challenge) = self.challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        // The console shows the same as a page.
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        tracing::error!(%error, "store does not answer");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer")
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Problem {
        match error {
            RunError::Store(error) => error.into(),
            RunError::NoSuchRun(_) => Problem::no_run(),
            RunError::Busy { .. } => Problem::conflict("another run of this firm is under way; wait for its end, or cancel it"),
            error @ (RunError::NotHeld { .. }
            | RunError::NothingToUndo { .. }
            | RunError::HasEnded { .. }
            | RunError::NoTask(_)
            | RunError::OtherAccount { .. }
            | RunError::AccountTaken { .. }
            | RunError::AccountUnknown { .. }) => Problem::conflict(error.to_string()),
            RunError::FaultyScript(faults) => Problem::unprocessable(with_faults("the script has faults", &faults)).with(faults),
            error => {
                tracing::error!(%error, "request failed");
                Problem::own()
            }
        }
    }
}

impl From<RequestError> for Problem {
    fn from(declined: RequestError) -> Problem {
        match declined {
            RequestError::NoRules => Problem::conflict("the firm has no rules in use: its file is gone or has faults"),
            RequestError::Stopping => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "casebridge is stopping; ask again in a moment"),
            RequestError::EngineAway => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Temporal is unreachable; try again in a moment"),
            RequestError::FaultyScript(faults) => Problem::unprocessable(with_faults("the script has faults", &faults)).with(faults),
            RequestError::Changed(_) => Problem::conflict(declined.to_string()),
            // What a vendor said names neither keys nor clients.
            RequestError::Vendor(failure) => Problem::new(StatusCode::BAD_GATEWAY, failure.to_string()),
            RequestError::Sync(error) => error.into(),
        }
    }
}

impl From<SetError> for Problem {
    fn from(error: SetError) -> Problem {
        match error {
            SetError::NoSuchFirm { .. } => Problem::no_firm(),
            SetError::Refused { diagnostics, .. } => {
                Problem::unprocessable(with_faults("the file would not be in order", &diagnostics)).with(diagnostics)
            }
            SetError::KeepsChanging { .. } => Problem::conflict("the firm's file keeps changing; nothing was written"),
            error @ (SetError::Folder(_) | SetError::Write { .. }) => {
                tracing::error!(%error, "firm file could not be written");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the firm's file cannot be written; the log says why")
            }
        }
    }
}

/// A sentence, and every fault below it.
fn with_faults(what: &str, faults: &[Diagnostic]) -> String {
    faults.iter().fold(what.to_owned(), |text, fault| format!("{text}\n{fault}"))
}
