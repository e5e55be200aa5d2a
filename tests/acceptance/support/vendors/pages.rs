//! Listings in parts: pages that end, and feeds that one can come back to.

use serde_json::{Value, json};

use super::call::{Answer, Call};

/// A page of a listing, `cursor` being where it starts.
pub fn page(items: &[Value], call: &Call) -> Answer {
    let Some((start, limit)) = bounds(call, "cursor", "from") else { return out_of_range() };
    let end = items.len().min(start + limit);
    let next = (end < items.len()).then(|| format!("from-{end}"));
    Answer::of(200, json!({ "data": items.get(start..end).unwrap_or_default(), "next_cursor": next, "total": items.len() }))
}

/// A page of those that `keep` keeps. The cursor counts all of them, so that none is skipped when one before it goes.
pub fn page_of_kept(items: &[Value], call: &Call, keep: impl Fn(&Value) -> bool) -> Answer {
    let Some((start, limit)) = bounds(call, "cursor", "from") else { return out_of_range() };
    let mut kept = items.iter().enumerate().skip(start).filter(|(_, item)| keep(item));
    let data: Vec<&Value> = kept.by_ref().take(limit).map(|(_, item)| item).collect();
    let next = kept.next().map(|(at, _)| format!("from-{at}"));
    Answer::of(200, json!({ "data": data, "next_cursor": next }))
}

/// What a feed has after the cursor. Feeds only grow, so a cursor says how many were read, and of which feed.
pub fn feed(name: &str, items: &[Value], call: &Call) -> Answer {
    let Some((start, limit)) = bounds(call, "after", name).filter(|(start, _)| *start <= items.len()) else { return out_of_range() };
    let end = items.len().min(start + limit);
    let next = format!("{name}-{end}");
    Answer::of(200, json!({ "data": items[start..end], "next_cursor": next, "has_more": end < items.len() }))
}

/// Where to start and how many at most.
fn bounds(call: &Call, cursor: &str, prefix: &str) -> Option<(usize, usize)> {
    let limit: usize = call.query.get("limit").map_or(Some(100), |text| text.parse().ok())?;
    let start = match call.query.get(cursor).map(String::as_str) {
        None => 0,
        Some("") if cursor == "after" => 0,
        Some(text) => text.strip_prefix(prefix)?.strip_prefix('-')?.parse().ok()?,
    };
    (1..=200).contains(&limit).then_some((start, limit))
}

fn out_of_range() -> Answer {
    Answer::invalid(&[("limit or cursor".to_owned(), "is out of range")])
}
