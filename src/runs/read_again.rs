//! What a letter stands for that could not be read is looked for in its feed once more, when somebody wants it tried again.

use super::RunError;
use super::active_run::ActiveRun;
use super::messages::UNREADABLE;
use crate::domain::LetterKind;
use crate::vendors::{Failure, Feed, Listed};

/// What a letter says once the feed has no such item any more.
const GONE: &str = "Case Status does not list it any more";

/// Looks for what letters of this kind stand for in the feed, from its start, and answers what can be read now. The letters of the others
/// say why not. The inner error is why the feed could not be read: the next pass tries again.
pub(super) async fn read_again<T>(
    active_run: &ActiveRun,
    kind: LetterKind,
    mut feed: Feed<T>,
    id: impl Fn(&T) -> &str,
) -> Result<Result<Vec<T>, Failure>, RunError> {
    let (store, firm) = (&active_run.host.store, &active_run.run.firm);
    let mut wanted = store.unread_subjects(firm, kind).await?;
    // Another account may list items of the same names.
    if !wanted.is_empty()
        && let Err(failure) = active_run.check_accounts().await?
    {
        return Ok(Err(failure));
    }
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
