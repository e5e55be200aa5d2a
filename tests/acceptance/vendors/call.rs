//! A request as a vendor reads it, and what it answers.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::{Query, Request};
use serde_json::{Value, json};

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
    /// `null` where there was none, or none that is JSON.
    pub body: Value,
    pub authorization: Option<String>,
    pub idempotency_key: Option<String>,
}

impl Call {
    /// Reads all of a request.
    pub async fn read(vendor: Vendor, request: Request) -> Call {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // A path without the prefix stays as it is and matches nothing: the base URL was joined wrongly.
        let path = parts.uri.path().strip_prefix(vendor.prefix()).unwrap_or("outside the base URL");
        Call {
            vendor,
            method: parts.method.to_string(),
            path: path.to_owned(),
            query: Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default(),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
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

    /// Whether it updates a case in Case Status.
    pub fn is_patch(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "PATCH"
    }

    /// Whether it asks for the first page of all cases of a firm, or for a later one. A page of one is a look at `total`.
    pub fn lists_cases(&self) -> bool {
        let one = |name: &str| self.query.get(name).is_some_and(|value| value == "1");
        self.method == "GET" && self.path == "/cases" && !self.query.contains_key("integration_id") && !one("limit")
    }
}

/// What a vendor answers.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// Whether it changed what the vendor holds.
    pub applied: bool,
}

impl Answer {
    /// A read, or a write that was done before.
    pub fn of(status: u16, body: Value) -> Answer {
        Answer { status, body, applied: false }
    }

    /// A write.
    pub fn applied(status: u16, body: Value) -> Answer {
        Answer { status, body, applied: true }
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

/// A page of a listing, `cursor` being where it starts.
pub fn page(items: &[Value], call: &Call) -> Answer {
    let limit: usize = call.query.get("limit").map_or(Some(100), |text| text.parse().ok()).unwrap_or(0);
    let start: Option<usize> =
        call.query.get("cursor").map_or(Some(0), |text| text.strip_prefix("from-").and_then(|text| text.parse().ok()));
    let Some(start) = start.filter(|_| (1..=200).contains(&limit)) else {
        return Answer::invalid(&[("limit or cursor".to_owned(), "is out of range")]);
    };
    let end = items.len().min(start + limit);
    let next = (end < items.len()).then(|| format!("from-{end}"));
    Answer::of(200, json!({ "data": items.get(start..end).unwrap_or_default(), "next_cursor": next, "total": items.len() }))
}
