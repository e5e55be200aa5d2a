//! The creations of cases: which number the idempotency key of each bears, so that a retry repeats its key and a new connect does not.

use jiff::{SignedDuration, Timestamp};

use super::database::query;
use super::{Store, StoreError};
use crate::domain::{CaseId, FirmId, RunId};

impl Store {
    /// The number for the creation of a case that a read has just shown to be absent. The same run, and whoever comes within `settle` of the
    /// last creation, repeat its number: it may have been done and not be shown yet. Everybody else takes the next one.
    ///
    /// # Errors
    /// The store says no; nothing may be created then.
    pub async fn take_creation(
        &self,
        firm: &FirmId,
        case: CaseId,
        run: &RunId,
        settle: SignedDuration,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let once = || async {
            let sql = "insert into creations (firm, integration_id, attempt, run_id, sent_at) values ($1, $2, 1, $3, $4)
                       on conflict (firm, integration_id) do update set
                       attempt = creations.attempt
                               + case when creations.run_id = excluded.run_id or creations.sent_at > $5 then 0 else 1 end,
                       run_id = excluded.run_id, sent_at = excluded.sent_at
                       returning attempt";
            let mut transaction = self.pool.begin().await?;
            let row = query(sql)
                .bind(firm.as_str())
                .bind(case.to_string())
                .bind(run.0.as_str())
                .bind(now.as_millisecond())
                .bind((now - settle).as_millisecond())
                .fetch_one(&mut transaction)
                .await?;
            let attempt: i64 = row.try_get(0)?;
            transaction.commit().await?;
            u32::try_from(attempt).map_err(|_| StoreError::Unreadable("number of a creation"))
        };
        // Done twice, it is done once.
        self.pool.outlast(|| Box::pin(once())).await
    }

    /// Notes that a read proved that the last creation of a case came to nothing: the next connect takes the next number.
    pub async fn end_creation(&self, firm: &FirmId, case: CaseId) -> Result<(), StoreError> {
        let sql = "update creations set sent_at = 0 where firm = $1 and integration_id = $2";
        query(sql).bind(firm.as_str()).bind(case.to_string()).execute(&self.pool).await?;
        Ok(())
    }
}
