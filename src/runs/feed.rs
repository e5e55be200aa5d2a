//! Reads a feed of Case Status: what is new is stored in the transaction that moves the cursor, page by page, and what dead letters stand
//! for is looked for once more when somebody wants it retried.

use super::active_run::ActiveRun;
use super::{RunError, VendorClients};
use crate::domain::{Document, FirmId, LetterKind, Message};
use crate::rules::FirmRules;
use crate::rules::raw::Start;
use crate::store::{Store, StoreError};
use crate::vendors::{Feed, Listed};

/// What a letter says of what cannot be read.
const UNREADABLE: &str = "Case Status lists it in a way that nothing here can read; look at it in Case Status";

/// What a letter says once the feed has no such item any more.
const GONE: &str = "Case Status does not list it any more";

/// What a feed has.
pub(super) trait FeedItem: Sized {
    /// Under which name the store keeps the cursor.
    const CURSOR: &'static str;
    /// The letters about such items.
    const LETTER: LetterKind;

    fn id(&self) -> &str;

    fn feed(clients: &VendorClients, cursor: Option<&str>) -> Feed<Self>;

    /// Stores items, and the cursor behind them.
    fn store(store: &Store, firm: &FirmId, items: &[Self], cursor: Option<&str>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether a firm that was never looked at begins at the end of the feed.
    fn starts_at_end(_: &FirmRules) -> bool {
        false
    }
}

impl FeedItem for Message {
    const CURSOR: &'static str = "messages";
    const LETTER: LetterKind = LetterKind::Note;

    fn id(&self) -> &str {
        &self.id
    }

    fn feed(clients: &VendorClients, cursor: Option<&str>) -> Feed<Message> {
        clients.case_status.messages(cursor)
    }

    async fn store(store: &Store, firm: &FirmId, items: &[Message], cursor: Option<&str>) -> Result<(), StoreError> {
        store.receive_messages(firm, items, cursor).await
    }

    fn starts_at_end(rules: &FirmRules) -> bool {
        rules.messages.start.value == Start::Now
    }
}

impl FeedItem for Document {
    const CURSOR: &'static str = "documents";
    const LETTER: LetterKind = LetterKind::Document;

    fn id(&self) -> &str {
        &self.id
    }

    fn feed(clients: &VendorClients, cursor: Option<&str>) -> Feed<Document> {
        clients.case_status.documents(cursor)
    }

    async fn store(store: &Store, firm: &FirmId, items: &[Document], cursor: Option<&str>) -> Result<(), StoreError> {
        store.receive_documents(firm, items, cursor).await
    }
}

/// Stores what the feed has behind its cursor.
pub(super) async fn receive<T: FeedItem>(active_run: &ActiveRun) -> Result<(), RunError> {
    let (store, rules) = (active_run.store(), active_run.rules());
    let mut cursor = store.cursor(&rules.firm, T::CURSOR).await?;
    let skips_all = cursor.is_none() && T::starts_at_end(rules);
    let mut feed = T::feed(&active_run.clients, cursor.as_deref());
    while !active_run.is_cancelled() {
        let page = feed.next_page().await?;
        let is_news = cursor.as_deref() != Some(page.next_cursor.as_str());
        if is_news || !page.items.is_empty() {
            active_run.check_accounts().await?;
        }
        let mut items: Vec<T> = Vec::with_capacity(page.items.len());
        for listed in page.items {
            match listed {
                Listed::Read(item) => items.push(item),
                Listed::Unreadable(_) if skips_all => {}
                Listed::Unreadable(item) => {
                    tracing::warn!(firm = %rules.firm, feed = T::CURSOR, item = item.id, "feed item violates the contract");
                    // The cursor goes past it, and somebody should know.
                    store.write_letter(&rules.firm, T::LETTER, &item.id, None, UNREADABLE).await?;
                }
            }
        }
        if skips_all {
            // Only past all of them: a part would be taken for the beginning the next time.
            if !page.has_more {
                store.move_cursor(&rules.firm, T::CURSOR, &page.next_cursor).await?;
            }
        } else if is_news || !items.is_empty() {
            T::store(store, &rules.firm, &items, Some(&page.next_cursor)).await?;
        }
        if !page.has_more {
            break;
        }
        cursor = Some(page.next_cursor);
    }
    let found = read_again::<T>(active_run).await?;
    if !found.is_empty() {
        T::store(store, &rules.firm, &found, None).await?;
    }
    Ok(())
}

/// Looks in the feed, from its start, for what retried letters stand for, and answers what can be read now. The letters of the others say
/// why not.
async fn read_again<T: FeedItem>(active_run: &ActiveRun) -> Result<Vec<T>, RunError> {
    let (store, firm) = (active_run.store(), &active_run.run.firm);
    let mut wanted = store.unread_subjects(firm, T::LETTER).await?;
    // Another account may list items of the same names.
    if !wanted.is_empty() {
        active_run.check_accounts().await?;
    }
    let (mut feed, mut found) = (T::feed(&active_run.clients, None), Vec::new());
    while !wanted.is_empty() {
        let page = feed.next_page().await?;
        for listed in page.items {
            match listed {
                Listed::Read(item) if wanted.remove(item.id()) => found.push(item),
                Listed::Unreadable(item) if wanted.remove(&item.id) => {
                    store.write_letter(firm, T::LETTER, &item.id, None, UNREADABLE).await?;
                }
                _ => {}
            }
        }
        if !page.has_more {
            break;
        }
    }
    for subject in wanted {
        store.write_letter(firm, T::LETTER, &subject, None, GONE).await?;
    }
    Ok(found)
}
