//! Listings: pages by cursor and limit, and feeds whose cursor stays valid.

use serde::Serialize;

use super::reply::{Reply, Request};

#[derive(Serialize)]
struct Page<'w, T> {
    data: Vec<&'w T>,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
}

#[derive(Serialize)]
struct Feed<'w, T> {
    data: &'w [T],
    next_cursor: String,
    has_more: bool,
}

/// A page of `items` after the cursor, with their total. Each item comes with its position, which never changes and only grows.
pub(super) fn page_with_total<'w, T, I>(request: &Request<'_>, items: I) -> Reply
where
    T: Serialize + 'w,
    I: Iterator<Item = (u64, &'w T)> + Clone,
{
    let total = items.clone().count();
    page_of(request, items, Some(total))
}

/// A page of `items` after the cursor.
pub(super) fn page<'w, T: Serialize + 'w>(request: &Request<'_>, items: impl Iterator<Item = (u64, &'w T)>) -> Reply {
    page_of(request, items, None)
}

fn page_of<'w, T: Serialize + 'w>(request: &Request<'_>, items: impl Iterator<Item = (u64, &'w T)>, total: Option<usize>) -> Reply {
    let (limit, after) = match (limit(request), position(request, "cursor")) {
        (Ok(limit), Ok(after)) => (limit, after),
        (Err(reply), _) | (_, Err(reply)) => return reply,
    };
    let mut rest = items.filter(|(position, _)| after.is_none_or(|after| *position > after));
    let mut last = None;
    let data: Vec<&T> = rest.by_ref().take(limit).inspect(|(position, _)| last = Some(*position)).map(|(_, item)| item).collect();
    let next_cursor = if rest.next().is_some() { last.map(|last| last.to_string()) } else { None };
    Reply::ok(&Page { data, next_cursor, total })
}

/// The items after `after`, with a cursor for what comes later even when nothing is left now.
pub(super) fn feed<T: Serialize>(request: &Request<'_>, items: &[T]) -> Reply {
    let (limit, after) = match (limit(request), position(request, "after")) {
        (Ok(limit), Ok(after)) => (limit, after),
        (Err(reply), _) | (_, Err(reply)) => return reply,
    };
    let start = after.map_or(0, |after| usize::try_from(after).unwrap_or(usize::MAX)).min(items.len());
    let end = start.saturating_add(limit).min(items.len());
    Reply::ok(&Feed { data: &items[start..end], next_cursor: end.to_string(), has_more: end < items.len() })
}

fn limit(request: &Request<'_>) -> Result<usize, Reply> {
    let limit = request.query.get("limit").map_or(Some(100), |limit| limit.parse().ok());
    limit.filter(|limit| (1..=200).contains(limit)).ok_or_else(|| Reply::error(400, "invalid_limit", "limit goes from 1 to 200"))
}

fn position(request: &Request<'_>, name: &str) -> Result<Option<u64>, Reply> {
    match request.query.get(name).filter(|cursor| !cursor.is_empty()) {
        None => Ok(None),
        Some(cursor) => cursor.parse().map(Some).map_err(|_| Reply::error(400, "invalid_cursor", "no cursor of this listing")),
    }
}
