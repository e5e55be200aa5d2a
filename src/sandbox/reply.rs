//! What a vendor's route answers, before any fault.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

/// A request as routes see it.
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// The path's segments.
    pub path: Vec<&'a str>,
    pub query: HashMap<String, String>,
    pub idempotency_key: Option<&'a str>,
    pub body: &'a [u8],
}

/// An answer.
pub(super) struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    /// Whether something was written.
    pub wrote: bool,
}

impl Reply {
    pub(super) fn ok(value: &impl Serialize) -> Reply {
        Reply::with(200, value, false)
    }

    pub(super) fn wrote(status: u16, value: &impl Serialize) -> Reply {
        Reply::with(status, value, true)
    }

    fn with(status: u16, value: &impl Serialize, wrote: bool) -> Reply {
        Reply { status, body: serde_json::to_vec(value).unwrap_or_default(), wrote }
    }

    pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
        Reply::with(status, &json!({ "error": { "code": code, "message": message } }), false)
    }

    pub(super) fn not_found() -> Reply {
        Reply::error(404, "not_found", "there is no such thing")
    }

    pub(super) fn invalid(fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<Value> = fields.iter().map(|(field, code)| json!({ "field": field, "code": code, "message": code })).collect();
        let error = json!({ "error": { "code": "validation_failed", "message": "some fields are not valid", "fields": fields } });
        Reply::with(422, &error, false)
    }
}

/// A page of `items` after the cursor, with its total. The cursor is a position that the vendor alone understands.
pub(super) fn page<'w, T: Serialize + 'w>(request: &Request<'_>, items: impl Iterator<Item = (u64, &'w T)> + Clone) -> Reply {
    let Some(limit) = limit(request) else { return Reply::error(400, "invalid_limit", "limit goes from 1 to 200") };
    let after = match request.query.get("cursor").map(|cursor| cursor.parse::<u64>()) {
        None => None,
        Some(Ok(after)) => Some(after),
        Some(Err(_)) => return Reply::error(400, "invalid_cursor", "no cursor of this listing"),
    };
    let total = items.clone().count();
    let mut rest = items.filter(|(position, _)| after.is_none_or(|after| *position > after));
    let shown: Vec<(u64, &T)> = rest.by_ref().take(limit).collect();
    let cursor = if rest.next().is_some() { shown.last().map(|(position, _)| position.to_string()) } else { None };
    let data: Vec<&T> = shown.into_iter().map(|(_, item)| item).collect();
    Reply::ok(&json_page(&data, cursor, total))
}

/// The items of a page that has no total and a cursor that stays valid.
pub(super) fn feed<T: Serialize>(request: &Request<'_>, items: &[T]) -> Reply {
    let Some(limit) = limit(request) else { return Reply::error(400, "invalid_limit", "limit goes from 1 to 200") };
    let after = request.query.get("after").and_then(|after| after.parse::<usize>().ok()).unwrap_or(0).min(items.len());
    let end = (after + limit).min(items.len());
    Reply::ok(&json!({ "data": items[after..end], "next_cursor": end.to_string(), "has_more": end < items.len() }))
}

fn limit(request: &Request<'_>) -> Option<usize> {
    match request.query.get("limit") {
        None => Some(100),
        Some(limit) => limit.parse().ok().filter(|limit| (1..=200).contains(limit)),
    }
}

#[derive(Serialize)]
struct Page<'a, T> {
    data: &'a [&'a T],
    next_cursor: Option<String>,
    total: usize,
}

fn json_page<'a, T: Serialize>(data: &'a [&'a T], next_cursor: Option<String>, total: usize) -> impl Serialize {
    // Serialized at once, so that a page of 200 cases is not first built as a tree.
    serde_json::value::to_raw_value(&Page { data, next_cursor, total }).ok()
}
