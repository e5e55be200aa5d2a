//! How far each feed of a firm has been stored.

use jiff::Timestamp;

use super::database::{Transaction, query};
use super::{Store, StoreError};
use crate::domain::FirmId;

impl Store {
    /// The cursor of a firm's feed, if it was ever read.
    pub async fn cursor(&self, firm: &FirmId, feed: &str) -> Result<Option<String>, StoreError> {
        let row = query("select cursor from cursors where firm = $1 and feed = $2").bind(firm.as_str()).bind(feed);
        let row = row.fetch_optional(&self.pool).await?;
        row.map(|row| row.try_get(0)).transpose().map_err(StoreError::from)
    }

    /// Moves a cursor by itself, past what nobody wants stored.
    pub async fn move_cursor(&self, firm: &FirmId, feed: &str, cursor: &str) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        move_to(&mut transaction, firm, feed, cursor).await?;
        transaction.commit().await
    }
}

/// Moves a cursor within the transaction that stores what it passes.
pub(super) async fn move_to(transaction: &mut Transaction, firm: &FirmId, feed: &str, cursor: &str) -> Result<(), StoreError> {
    query(
        "insert into cursors (firm, feed, cursor, moved_at) values ($1, $2, $3, $4)
         on conflict (firm, feed) do update set cursor = excluded.cursor, moved_at = excluded.moved_at",
    )
    .bind(firm.as_str())
    .bind(feed)
    .bind(cursor)
    .bind(Timestamp::now().as_millisecond())
    .execute(transaction)
    .await?;
    Ok(())
}
