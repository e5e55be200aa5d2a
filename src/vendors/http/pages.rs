//! Listings: page after page, the next one under way while the last is read, and one odd item never spoiling the others. Two items of
//! one id are one item: a listing that shifts while it is read shows some of its items twice.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::task::AbortOnDropHandle;

use super::pagination::{Cursors, Items, endless, hash_of_id};
use super::{About, Endless, Failure, VendorHttp};

/// An item of a listing.
#[derive(Debug, Clone, PartialEq)]
pub enum Listed<T> {
    /// As the contract says.
    Read(T),
    /// Not as the contract says.
    Unreadable(Unreadable),
}

impl<T> Listed<T> {
    /// The item, if it is as the contract says.
    pub fn read(&self) -> Option<&T> {
        match self {
            Listed::Read(item) => Some(item),
            Listed::Unreadable(_) => None,
        }
    }
}

/// An item that is not as the contract says. What exactly is wrong is not kept, since it would quote the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The vendor's id of it, if it has one.
    pub id: String,
}

/// How a listing is asked for and read.
pub(crate) struct Listing<T, C> {
    /// Path and, if it has one, query.
    pub path: String,
    /// What it is, in words.
    pub what: &'static str,
    /// Reads an item; what the items of a page share is kept in `C`. `None` for one that is not as the contract says.
    pub read: fn(&str, &mut C) -> Option<T>,
}

/// How many items a listing had, and how many the vendor said that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListingSize {
    /// Items, each as often as it was listed.
    pub items: u64,
    /// The least and the greatest total that its pages named, if they named one: cases come and go while a listing is read.
    totals: Option<(u64, u64)>,
}

impl ListingSize {
    fn note(&mut self, items: usize, total: Option<u64>) {
        self.items += items as u64;
        if let Some(total) = total {
            let (least, most) = self.totals.unwrap_or((total, total));
            self.totals = Some((least.min(total), most.max(total)));
        }
    }

    /// The total that does not fit the items, if there is one.
    pub fn misfit(&self) -> Option<u64> {
        let (least, most) = self.totals?;
        if self.items < least { Some(least) } else { Some(most).filter(|most| self.items > *most) }
    }
}

/// Reads every page of a listing.
pub(crate) async fn each_item<T: Send + 'static, C: Default + 'static>(
    http: &Arc<VendorHttp>,
    listing: Listing<T, C>,
    mut take: impl FnMut(Listed<T>),
) -> Result<ListingSize, Failure> {
    let what = listing.what;
    let malformed = Failure::Malformed { vendor: http.vendor(), what };
    let (mut seen, mut size) = (Items::default(), ListingSize::default());
    let mut next = Some(fetch(http, &Arc::new(listing), None, Cursors::default()));
    while let Some(page) = next {
        // A page is fetched by a task of its own, which nobody cancels and which does not panic.
        let page = page.0.await.map_err(|_| malformed.clone())??;
        size.note(page.items.len(), page.total);
        let mut has_new = false;
        for (id, item) in page.items {
            if seen.is_new(id) {
                has_new = true;
                take(item);
            }
        }
        if page.next.is_some() && !has_new {
            return Err(endless(http, what, Endless::NothingNew(page.number)));
        }
        next = page.next;
    }
    Ok(size)
}

struct Page<T> {
    number: u32,
    total: Option<u64>,
    /// Each with the hash of its id.
    items: Vec<(Option<u64>, Listed<T>)>,
    next: Option<Fetching<T>>,
}

/// A page on its way; dropping it ends the way.
struct Fetching<T>(AbortOnDropHandle<Result<Page<T>, Failure>>);

#[derive(Deserialize)]
struct WirePage<'a> {
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(default)]
    total: Option<u64>,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// A page that is known to be whole, and where its items stand in it.
struct Whole {
    body: Vec<u8>,
    items: Vec<Range<usize>>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

impl Whole {
    fn read(body: Vec<u8>) -> serde_json::Result<Whole> {
        let page: WirePage<'_> = serde_json::from_slice(&body)?;
        let start = body.as_ptr() as usize;
        let place = |item: &&RawValue| {
            let at = item.get().as_ptr() as usize - start;
            at..at + item.get().len()
        };
        let items = page.data.iter().map(place).collect();
        let (next_cursor, total) = (page.next_cursor, page.total);
        Ok(Whole { body, items, next_cursor, total })
    }
}

#[derive(Deserialize)]
struct Id {
    #[serde(default)]
    id: serde_json::Value,
}

fn fetch<T: Send + 'static, C: Default + 'static>(
    http: &Arc<VendorHttp>,
    listing: &Arc<Listing<T, C>>,
    cursor: Option<String>,
    mut cursors: Cursors,
) -> Fetching<T> {
    let (http, listing) = (Arc::clone(http), Arc::clone(listing));
    Fetching(AbortOnDropHandle::new(tokio::spawn(async move {
        let separator = if listing.path.contains('?') { '&' } else { '?' };
        let mut path = format!("{}{separator}limit={}", listing.path, http.page_size());
        if let Some(cursor) = &cursor {
            path.push_str("&cursor=");
            path.extend(url::form_urlencoded::byte_serialize(cursor.as_bytes()));
        }
        let Whole { body, items, next_cursor, total } = http.get_with(path, listing.what, About::Nothing, Whole::read).await?;
        let number = cursors.page();
        // The next page is asked for before this one is read.
        let next = match next_cursor {
            Some(cursor) => {
                cursors.advance(&cursor, http.max_pages()).map_err(|reason| endless(&http, listing.what, reason))?;
                Some(fetch(&http, &listing, Some(cursor), cursors))
            }
            None => None,
        };
        let mut shared = C::default();
        let read = |item: Range<usize>| {
            let json = std::str::from_utf8(&body[item]).ok()?;
            let read = (listing.read)(json, &mut shared);
            let item = read.map_or_else(|| Listed::Unreadable(Unreadable { id: id_of(json) }), Listed::Read);
            Some((hash_of_id(json), item))
        };
        let malformed = || Failure::Malformed { vendor: http.vendor(), what: listing.what };
        let items = items.into_iter().map(read).collect::<Option<_>>().ok_or_else(malformed)?;
        Ok(Page { number, total, items, next })
    })))
}

/// The id of an item that is not as the contract says, if it has one.
pub(super) fn id_of(item: &str) -> String {
    match serde_json::from_str::<Id>(item) {
        Ok(Id { id: serde_json::Value::String(text) }) => text.chars().take(64).collect(),
        Ok(Id { id: serde_json::Value::Number(number) }) => number.to_string(),
        _ => String::new(),
    }
}
