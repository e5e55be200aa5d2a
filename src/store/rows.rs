//! Rows: recorded in batches as outcomes happen, read back for reports and the guard.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::ledger::settle;
use super::{Store, StoreError};
use crate::domain::{EffectOutcome, FixBy, Row, RowResult, RunId, Stage};

/// Rows a statement: SQLite takes 32,766 values, and a row has 12.
const BATCH: usize = 1_000;

impl Store {
    /// Records rows, each over an earlier one of the same case in the same run. All of them or none.
    ///
    /// # Errors
    /// The store says no.
    pub async fn put_rows(&self, run: &RunId, rows: &[Row], at: Timestamp) -> Result<(), StoreError> {
        self.put_outcomes(run, rows, &[], at).await
    }

    /// Records rows, and what became of the effects behind them. All of it or nothing.
    ///
    /// # Errors
    /// The store says no.
    pub async fn put_outcomes(
        &self,
        run: &RunId,
        rows: &[Row],
        settled: &[(String, EffectOutcome)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for (key, outcome) in settled {
            settle(&mut transaction, run, key, *outcome).await?;
        }
        for batch in rows.chunks(BATCH) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "insert or replace into rows (run_id, integration_id, readable_id, client, result, changes, reason, rule, fix_by,
                 stage_to, closes, recorded_at) ",
            );
            query.push_values(batch, |mut values, row| {
                values
                    .push_bind(run.0.as_str())
                    .push_bind(row.integration_id.as_str())
                    .push_bind(row.readable_id.as_str())
                    .push_bind(row.client.as_str())
                    .push_bind(row.result.as_str())
                    .push_bind(row.changes.as_str())
                    .push_bind(row.reason.as_deref())
                    .push_bind(row.rule.as_deref())
                    .push_bind(row.fix_by.map(FixBy::as_str))
                    .push_bind(row.stage_to.map(|stage| i64::from(stage.number())))
                    .push_bind(row.closes)
                    .push_bind(at.as_millisecond());
            });
            query.build().execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Every row of a run, in no order.
    ///
    /// # Errors
    /// The store says no.
    pub async fn rows(&self, run: &RunId) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query(
            "select integration_id, readable_id, client, result, changes, reason, rule, fix_by, stage_to, closes
             from rows where run_id = $1",
        )
        .bind(&run.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// Forgets what a run that is planned again said of cases that it did not write.
    ///
    /// # Errors
    /// The store says no.
    pub async fn clear_unwritten_rows(&self, run: &RunId) -> Result<(), StoreError> {
        sqlx::query("delete from rows where run_id = $1 and result not in ('updated', 'created')").bind(&run.0).execute(&self.pool).await?;
        Ok(())
    }
}

fn read_row(row: &SqliteRow) -> Result<Row, StoreError> {
    let unreadable = || StoreError::Unreadable("row");
    let fix_by: Option<String> = row.try_get("fix_by")?;
    Ok(Row {
        integration_id: row.try_get("integration_id")?,
        readable_id: row.try_get("readable_id")?,
        client: row.try_get("client")?,
        result: RowResult::parse(row.try_get("result")?).ok_or_else(unreadable)?,
        changes: row.try_get("changes")?,
        reason: row.try_get("reason")?,
        rule: row.try_get("rule")?,
        fix_by: fix_by.map(|fix_by| FixBy::parse(&fix_by).ok_or_else(unreadable)).transpose()?,
        stage_to: row.try_get::<Option<i64>, _>("stage_to")?.and_then(Stage::new),
        closes: row.try_get("closes")?,
    })
}
