//! Feeds: what a vendor has in the order in which it came, page by page, with a cursor that stays valid.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::pages::id_of;
use super::pagination::{Cursors, Items, endless, hash_of};
use super::{About, Endless, Failure, Listed, Unreadable, VendorHttp};

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

/// One reading of a feed, from a cursor to its end.
pub struct Feed<T> {
    http: Arc<VendorHttp>,
    path: &'static str,
    what: &'static str,
    read: fn(&str) -> Option<T>,
    after: Option<String>,
    cursors: Cursors,
    seen: Items,
    /// Why no page is read behind the one that was read last: what that one has is good all the same.
    fault: Option<Endless>,
}

impl<T> Feed<T> {
    pub(crate) fn new(
        http: &Arc<VendorHttp>,
        path: &'static str,
        after: Option<&str>,
        what: &'static str,
        read: fn(&str) -> Option<T>,
    ) -> Feed<T> {
        let (http, cursors) = (Arc::clone(http), Cursors::after(after));
        Feed { http, path, what, read, after: after.map(str::to_owned), cursors, seen: Items::default(), fault: None }
    }

    /// Reads the next page.
    ///
    /// # Errors
    /// Why it could not be read, or that the feed does not come to an end.
    pub async fn next_page(&mut self) -> Result<FeedPage<T>, Failure> {
        if let Some(reason) = self.fault {
            return Err(endless(&self.http, self.what, reason));
        }
        let mut path = format!("{}?limit={}", self.path, self.http.page_size());
        if let Some(after) = &self.after {
            path.push_str("&after=");
            path.extend(url::form_urlencoded::byte_serialize(after.as_bytes()));
        }
        let (read, seen) = (self.read, &mut self.seen);
        let mut has_new = false;
        let read_page = |body: Vec<u8>| {
            let page: WireFeed<'_> = serde_json::from_slice(&body)?;
            let read = |item: &&RawValue| {
                let json = item.get();
                // An item that was edited comes again under its id, and is new.
                has_new |= seen.is_new(Some(hash_of(json)));
                read(json).map_or_else(|| Listed::Unreadable(Unreadable { id: id_of(json) }), Listed::Read)
            };
            Ok(FeedPage { items: page.data.iter().map(read).collect(), next_cursor: page.next_cursor, has_more: page.has_more })
        };
        let page = self.http.get_with(path, self.what, About::Nothing, read_page).await?;
        if page.has_more {
            let number = self.cursors.page();
            let advanced = self.cursors.advance(&page.next_cursor, self.http.max_pages());
            self.fault = advanced.and(if has_new { Ok(()) } else { Err(Endless::NothingNew(number)) }).err();
        }
        self.after = Some(page.next_cursor.clone());
        Ok(page)
    }
}
