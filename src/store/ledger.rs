//! The ledger: what is about to be done to a vendor, and what came of it. An effect that was intended and has no outcome belongs to a
//! process that ended in between; whoever takes its run up asks the vendor.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::database::{DbRow, QueryBuilder, Transaction, query};
use super::{Store, StoreError};
use crate::domain::{CaseId, Changes, EffectKind, EffectOutcome, FirmId, LedgerEntry, RunId};

/// Entries a statement: SQLite takes 32,766 values, and an entry has 9.
const BATCH: usize = 1_000;

impl Store {
    /// Records effects that are about to be performed. One that was intended before keeps its first intent, unless nothing came of that.
    ///
    /// # Errors
    /// The store says no; nothing may be performed then.
    pub async fn intend(&self, run: &RunId, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let once = || async {
            let mut transaction = self.pool.begin().await?;
            for batch in entries.chunks(BATCH) {
                let mut query = QueryBuilder::new(
                    "insert into effects (run_id, key, integration_id, kind, before, after, moves, outcome, intended_at) ",
                );
                query.push_values(batch, |mut values, entry| {
                    values
                        .push_bind(run.0.as_str())
                        .push_bind(entry.key.as_str())
                        .push_bind(entry.case.to_string())
                        .push_bind(entry.kind.as_str())
                        .push_bind(Value::Object(entry.before.to_json()).to_string())
                        .push_bind(Value::Object(entry.after.to_json()).to_string())
                        .push_bind(entry.after.moves())
                        .push_bind(entry.outcome.as_str())
                        .push_bind(entry.intended_at.as_millisecond());
                });
                query.push(
                    " on conflict (run_id, key) do update set before = excluded.before, after = excluded.after, moves = excluded.moves,
                      outcome = excluded.outcome, intended_at = excluded.intended_at where effects.outcome = 'failed'",
                );
                query.build().execute(&mut transaction).await?;
            }
            transaction.commit().await?;
            Ok(())
        };
        // Done twice, it is done once.
        self.pool.outlast(|| Box::pin(once())).await
    }

    /// Every effect of a run, in the order in which they were intended.
    pub async fn effects(&self, run: &RunId) -> Result<Vec<LedgerEntry>, StoreError> {
        let sql = "select key, integration_id, kind, before, after, outcome, intended_at from effects where run_id = $1 order by id";
        let rows = query(sql).bind(&run.0).fetch_all(&self.pool).await?;
        rows.iter().map(read_entry).collect()
    }

    /// Updates of a firm's cases that were intended and whose outcome nobody wrote down, of runs that no process is at, and of the one that
    /// was just taken up.
    pub async fn unsettled_updates(&self, firm: &FirmId, taken_up: &RunId) -> Result<Vec<(RunId, LedgerEntry)>, StoreError> {
        let sql = "select run_id, key, integration_id, effects.kind, before, after, outcome, intended_at from effects
                   join runs on runs.id = effects.run_id
                   where effects.outcome = 'intended' and effects.kind = 'update_case' and runs.firm = $1 order by effects.id";
        let rows = query(sql).bind(firm.as_str()).fetch_all(&self.pool).await?;
        let mut unsettled = Vec::with_capacity(rows.len());
        for row in rows {
            unsettled.push((RunId(row.try_get("run_id")?), read_entry(&row)?));
        }
        let mut runs: Vec<RunId> = unsettled.iter().map(|(run, _)| run.clone()).collect();
        runs.dedup();
        let alive = self.locks.alive(&runs).await?;
        unsettled.retain(|(run, _)| run == taken_up || !alive.contains(run));
        Ok(unsettled)
    }

