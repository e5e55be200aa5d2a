//! Listings: page after page, the next one under way while the last is read, and one odd item never spoiling the others.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::task::AbortOnDropHandle;

use super::{About, Failure, Http};

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

/// No firm has so many pages; a listing that does not end is not read forever.
const MOST_PAGES: u32 = 100_000;

/// How a listing is asked for and read.
pub(crate) struct Listing<T, C> {
    /// Path and, if it has one, query.
    pub path: String,
    /// What it is, in words.
    pub what: &'static str,
    /// Reads an item; what the items of a page share is kept in `C`. `None` for one that is not as the contract says.
    pub read: fn(&str, &mut C) -> Option<T>,
}

/// Reads every page of a listing.
pub(crate) async fn each_item<T: Send + 'static, C: Default + 'static>(
    http: &Arc<Http>,
    listing: Listing<T, C>,
    mut take: impl FnMut(Listed<T>),
) -> Result<(), Failure> {
    let malformed = Failure::Malformed { vendor: http.vendor(), what: listing.what };
    let mut next = Some(fetch(http, &Arc::new(listing), None, 1));
    while let Some(page) = next {
        // A page is fetched by a task of its own, which nobody cancels and which does not panic.
        let page = page.0.await.map_err(|_| malformed.clone())??;
        page.items.into_iter().for_each(&mut take);
        next = page.next;
    }
    Ok(())
}

struct Page<T> {
    items: Vec<Listed<T>>,
    next: Option<Fetching<T>>,
}

/// A page on its way; dropping it ends the way.
struct Fetching<T>(AbortOnDropHandle<Result<Page<T>, Failure>>);

#[derive(Deserialize)]
struct WirePage<'a> {
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// A page that is known to be whole, and where its items stand in it.
struct Whole {
    body: Vec<u8>,
    items: Vec<Range<usize>>,
    next_cursor: Option<String>,
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
        let next_cursor = page.next_cursor;
        Ok(Whole { body, items, next_cursor })
    }
}

#[derive(Deserialize)]
struct Id {
    #[serde(default)]
    id: serde_json::Value,
}

fn fetch<T: Send + 'static, C: Default + 'static>(
    http: &Arc<Http>,
    listing: &Arc<Listing<T, C>>,
    cursor: Option<String>,
    number: u32,
) -> Fetching<T> {
    let (http, listing) = (Arc::clone(http), Arc::clone(listing));
    Fetching(AbortOnDropHandle::new(tokio::spawn(async move {
        let separator = if listing.path.contains('?') { '&' } else { '?' };
        let mut path = format!("{}{separator}limit={}", listing.path, http.page_size());
        if let Some(cursor) = &cursor {
            path.push_str("&cursor=");
            path.extend(url::form_urlencoded::byte_serialize(cursor.as_bytes()));
        }
        let Whole { body, items, next_cursor } = http.get_with(path, listing.what, About::Nothing, Whole::read).await?;
        let malformed = || Failure::Malformed { vendor: http.vendor(), what: listing.what };
        if next_cursor.is_some() && (next_cursor == cursor || number >= MOST_PAGES) {
            return Err(malformed());
        }
        // The next page is asked for before this one is read.
        let next = next_cursor.map(|cursor| fetch(&http, &listing, Some(cursor), number + 1));
        let mut shared = C::default();
        let read = |item: Range<usize>| {
            let json = std::str::from_utf8(&body[item]).ok()?;
            let read = (listing.read)(json, &mut shared);
            Some(read.map_or_else(|| Listed::Unreadable(Unreadable { id: id_of(json) }), Listed::Read))
        };
        let items = items.into_iter().map(read).collect::<Option<_>>().ok_or_else(malformed)?;
        Ok(Page { items, next })
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
