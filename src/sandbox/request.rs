//! A request as a vendor reads it. Of a form, the file is measured on its way in and not kept.

use std::collections::HashMap;

use axum::body::to_bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use serde_json::{Map, Value, json};

use super::digest::FileHasher;
use super::reply::SandboxReply;

/// No JSON that a route takes comes near this.
pub(super) const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// So much of a text field is kept: more than any field may have, so that one that is too long still is.
const LONGEST_TEXT: usize = 8 * 1024;

/// A request to either vendor.
#[derive(Debug, Clone, Default)]
pub struct SandboxRequest {
    /// In capitals.
    pub method: String,
    /// Without what a base URL has before it: `/cases/48213`.
    pub path: String,
    /// The decoded query.
    pub query: HashMap<String, String>,
    /// The header that brings the key.
    pub authorization: Option<String>,
    /// The key of what is to be done once.
    pub idempotency_key: Option<String>,
    /// `null` where there is none, or none that can be read. Of a form: its texts by name, and `size` and `sha256` of its `file`.
    pub body: Value,
    /// Whether the body is a `multipart/form-data` that could be read to its end.
    pub is_form: bool,
}

impl SandboxRequest {
    /// Reads all of it even where the answer is known before: who is still sending does not read an answer.
    pub async fn read(request: Request) -> SandboxRequest {
        let (parts, body) = request.into_parts();
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let query = parts.uri.query().unwrap_or_default();
        let read = SandboxRequest {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            authorization: header("authorization"),
            idempotency_key: header("idempotency-key"),
            ..SandboxRequest::default()
        };
        let content_type = header("content-type").unwrap_or_default();
        if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            let form = form(Request::from_parts(parts, body)).await;
            return SandboxRequest { is_form: form.is_some(), body: form.unwrap_or_default(), ..read };
        }
        let bytes = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
        SandboxRequest { body: serde_json::from_slice(&bytes).unwrap_or_default(), ..read }
    }

    /// The segments of the path.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.strip_prefix('/').map_or_else(Vec::new, |path| path.split('/').collect())
    }

    /// The body of a write.
    pub(super) fn object(&self) -> Result<&Map<String, Value>, SandboxReply> {
        self.body.as_object().ok_or_else(|| SandboxReply::error(400, "invalid_body", "send a JSON object"))
    }

    /// A filter that takes one of a few words.
    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, SandboxReply> {
        match self.query.get(name) {
            None => Ok(None),
            Some(word) if words.contains(&word.as_str()) => Ok(Some(word)),
            Some(_) => Err(SandboxReply::error(400, "invalid_filter", &format!("{name} is one of {}", words.join(", ")))),
        }
    }
}

async fn form(mut request: Request) -> Option<Value> {
    // A file may be larger than any form is by default.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut form = json!({});
    while let Some(mut part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            let mut hasher = FileHasher::default();
            while let Some(chunk) = part.chunk().await.ok()? {
                hasher.add(&chunk);
            }
            let file = hasher.done();
            form[name] = json!({ "size": file.size, "sha256": file.sha256 });
            continue;
        }
        let mut text = Vec::new();
        while let Some(chunk) = part.chunk().await.ok()? {
            let room = LONGEST_TEXT - text.len();
            text.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        form[name] = json!(String::from_utf8_lossy(&text));
    }
    Some(form)
}