    /// How many cases of a firm were moved or closed since then, or may have been; each once a run. What an undo has restored does not count.
    pub async fn moves_since(&self, firm: &FirmId, since: Timestamp) -> Result<u64, StoreError> {
        let row = query(
            "select count(*) from (select distinct effects.run_id, effects.integration_id from effects
             join runs on runs.id = effects.run_id
             where effects.intended_at >= $2 and effects.moves = 1 and effects.outcome <> 'failed' and runs.firm = $1) as moved",
        )
        .bind(firm.as_str())
        .bind(since.as_millisecond())
        .fetch_one(&self.pool)
        .await?;
        let moved = row.try_get::<i64, _>(0)?.unsigned_abs();
        Ok(moved.saturating_sub(self.undone_since(firm, since).await?))
    }

    /// How many of these moves an undo has restored: all that moved the case in its run.
    async fn undone_since(&self, firm: &FirmId, since: Timestamp) -> Result<u64, StoreError> {
        let rows = query(
            "select effects.run_id, effects.integration_id, effects.after, back.after as restored from effects
             join runs on runs.id = effects.run_id
             join runs undo on undo.undoes = effects.run_id
             join effects back on back.run_id = undo.id and back.integration_id = effects.integration_id
             where effects.intended_at >= $2 and effects.moves = 1 and effects.outcome <> 'failed' and runs.firm = $1
               and back.kind = 'update_case' and back.outcome = 'done'",
        )
        .bind(firm.as_str())
        .bind(since.as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        let mut cases: BTreeMap<(String, String), (Changes, Changes)> = BTreeMap::new();
        for row in rows {
            let (moved, restored) = cases.entry((row.try_get("run_id")?, row.try_get("integration_id")?)).or_default();
            *moved = std::mem::take(moved).overlaid(read_changes(&row, "after")?);
            *restored = std::mem::take(restored).overlaid(read_changes(&row, "restored")?);
        }
        let is_undone = |(moved, restored): &&(Changes, Changes)| {
            (moved.stage.is_none() || restored.stage.is_some()) && (!moved.closes() || restored.status.is_some())
        };
        Ok(cases.values().filter(is_undone).count() as u64)
    }

    /// How many clients of a firm were invited since then, or may have been, by migrations and connects of a list: one for each case
    /// created.
    pub async fn invitations_since(&self, firm: &FirmId, since: Timestamp) -> Result<u64, StoreError> {
        let row = query(
            "select count(distinct effects.integration_id) from effects
             join runs on runs.id = effects.run_id
             where effects.intended_at >= $2 and effects.kind = 'create_case' and effects.outcome <> 'failed' and runs.firm = $1
               and (runs.kind = 'migration' or runs.kind = 'connect' and runs.cases like '% %')",
        )
        .bind(firm.as_str())
        .bind(since.as_millisecond())
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }
}

/// Records what became of effects; of one that is named twice, what was said last.
pub(super) async fn settle(transaction: &mut Transaction, run: &RunId, settled: &[(String, EffectOutcome)]) -> Result<(), StoreError> {
    let last: BTreeMap<&str, EffectOutcome> = settled.iter().map(|(key, outcome)| (key.as_str(), *outcome)).collect();
    let last: Vec<_> = last.into_iter().collect();
    for batch in last.chunks(BATCH) {
        // What values are called that have no names is the same in both databases.
        let mut query = QueryBuilder::new("update effects set outcome = settled.column2 from (");
        query.push_values(batch, |mut values, (key, outcome)| {
            values.push_bind(*key).push_bind(outcome.as_str());
        });
        query.push(") as settled where effects.key = settled.column1 and effects.run_id = ").push_bind(run.0.as_str());
        query.build().execute(&mut *transaction).await?;
    }
    Ok(())
}

fn read_entry(row: &DbRow) -> Result<LedgerEntry, StoreError> {
    let unreadable = || StoreError::Unreadable("ledger entry");
    Ok(LedgerEntry {
        key: row.try_get("key")?,
        case: CaseId::parse(row.try_get("integration_id")?).ok_or_else(unreadable)?,
        kind: EffectKind::parse(row.try_get("kind")?).ok_or_else(unreadable)?,
        before: read_changes(row, "before")?,
        after: read_changes(row, "after")?,
        outcome: EffectOutcome::parse(row.try_get("outcome")?).ok_or_else(unreadable)?,
        intended_at: Timestamp::from_millisecond(row.try_get("intended_at")?).map_err(|_| unreadable())?,
    })
}

pub(super) fn read_changes(row: &DbRow, column: &str) -> Result<Changes, StoreError> {
    let unreadable = || StoreError::Unreadable("ledger entry");
    let text: String = row.try_get(column)?;
    let object: Map<String, Value> = serde_json::from_str(&text).map_err(|_| unreadable())?;
    Changes::from_json(&object).map_err(|_| unreadable())
}
