//! What a letter stands for that could not be read is looked for in its feed once more, when somebody wants it tried again.

use std::collections::HashSet;

use super::messages::UNREADABLE;
use crate::domain::{FirmId, LetterKind};
use crate::store::{Store, StoreError};
use crate::vendors::{Failure, Feed, Listed};

/// What a letter says once the feed has no such item any more.
const GONE: &str = "Case Status does not list it any more";

/// Looks for these items in the feed, from its start, and answers those that can be read now. The letters of the others say why not. The
/// inner error is why the feed could not be read: the next pass tries again.
pub(super) async fn read_again<T>(
    store: &Store,
    firm: &FirmId,
    kind: LetterKind,
    mut feed: Feed<T>,
    id: impl Fn(&T) -> &str,
    mut wanted: HashSet<String>,
) -> Result<Result<Vec<T>, Failure>, StoreError> {
    let mut found = Vec::new();
    while !wanted.is_empty() {
        let page = match feed.next_page().await {
            Ok(page) => page,
            Err(failure) => return Ok(Err(failure)),
        };
        for listed in page.items {
            match listed {
                Listed::Read(item) if wanted.remove(id(&item)) => found.push(item),
                Listed::Unreadable(item) if wanted.remove(&item.id) => store.write_letter(firm, kind, &item.id, None, UNREADABLE).await?,
                _ => {}
            }
        }
        if !page.has_more {
            break;
        }
    }
    for subject in wanted {
        store.write_letter(firm, kind, &subject, None, GONE).await?;
    }
    Ok(Ok(found))
}
