//! Listings: pages by cursor and limit, and feeds whose cursor stays valid.

use serde_json::{Value, json};

use super::reply::SandboxReply;
use super::request::SandboxRequest;

/// A page of `items` after the cursor. Each item comes with its position, which never changes and only grows.
pub(super) fn page<'w>(
    request: &SandboxRequest,
    items: impl Iterator<Item = (u64, &'w Value)> + Clone,
) -> Result<SandboxReply, SandboxReply> {
    let (limit, after) = (limit(request)?, position(request, "cursor")?);
    let mut rest = items.filter(|(position, _)| after.is_none_or(|after| *position > after));
    let mut last = None;
    let data: Vec<&Value> = rest.by_ref().take(limit).inspect(|(position, _)| last = Some(*position)).map(|(_, item)| item).collect();
    let next_cursor = rest.next().and(last).map(|last| last.to_string());
    Ok(SandboxReply::of(200, json!({ "data": data, "next_cursor": next_cursor })))
}

/// A page of all cases that are asked for, with how many there are.
pub(super) fn page_with_total<'w>(
    request: &SandboxRequest,
    items: impl Iterator<Item = (u64, &'w Value)> + Clone,
) -> Result<SandboxReply, SandboxReply> {
    let mut reply = page(request, items.clone())?;
    reply.body["total"] = json!(items.count());
    Ok(reply)
}

/// The items after `after`, with a cursor for what comes later even when nothing is left now. A cursor names its feed.
pub(super) fn feed<'w>(
    request: &SandboxRequest,
    name: &str,
    items: impl ExactSizeIterator<Item = &'w Value>,
) -> Result<SandboxReply, SandboxReply> {
    let (limit, count) = (limit(request)?, items.len());
    let start = match request.query.get("after").filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            let place = cursor.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')?.parse().ok());
            place.filter(|place| *place <= count).ok_or_else(no_cursor)?
        }
    };
    let end = start.saturating_add(limit).min(count);
    let data: Vec<&Value> = items.skip(start).take(limit).collect();
    Ok(SandboxReply::of(200, json!({ "data": data, "next_cursor": format!("{name}-{end}"), "has_more": end < count })))
}

fn no_cursor() -> SandboxReply {
    SandboxReply::error(400, "invalid_cursor", "no cursor of this listing")
}

fn limit(request: &SandboxRequest) -> Result<usize, SandboxReply> {
    let limit = request.query.get("limit").map_or(Some(100), |limit| limit.parse().ok());
    limit.filter(|limit| (1..=200).contains(limit)).ok_or_else(|| SandboxReply::error(400, "invalid_limit", "limit goes from 1 to 200"))
}

fn position(request: &SandboxRequest, name: &str) -> Result<Option<u64>, SandboxReply> {
    match request.query.get(name).filter(|cursor| !cursor.is_empty()) {
        None => Ok(None),
        Some(cursor) => cursor.parse().map(Some).map_err(|_| no_cursor()),
    }
}
