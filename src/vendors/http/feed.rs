//! Feeds: what a vendor has in the order in which it came, page by page, with a cursor that stays valid.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::pages::id_of;
use super::{About, Failure, Http, Listed, Unreadable};

/// A page of a feed.
#[derive(Debug)]
pub struct FeedPage<T> {
    /// In the order in which they came.
    pub items: Vec<Listed<T>>,
    /// Where the next page begins, now or later.
    pub next_cursor: String,
    /// Whether there is more already.
    pub has_more: bool,
}

#[derive(Deserialize)]
struct WireFeed<'a> {
    next_cursor: String,
    has_more: bool,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// Reads the page after a cursor.
pub(crate) async fn feed_page<T>(
    http: &Arc<Http>,
    path: &str,
    after: Option<&str>,
    what: &'static str,
    read: fn(&str) -> Option<T>,
) -> Result<FeedPage<T>, Failure> {
    let mut path = format!("{path}?limit={}", http.page_size());
    if let Some(after) = after {
        path.push_str("&after=");
        path.extend(url::form_urlencoded::byte_serialize(after.as_bytes()));
    }
    let read_page = |body: Vec<u8>| {
        let page: WireFeed<'_> = serde_json::from_slice(&body)?;
        let read = |item: &&RawValue| {
            let json = item.get();
            read(json).map_or_else(|| Listed::Unreadable(Unreadable { id: id_of(json) }), Listed::Read)
        };
        Ok(FeedPage { items: page.data.iter().map(read).collect(), next_cursor: page.next_cursor, has_more: page.has_more })
    };
    let page = http.get_with(path, what, About::Nothing, read_page).await?;
    // A feed that does not move on would be read for ever.
    if page.has_more && after == Some(page.next_cursor.as_str()) {
        return Err(Failure::Malformed { vendor: http.vendor(), what });
    }
    Ok(page)
}
