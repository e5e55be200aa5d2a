//! The body of a request: one to be read whole, or a form whose file is measured on its way in and not kept.

use std::collections::HashMap;

use axum::body::{Bytes, to_bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use axum::http::header;
use serde_json::{Value, json};

use super::digest::{FileDigest, FileHasher};
use super::reply::Reply;

/// No JSON that a route takes comes near this.
const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// So much of a text field is kept: more than any field may have, so that one that is too long still is.
const LONGEST_TEXT: usize = 8 * 1024;

/// The body of a request.
pub(super) enum RequestBody {
    Whole(Bytes),
    Form(Form),
}

/// A `multipart/form-data` body.
#[derive(Default)]
pub(super) struct Form {
    pub texts: HashMap<String, String>,
    pub file: Option<FileDigest>,
}

impl RequestBody {
    /// Reads all of it even where the answer is known before: who is still sending does not read an answer.
    pub(super) async fn read(mut request: Request) -> Result<RequestBody, Reply> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
            let whole = to_bytes(request.into_body(), LARGEST_BODY).await;
            return whole.map(RequestBody::Whole).map_err(|_| Reply::error(413, "too_large", "the body is too large"));
        }
        let no_form = || Reply::error(400, "invalid_body", "this is no multipart/form-data");
        // A file may be larger than any form is by default.
        DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, &()).await.map_err(|_| no_form())?;
        Form::read(parts).await.map(RequestBody::Form).map_err(|_| no_form())
    }

    /// What is read whole; nothing of a form.
    pub(super) fn whole(&self) -> &[u8] {
        match self {
            RequestBody::Whole(bytes) => bytes,
            RequestBody::Form(_) => &[],
        }
    }

    pub(super) fn form(&self) -> Option<&Form> {
        match self {
            RequestBody::Whole(_) => None,
            RequestBody::Form(form) => Some(form),
        }
    }

    /// As the journal has it: of a file, what it measures.
    pub(super) fn for_journal(&self) -> Option<Value> {
        match self {
            RequestBody::Whole(bytes) => serde_json::from_slice(bytes).ok(),
            RequestBody::Form(form) => {
                let mut noted = json!(form.texts);
                if let Some(file) = &form.file {
                    noted["file"] = json!({ "size": file.size, "sha256": file.sha256 });
                }
                Some(noted)
            }
        }
    }
}

impl Form {
    async fn read(mut parts: Multipart) -> Result<Form, MultipartError> {
        let mut form = Form::default();
        while let Some(mut part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            if name == "file" {
                let mut hasher = FileHasher::default();
                while let Some(chunk) = part.chunk().await? {
                    hasher.add(&chunk);
                }
                form.file = Some(hasher.done());
                continue;
            }
            let mut text = Vec::new();
            while let Some(chunk) = part.chunk().await? {
                let room = LONGEST_TEXT - text.len();
                text.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            form.texts.insert(name, String::from_utf8_lossy(&text).into_owned());
        }
        Ok(form)
    }

    /// A text field; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }
}
