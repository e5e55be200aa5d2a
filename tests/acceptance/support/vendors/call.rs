//! A request as a vendor reads it, and what it answers.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::{Query, Request};
use serde_json::{Value, json};

use super::content::Content;
use super::upload;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    Casepeer,
    CaseStatus,
}

impl Vendor {
    /// What stands before every path; contracts name these in `servers`.
    pub fn prefix(self) -> &'static str {
        match self {
            Vendor::Casepeer => "/api/partner/v1",
            Vendor::CaseStatus => "/v1",
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    pub vendor: Vendor,
    pub method: String,
    /// Without the prefix: `/cases/cs-48213`.
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// `null` where there was none, or none that can be read. Of a form with a file: see [`upload`].
    pub body: Value,
    pub authorization: Option<String>,
    pub idempotency_key: Option<String>,
}

impl Call {
    /// Reads all of a request.
    pub async fn read(vendor: Vendor, request: Request) -> Call {
        let (parts, body) = request.into_parts();
        // A path without the prefix stays as it is and matches nothing: the base URL was joined wrongly.
        let path = parts.uri.path().strip_prefix(vendor.prefix()).unwrap_or("outside the base URL");
        let body = if is_upload(vendor, parts.method.as_str(), path) {
            upload::read(Request::from_parts(parts.clone(), body)).await
        } else {
            let bytes = to_bytes(body, 1 << 20).await.unwrap_or_default();
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        };
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Call {
            vendor,
            method: parts.method.to_string(),
            path: path.to_owned(),
            query: Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default(),
            body,
            authorization: header("authorization"),
            idempotency_key: header("idempotency-key"),
        }
    }

    /// Whether it is this request of this vendor.
    pub fn is(&self, vendor: Vendor, method: &str, path: &str) -> bool {
        self.vendor == vendor && self.method == method && self.path == path
    }

    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }

    /// A request that asks whose the key is.
    pub fn is_proof(&self) -> bool {
        self.method == "GET" && (self.path == "/account" || self.path == "/firm")
    }

    /// Whether it updates a case in Case Status.
    pub fn is_patch(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "PATCH"
    }

    /// Whether it marks a case as connected in CASEpeer.
    pub fn is_mark(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "PUT" && self.path.ends_with("/connection")
    }

    /// Whether it adds a note to a case in CASEpeer.
    pub fn is_note(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "POST" && self.path.ends_with("/notes")
    }

    /// Whether it adds a document to a case in CASEpeer.
    pub fn is_upload(&self) -> bool {
        is_upload(self.vendor, &self.method, &self.path)
    }

    /// Whether it asks Case Status for what is in a document.
    pub fn is_download(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "GET" && self.path.ends_with("/content")
    }

    /// Whether it sends a message in Case Status.
    pub fn is_message(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "POST" && self.path.ends_with("/messages")
    }

    /// Whether it tells CASEpeer what became of an outbound message.
    pub fn is_receipt(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "PUT" && self.path.ends_with("/receipt")
    }

    /// Whether it asks for the first page of all cases of a firm, or for a later one. A page of one is a look at `total`.
    pub fn lists_cases(&self) -> bool {
        let one = |name: &str| self.query.get(name).is_some_and(|value| value == "1");
        self.method == "GET" && self.path == "/cases" && !self.query.contains_key("integration_id") && !one("limit")
    }
}

fn is_upload(vendor: Vendor, method: &str, path: &str) -> bool {
    vendor == Vendor::Casepeer && method == "POST" && path.ends_with("/documents")
}

/// What a vendor answers.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// `null` for an answer without any.
    pub body: Value,
    /// Bytes that stand in the place of the body.
    pub file: Option<Content>,
    /// Whether it changed what the vendor holds.
    pub applied: bool,
}

impl Answer {
    /// A read, or a write that was done before.
    pub fn of(status: u16, body: Value) -> Answer {
        Answer { status, body, file: None, applied: false }
    }

    /// A write.
    pub fn applied(status: u16, body: Value) -> Answer {
        Answer { applied: true, ..Answer::of(status, body) }
    }

    /// A file.
    pub fn file(content: Content) -> Answer {
        Answer { file: Some(content), ..Answer::of(200, Value::Null) }
    }

    /// An error as both contracts shape it.
    pub fn error(status: u16, code: &str, message: &str) -> Answer {
        Answer::of(status, json!({ "error": { "code": code, "message": message } }))
    }

    /// 422 that names the fields.
    pub fn invalid(fields: &[(String, &str)]) -> Answer {
        let named: Vec<Value> =
            fields.iter().map(|(field, message)| json!({ "field": field, "code": "invalid", "message": message })).collect();
        let body = json!({ "error": { "code": "validation_failed", "message": "the request is not valid", "fields": named } });
        Answer::of(422, body)
    }
}
