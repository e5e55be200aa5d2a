//! What is kept for so long and no longer.

use jiff::Timestamp;

use super::database::query;
use super::{Store, StoreError};
use crate::domain::RunId;

/// Everything before these moments goes.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Runs with their rows, effects and logs; receipts, notices, and tokens that are worth nothing any more.
    pub rows: Timestamp,
    /// Messages and documents that have arrived, what staff sent, and events that were carried out.
    pub inbox: Timestamp,
    /// Dead letters.
    pub letters: Timestamp,
}

impl Store {
    /// Deletes what is older, and answers the runs that are gone, whose reports may go too.
    ///
    /// # Errors
    /// The store says no.
    pub async fn purge(&self, kept: Kept) -> Result<Vec<RunId>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let rows = kept.rows.as_millisecond();
        let old = "select id from runs where started_at < $1";
        let gone = query(old).bind(rows).fetch_all(&mut transaction).await?;
        let gone: Vec<RunId> = gone.iter().map(|row| Ok(RunId(row.try_get(0)?))).collect::<Result<_, StoreError>>()?;
        for table in ["rows", "effects", "log_lines", "migrations"] {
            let sql = format!("delete from {table} where run_id in ({old})");
            query(sqlx::AssertSqlSafe(sql)).bind(rows).execute(&mut transaction).await?;
        }
        query("delete from runs where started_at < $1").bind(rows).execute(&mut transaction).await?;
        for sql in [
            "delete from occurrences where recorded_at < $1",
            "delete from receipts where received_at < $1",
            "delete from notices where sent_at < $1",
            // Of a firm that is gone.
            "delete from events where received_at < $1",
            "delete from tokens where revoked_at < $1 or expires_at < $1",
        ] {
            query(sql).bind(rows).execute(&mut transaction).await?;
        }
        let inbox = kept.inbox.as_millisecond();
        for sql in [
            "delete from inbox where stored_at < $1 and state in ('done', 'left_out')",
            "delete from documents where stored_at < $1 and state in ('done', 'left_out')",
            "delete from outbox where intended_at < $1 and state = 'done'",
            "delete from events where received_at < $1 and state in ('done', 'dead')",
        ] {
            query(sql).bind(inbox).execute(&mut transaction).await?;
        }
        let letters = kept.letters.as_millisecond();
        query("delete from letters where written_at < $1").bind(letters).execute(&mut transaction).await?;
        // A letter's message or document stays as long as the letter, so that it can be tried again.
        for (table, kind, subject) in [("inbox", "note", "message_id"), ("documents", "document", "document_id")] {
            let sql = format!(
                "delete from {table} where state = 'dead' and not exists (select 1 from letters where letters.firm = {table}.firm and \
                 letters.kind = '{kind}' and letters.subject = {table}.{subject})"
            );
            query(sqlx::AssertSqlSafe(sql)).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(gone)
    }
}
