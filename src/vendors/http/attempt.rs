//! One try of one request: send, read a bounded body, and say what became of it.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, Response, StatusCode, header, multipart};
use serde::Deserialize;

use super::failure::TransportError;
use super::retry::retry_after;
use super::{About, Failure, VendorHttp};

/// No answer is longer: 200 cases of 20,000 characters are a quarter of it.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// No more of an error is read: what it says is short.
const MAX_ERROR: usize = 64 * 1024;

/// The bytes a second that a file goes with at least.
const SLOWEST: u64 = 100_000;

/// A request as it is tried, perhaps several times.
pub(super) struct Call<'a> {
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub idempotency_key: Option<&'a str>,
    pub body: Payload<'a>,
    /// What it is for, in words, for failures and logs.
    pub what: &'static str,
    /// What its answer has to be about.
    pub about: About<'a>,
}

/// What a request carries.
pub(super) enum Payload<'a> {
    Nothing,
    Json(Vec<u8>),
    /// A form with a file of so many bytes, made anew for each try.
    Form {
        make: &'a FormMaker<'a>,
        size: u64,
    },
}

/// Makes a form with a file; fails where the file cannot be read.
pub(crate) type FormMaker<'a> = dyn Fn() -> io::Result<multipart::Form> + Send + Sync + 'a;

impl VendorHttp {
    /// Tries once. `read` gets the whole body of a good answer.
    pub(super) async fn attempt<T>(&self, call: &Call<'_>, read: &mut impl FnMut(Vec<u8>) -> serde_json::Result<T>) -> Result<T, Failure> {
        let vendor = self.endpoint.vendor;
        let turn = self.limiter.turn().await;
        if call.method != Method::GET {
            self.may_write().await?;
        }
        let mut request = self.request(call.method.clone(), &call.path);
        if let Some(key) = call.idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        request = match &call.body {
            Payload::Nothing => request,
            Payload::Json(body) => request.header(header::CONTENT_TYPE, "application/json").body(body.clone()),
            Payload::Form { make, size } => {
                let form = make().map_err(|_| Failure::Malformed { vendor, what: "a file that cannot be read" })?;
                request.timeout(self.endpoint.timeout + Duration::from_secs(size / SLOWEST)).multipart(form)
            }
        };
        let mut response = if call.method == Method::GET {
            request.send().await.map_err(|error| self.transport(&error))?
        } else {
            Box::pin(self.send_with_leave(request)).await?
        };
        let status = response.status();
        let after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| retry_after(value, Timestamp::now()));
        if !status.is_success() {
            let body = error_body(response).await;
            drop(turn);
            tracing::debug!(%vendor, method = %call.method, what = call.what, status = status.as_u16(), "answered");
            return Err(self.refusal(status, &body, after));
        }
        let mut body = Vec::with_capacity(response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(0).min(MAX_BODY)));
        loop {
            match response.chunk().await {
                // Chunks come unpacked, so that their sizes are those that count.
                Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
                Ok(Some(_)) => return Err(Failure::Malformed { vendor, what: "an answer of more than 16 MiB" }),
                Ok(None) => break,
                Err(error) => return Err(self.transport(&error)),
            }
        }
        drop(turn);
        tracing::debug!(%vendor, method = %call.method, what = call.what, status = status.as_u16(), "answered");
        call.about.check(vendor, &body)?;
        read(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Failure::Malformed { vendor, what: call.what },
            _ => Failure::InDoubt { vendor, trouble: TransportError::CutOff, retry_after: None },
        })
    }

    pub(super) fn refusal(&self, status: StatusCode, body: &[u8], retry_after: Option<Duration>) -> Failure {
        let vendor = self.endpoint.vendor;
        match status {
            StatusCode::TOO_MANY_REQUESTS => Failure::NotExecuted { vendor, trouble: TransportError::TooManyRequests, retry_after },
            StatusCode::REQUEST_TIMEOUT => Failure::InDoubt { vendor, trouble: TransportError::TimedOut, retry_after },
            status if status.is_server_error() => Failure::InDoubt { vendor, trouble: TransportError::Error(status.as_u16()), retry_after },
            status => {
                let (code, detail) = read_error(body);
                Failure::Refused { vendor, status: status.as_u16(), code, detail }
            }
        }
    }

    pub(super) fn transport(&self, error: &reqwest::Error) -> Failure {
        let vendor = self.endpoint.vendor;
        if error.is_connect() {
            // Also when the connection timed out: the request never left.
            return Failure::NotExecuted { vendor, trouble: TransportError::Unreachable, retry_after: None };
        }
        let trouble = if error.is_timeout() { TransportError::TimedOut } else { TransportError::CutOff };
        Failure::InDoubt { vendor, trouble, retry_after: None }
    }
}

/// What an error says, or its beginning. One that breaks off changes nothing: the status says enough.
pub(super) async fn error_body(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_ERROR - body.len())]);
        if body.len() == MAX_ERROR {
            break;
        }
    }
    body
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(default)]
    code: String,
    #[serde(default)]
    fields: Vec<ErrorField>,
}

#[derive(Deserialize)]
struct ErrorField {
    #[serde(default)]
    field: String,
    #[serde(default)]
    code: String,
}

/// The code, and it with the fields as shown. The vendor's own sentence is left out: it may quote a client's data.
fn read_error(body: &[u8]) -> (String, String) {
    let Ok(ErrorBody { error }) = serde_json::from_slice::<ErrorBody>(body) else { return Default::default() };
    let code = plain(&error.code).unwrap_or_default().to_owned();
    let mut detail = if code.is_empty() { String::new() } else { format!(" {code}") };
    for field in error.fields.iter().take(20) {
        if let Some(name) = plain(&field.field) {
            detail.push_str(if detail.contains(": ") { ", " } else { ": " });
            detail.push_str(name);
            if let Some(code) = plain(&field.code) {
                detail.push(' ');
                detail.push_str(code);
            }
        }
    }
    (code, detail)
}

/// A code or a field's name, which is made of letters and little else; anything else is not shown.
fn plain(text: &str) -> Option<&str> {
    let allowed = |letter: u8| letter.is_ascii_lowercase() || b"_.-[]".contains(&letter);
    let name =
        text.bytes().all(|letter| allowed(letter) || letter.is_ascii_digit()) && text.bytes().any(|letter| letter.is_ascii_lowercase());
    (name && text.len() <= 64).then_some(text)
}
