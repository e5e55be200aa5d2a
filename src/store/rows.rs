//! Rows: recorded in batches as outcomes happen, read back for reports and the guard.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::database::{DbRow, Dialect, QueryBuilder, query};
use super::ledger::settle;
use super::{Store, StoreError};
use crate::domain::{EffectOutcome, FixBy, Row, RowResult, RunId, Stage};

/// Rows a statement: SQLite takes 32,766 values, and a row has 12.
const BATCH: usize = 1_000;

/// Which rows of a run are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFilter {
    /// All.
    All,
    /// Those that came out so.
    Result(RowResult),
    /// Those whose case moves to another stage, or is closed.
    Moves,
}

/// What clients notice of a run, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientImpact {
    /// Clients who get a survey because their case moves to another stage.
    pub stage_moves: u64,
    /// Clients whose case is closed.
    pub closures: u64,
    /// Clients who are invited to the app.
    pub invitations: u64,
}

impl Store {
    /// Records rows, each over an earlier one of the same case in the same run. All of them or none.
    pub async fn put_rows(&self, run: &RunId, rows: &[Row], at: Timestamp) -> Result<(), StoreError> {
        self.put_outcomes(run, rows, &[], at).await
    }

    /// Records rows, and what became of the effects behind them. All of it or nothing.
    pub async fn put_outcomes(
        &self,
        run: &RunId,
        rows: &[Row],
        settled: &[(String, EffectOutcome)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let once = || async {
            let mut transaction = self.pool.begin().await?;
            settle(&mut transaction, run, settled).await?;
            // A statement puts no row over one of its own.
            let last: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.integration_id.as_str(), row)).collect();
            let last: Vec<&Row> = last.into_values().collect();
            for batch in last.chunks(BATCH) {
                let mut query = QueryBuilder::new(
                    "insert into rows (run_id, integration_id, readable_id, client, result, changes, reason, rule, fix_by,
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
                query.push(
                    " on conflict (run_id, integration_id) do update set readable_id = excluded.readable_id, client = excluded.client,
                     result = excluded.result, changes = excluded.changes, reason = excluded.reason, rule = excluded.rule,
                     fix_by = excluded.fix_by, stage_to = excluded.stage_to, closes = excluded.closes, recorded_at = excluded.recorded_at",
                );
                query.build().execute(&mut transaction).await?;
            }
            transaction.commit().await?;
            Ok(())
        };
        // Done twice, it is done once.
        self.pool.outlast(|| Box::pin(once())).await
    }

    /// Every row of a run, in no order.
    pub async fn rows(&self, run: &RunId) -> Result<Vec<Row>, StoreError> {
        let rows = query(
            "select integration_id, readable_id, client, result, changes, reason, rule, fix_by, stage_to, closes
             from rows where run_id = $1",
        )
        .bind(&run.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_row).collect()
    }

    /// Rows of a run in the order of the cases' numbers, from the `from`th on, at most so many.
    pub async fn some_rows(&self, run: &RunId, filter: RowFilter, from: u32, most: u32) -> Result<Vec<Row>, StoreError> {
        let mut query = QueryBuilder::new(
            "select integration_id, readable_id, client, result, changes, reason, rule, fix_by, stage_to, closes from rows where run_id = ",
        );
        query.push_bind(run.0.as_str());
        match filter {
            RowFilter::All => {}
            RowFilter::Result(result) => {
                query.push(" and result = ").push_bind(result.as_str());
            }
            RowFilter::Moves => {
                query.push(" and (stage_to is not null or closes = 1)");
            }
        }
        let number = match self.readers.dialect() {
            // It would read the number with which a text begins.
            Dialect::Sqlite => {
                "case when length(integration_id) <= 18 and integration_id not glob '*[^0-9]*' then cast(integration_id as integer) else 0 end"
            }
            // It does not read what is no number as 0.
            Dialect::Postgres => "case when integration_id ~ '^[0-9]{1,18}$' then cast(integration_id as bigint) else 0 end",
        };
        query.push(format_args!(" order by {number}, integration_id limit ")).push_bind(most).push(" offset ").push_bind(from);
        query.build().fetch_all(&self.readers).await?.iter().map(read_row).collect()
    }

    /// What clients notice of a run, or would.
    pub async fn noticed(&self, run: &RunId) -> Result<ClientImpact, StoreError> {
        let sql = "select count(stage_to), count(case when closes = 1 then 1 end), count(case when result = 'created' then 1 end)
                   from rows where run_id = $1";
        let row = query(sql).bind(&run.0).fetch_one(&self.readers).await?;
        let count = |at: usize| Ok::<_, StoreError>(row.try_get::<i64, _>(at)?.unsigned_abs());
        Ok(ClientImpact { stage_moves: count(0)?, closures: count(1)?, invitations: count(2)? })
    }

    /// Forgets what a run that is planned again said of cases that it did not write.
    pub async fn clear_unwritten_rows(&self, run: &RunId) -> Result<(), StoreError> {
        query("delete from rows where run_id = $1 and result not in ('updated', 'created')").bind(&run.0).execute(&self.pool).await?;
        Ok(())
    }
}

fn read_row(row: &DbRow) -> Result<Row, StoreError> {
    let unreadable = || StoreError::Unreadable("row");
    let fix_by: Option<String> = row.try_get("fix_by")?;
    Ok(Row {
        integration_id: row.try_get::<&str, _>("integration_id")?.into(),
        readable_id: row.try_get::<&str, _>("readable_id")?.into(),
        client: row.try_get::<&str, _>("client")?.into(),
        result: RowResult::parse(row.try_get("result")?).ok_or_else(unreadable)?,
        changes: row.try_get("changes")?,
        reason: row.try_get("reason")?,
        rule: row.try_get("rule")?,
        fix_by: fix_by.map(|fix_by| FixBy::parse(&fix_by).ok_or_else(unreadable)).transpose()?,
        stage_to: row.try_get::<Option<i64>, _>("stage_to")?.and_then(Stage::new),
        closes: row.try_get("closes")?,
    })
}
