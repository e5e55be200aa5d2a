//! Listings: page after page, the next one under way while the last is read, and one odd item never spoiling the others.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tokio_util::task::AbortOnDropHandle;

use super::{Failure, Http};

/// An item of a listing.
#[derive(Debug, Clone, PartialEq)]
pub enum Listed<T> {
    /// As the contract says.
    Read(T),
    /// Not as the contract says.
    Unreadable(Unreadable),
}

/// An item that is not as the contract says. What exactly is wrong is not kept, since it would quote the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The vendor's id of it, if it has one.
    pub id: String,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(rename = "data")]
    _data: IgnoredAny,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Id {
    #[serde(default)]
    id: serde_json::Value,
}

/// Reads every page of the listing at `path` (which may have a query), each item by `read`, which answers `None` for one that is not
/// as the contract says.
pub(crate) async fn each_item<T>(
    http: &Arc<Http>,
    path: &str,
    what: &'static str,
    mut read: impl FnMut(&str) -> Option<T>,
    mut take: impl FnMut(Listed<T>),
) -> Result<(), Failure> {
    let mut next = Some(fetch(http, path, None, what));
    let mut last_cursor = None;
    while let Some(page) = next.take() {
        // A page is fetched by a task of its own, which nobody cancels and which does not panic.
        let (body, cursor) = page.await.map_err(|_| malformed(http, what))??;
        if cursor.is_some() {
            if last_cursor == cursor {
                return Err(malformed(http, what));
            }
            next = Some(fetch(http, path, cursor.as_deref(), what));
            last_cursor = cursor;
        }
        let page: Data<'_> = serde_json::from_slice(&body).map_err(|_| malformed(http, what))?;
        for item in page.data {
            take(match read(item.get()) {
                Some(item) => Listed::Read(item),
                None => Listed::Unreadable(Unreadable { id: id_of(item.get()) }),
            });
        }
    }
    Ok(())
}

fn malformed(http: &Http, what: &'static str) -> Failure {
    Failure::Malformed { vendor: http.vendor(), what }
}

fn id_of(item: &str) -> String {
    match serde_json::from_str::<Id>(item) {
        Ok(Id { id: serde_json::Value::String(text) }) => text.chars().take(64).collect(),
        Ok(Id { id: serde_json::Value::Number(number) }) => number.to_string(),
        _ => String::new(),
    }
}

type Page = AbortOnDropHandle<Result<(Vec<u8>, Option<String>), Failure>>;

fn fetch(http: &Arc<Http>, path: &str, cursor: Option<&str>, what: &'static str) -> Page {
    let http = Arc::clone(http);
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut path = format!("{path}{separator}limit={}", http.page_size());
    if let Some(cursor) = cursor {
        path.push_str("&cursor=");
        path.extend(url::form_urlencoded::byte_serialize(cursor.as_bytes()));
    }
    AbortOnDropHandle::new(tokio::spawn(async move {
        let read = |body: &[u8]| serde_json::from_slice::<Head>(body).map(|head| (body.to_vec(), head.next_cursor));
        http.get_with(path, what, read).await
    }))
}
