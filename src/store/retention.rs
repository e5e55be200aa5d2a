//! What is kept for so long and no longer.

use jiff::Timestamp;

use super::database::{QueryBuilder, query};
use super::{Store, StoreError};
use crate::domain::RunId;

/// So many runs go at once, with the rows of each.
const RUNS: u32 = 20;

/// Everything before these moments goes.
#[derive(Debug, Clone, Copy)]
pub struct RetentionCutoffs {
    /// Runs with their rows, effects and logs; receipts, notices, and tokens that are worth nothing any more.
    pub rows: Timestamp,
    /// Messages and documents that have arrived, what staff sent, and events that were carried out.
    pub inbox: Timestamp,
    /// Dead letters.
    pub letters: Timestamp,
}

impl Store {
    /// Deletes what is older, and answers the runs that are gone, whose reports may go too.
    pub async fn purge(&self, kept: RetentionCutoffs) -> Result<Vec<RunId>, StoreError> {
        let rows = kept.rows.as_millisecond();
        let gone = self.purge_runs(rows).await?;
        let mut transaction = self.pool.begin().await?;
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
        if self.is_shared() {
            self.purge_claims().await?;
        }
        Ok(gone)
    }

    /// Deletes runs that began before this, a few at a time: others write in between, and each time is short.
    async fn purge_runs(&self, before: i64) -> Result<Vec<RunId>, StoreError> {
        let mut gone = Vec::new();
        loop {
            let old = query("select id from runs where started_at < $1 order by started_at limit $2").bind(before).bind(RUNS);
            let ids: Vec<String> = old.fetch_all(&self.pool).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            if ids.is_empty() {
                return Ok(gone);
            }
            let mut transaction = self.pool.begin().await?;
            for (table, key) in
                [("rows", "run_id"), ("effects", "run_id"), ("log_lines", "run_id"), ("migrations", "run_id"), ("runs", "id")]
            {
                let mut delete = QueryBuilder::new(format!("delete from {table} where {key} in ("));
                let mut listed = delete.separated(", ");
                for id in &ids {
                    listed.push_bind(id.as_str());
                }
                delete.push(")");
                delete.build().execute(&mut transaction).await?;
            }
            transaction.commit().await?;
            gone.extend(ids.into_iter().map(RunId));
        }
    }

    /// Deletes the claims of runs that began more than a day ago, by the store's clock, and that nobody is at. Those of firms are few, and keep
    /// their epochs.
    async fn purge_claims(&self) -> Result<(), StoreError> {
        let sql = "with day as (select (extract(epoch from clock_timestamp()) * 1000)::bigint - 86400000 as ago)
                   delete from claims using day where name like 'run-%' and until < day.ago
                   and not exists (select 1 from runs where claims.name = 'run-' || runs.id and runs.started_at >= day.ago)";
        query(sql).execute(&self.pool).await?;
        Ok(())
    }
}
