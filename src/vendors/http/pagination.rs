//! What a reading of a listing or a feed has come past: it keeps a vendor whose cursors go round from being read for ever.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Endless, Failure, VendorHttp};

/// The cursors of one reading.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    seen: HashSet<String>,
    pages: u32,
}

impl Cursors {
    /// Begins a reading behind this cursor.
    pub(super) fn after(cursor: Option<&str>) -> Cursors {
        let mut cursors = Cursors::default();
        cursors.seen.extend(cursor.map(str::to_owned));
        cursors
    }

    /// The number of the page that is read now, from 1.
    pub(super) fn page(&self) -> u32 {
        self.pages + 1
    }

    /// Goes on to the next page.
    ///
    /// # Errors
    /// The reading was there before, or has read as many pages as it may.
    pub(super) fn advance(&mut self, next: &str, max_pages: u32) -> Result<(), Endless> {
        self.pages += 1;
        if !self.seen.insert(next.to_owned()) {
            return Err(Endless::Cursor(self.pages));
        }
        if self.pages >= max_pages { Err(Endless::Pages(max_pages)) } else { Ok(()) }
    }
}

/// Reads an item up to its id, which mostly comes first.
#[derive(Default)]
struct FindId(Option<u64>);

impl<'de> Visitor<'de> for &mut FindId {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an item")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
            if name == "id" {
                self.0 = Some(hash_of(fields.next_value::<&RawValue>()?.get()));
                return Ok(());
            }
            fields.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// A hash of an item's id as it is written; `None` for an item that has none.
pub(super) fn hash_of_id(item: &str) -> Option<u64> {
    let mut found = FindId::default();
    // The rest of the item, which is left unread, is an error.
    let _ = serde_json::Deserializer::from_str(item).deserialize_map(&mut found);
    found.0
}

pub(super) fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The items of one reading, by the hashes of their ids.
#[derive(Debug, Default)]
pub(super) struct Items(HashSet<u64>);

impl Items {
    /// Whether no item of this id came before. One without an id is always new.
    pub(super) fn is_new(&mut self, id: Option<u64>) -> bool {
        id.is_none_or(|id| self.0.insert(id))
    }
}

/// The failure of a reading that has no end.
pub(super) fn endless(http: &VendorHttp, what: &'static str, reason: Endless) -> Failure {
    Failure::Endless { vendor: http.vendor(), what, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_that_came_before_ends_a_reading_however_long_the_way_round() {
        let mut cursors = Cursors::after(Some("c0"));
        for number in 1..=5 {
            assert_eq!(cursors.advance(&format!("c{number}"), 100), Ok(()));
        }
        assert_eq!(cursors.advance("c0", 100), Err(Endless::Cursor(6)));
    }

    #[test]
    fn a_reading_has_as_many_pages_as_it_may_and_no_more() {
        let mut cursors = Cursors::after(None);
        assert_eq!(cursors.advance("a", 2), Ok(()));
        assert_eq!(cursors.advance("b", 2), Err(Endless::Pages(2)));
    }

    #[test]
    fn the_same_id_is_new_once_and_what_has_none_is_always_new() {
        let mut items = Items::default();
        let new =
            [r#"{"id": 1}"#, r#"{"stage": "x", "id": 1}"#, r#"{"id": "1"}"#, "{}", "{}", "7"].map(|item| items.is_new(hash_of_id(item)));
        assert_eq!(new, [true, false, true, true, true, true]);
    }
}
