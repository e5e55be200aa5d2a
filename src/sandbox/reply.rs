//! What a vendor answers, before any fault.

use serde_json::{Value, json};

use super::Content;

/// An answer.
#[derive(Debug, Clone)]
pub struct SandboxReply {
    /// The HTTP status.
    pub status: u16,
    /// `null` for an answer without any.
    pub body: Value,
    /// A file that stands in the place of the body.
    pub file: Option<Content>,
    /// Whether something was written.
    pub wrote: bool,
}

/// A field and what is wrong with it.
pub(super) type Faulty = (String, &'static str);

impl SandboxReply {
    /// A read, or a write that was done before.
    pub fn of(status: u16, body: Value) -> SandboxReply {
        SandboxReply { status, body, file: None, wrote: false }
    }

    pub(super) fn ok(value: &Value) -> SandboxReply {
        SandboxReply::of(200, value.clone())
    }

    pub(super) fn wrote(status: u16, value: &Value) -> SandboxReply {
        SandboxReply { wrote: true, ..SandboxReply::of(status, value.clone()) }
    }

    pub(super) fn file(content: Content) -> SandboxReply {
        SandboxReply { file: Some(content), ..SandboxReply::of(200, Value::Null) }
    }

    /// An error as both contracts shape it.
    pub fn error(status: u16, code: &str, message: &str) -> SandboxReply {
        SandboxReply::of(status, json!({ "error": { "code": code, "message": message } }))
    }

    pub(super) fn not_found() -> SandboxReply {
        SandboxReply::error(404, "not_found", "there is no such thing")
    }

    pub(super) fn invalid(fields: &[Faulty]) -> SandboxReply {
        let fields: Vec<Value> = fields
            .iter()
            .map(|(field, code)| json!({ "field": field, "code": code, "message": format!("{field}: {}", code.replace('_', " ")) }))
            .collect();
        SandboxReply::of(422, json!({ "error": { "code": "validation_failed", "message": "some fields are not valid", "fields": fields } }))
    }

    pub(super) fn content_type(&self) -> &'static str {
        if self.file.is_some() { "application/octet-stream" } else { "application/json" }
    }

    /// The bytes of the body.
    pub(super) fn content(&self) -> Content {
        match &self.file {
            Some(file) => file.clone(),
            None if self.body.is_null() => Content::Stored(Vec::new().into()),
            None => Content::Stored(self.body.to_string().into()),
        }
    }
}

/// One field that is not valid.
pub(super) fn invalid_field(field: &str, code: &'static str) -> SandboxReply {
    SandboxReply::invalid(&[(field.to_owned(), code)])
}
