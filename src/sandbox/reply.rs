//! What a vendor's route answers, before any fault.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::body::Form;
use super::world::Content;

/// A request as routes see it.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// The path's segments.
    pub path: Vec<&'a str>,
    pub query: HashMap<String, String>,
    pub idempotency_key: Option<&'a str>,
    pub body: &'a [u8],
    pub form: Option<&'a Form>,
}

impl Request<'_> {
    /// The body of a write.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Reply> {
        serde_json::from_slice(self.body).map_err(|_| Reply::error(400, "invalid_body", "send a JSON object"))
    }

    /// A filter that takes one of a few words.
    pub(super) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Reply> {
        match self.query.get(name) {
            None => Ok(None),
            Some(word) if words.contains(&word.as_str()) => Ok(Some(word)),
            Some(_) => Err(Reply::error(400, "invalid_filter", &format!("{name} is one of {}", words.join(", ")))),
        }
    }
}

/// An answer.
#[derive(Clone)]
pub(super) struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Content,
    /// Whether something was written.
    pub wrote: bool,
}

/// A field and what is wrong with it.
pub(super) type Faulty = (Cow<'static, str>, &'static str);

impl Reply {
    pub(super) fn ok(value: &impl Serialize) -> Reply {
        Reply::with(200, value, false)
    }

    pub(super) fn wrote(status: u16, value: &impl Serialize) -> Reply {
        Reply::with(status, value, true)
    }

    fn with(status: u16, value: &impl Serialize, wrote: bool) -> Reply {
        Reply::json(status, Content::Stored(serde_json::to_vec(value).unwrap_or_default().into()), wrote)
    }

    pub(super) fn json(status: u16, body: Content, wrote: bool) -> Reply {
        Reply { status, content_type: "application/json", body, wrote }
    }

    pub(super) fn file(content: Content) -> Reply {
        Reply { status: 200, content_type: "application/octet-stream", body: content, wrote: false }
    }

    pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
        Reply::with(status, &json!({ "error": { "code": code, "message": message } }), false)
    }

    pub(super) fn not_found() -> Reply {
        Reply::error(404, "not_found", "there is no such thing")
    }

    pub(super) fn invalid(fields: &[Faulty]) -> Reply {
        let fields: Vec<Value> = fields
            .iter()
            .map(|(field, code)| json!({ "field": field, "code": code, "message": format!("{field}: {}", code.replace('_', " ")) }))
            .collect();
        let error = json!({ "error": { "code": "validation_failed", "message": "some fields are not valid", "fields": fields } });
        Reply::with(422, &error, false)
    }
}

/// One field that is not valid.
pub(super) fn invalid_field(field: &'static str, code: &'static str) -> Reply {
    Reply::invalid(&[(Cow::Borrowed(field), code)])
}
