//! Jobs of runs: those that are queued, and those that were under way when their process ended.

use jiff::Timestamp;

use super::database::query;
use super::migrations::insert_migration;
use super::runs::written;
use super::{Store, StoreError};
use crate::domain::{FirmId, MigrationTask, Run, RunId};

/// A run with a job that no process is at: it waits, or did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanedRun {
    /// The run.
    pub id: RunId,
    /// Whose it is.
    pub firm: FirmId,
    /// What it was asked for, as [`Store::begin_run`] was given it.
    pub job: String,
    /// When.
    pub job_at: Timestamp,
    /// How often it was taken up so far.
    pub times_taken_up: i64,
    /// Whether it has yet to begin.
    pub is_queued: bool,
}

impl Store {
    /// Records a run that waits for its turn, with its job, and what a migration is to do by a script of this hash. One that is recorded already stays as it is.
    pub async fn queue_run(&self, run: &Run, rules_text: &str, job: &str, task: Option<(&MigrationTask, &str)>) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        query("insert into revisions (firm, revision, text, first_used_at) values ($1, $2, $3, $4) on conflict do nothing")
            .bind(run.firm.as_str())
            .bind(&*run.revision.0)
            .bind(rules_text)
            .bind(run.started_at.as_millisecond())
            .execute(&mut transaction)
            .await?;
        query(
            "insert into runs (id, firm, kind, revision, dry_run, status, reason, cases, started_at, undoes, job, job_at)
             values ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9, $10, $8) on conflict (id) do nothing",
        )
        .bind(&run.id.0)
        .bind(run.firm.as_str())
        .bind(run.kind.as_str())
        .bind(&*run.revision.0)
        .bind(run.dry_run)
        .bind(&run.reason)
        .bind(written(&run.cases))
        .bind(run.started_at.as_millisecond())
        .bind(run.undoes.as_ref().map(|run| &run.0))
        .bind(job)
        .execute(&mut transaction)
        .await?;
        if let Some((task, script_hash)) = task {
            insert_migration(&run.id, task, script_hash).execute(&mut transaction).await?;
        }
        transaction.commit().await
    }

    /// Queues a held run with what was approved of it; `false` if it is not held any more.
    pub async fn queue_approved(&self, id: &RunId, approved: &str, job: &str) -> Result<bool, StoreError> {
        let sql = "update runs set status = 'queued', cancel_requested = 0, approved = $2, job = $3, job_at = $4
                   where id = $1 and status = 'held'";
        let queued = query(sql).bind(&id.0).bind(approved).bind(job).bind(Timestamp::now().as_millisecond());
        Ok(queued.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Notes why a queued run waits. One that was approved keeps the reason why it was held.
    pub async fn note_wait(&self, id: &RunId, reason: &str) -> Result<(), StoreError> {
        query("update runs set reason = $2 where id = $1 and status = 'queued' and approved is null")
            .bind(&id.0)
            .bind(reason)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a queued run that could not begin. One that was approved is held again: an approval is not used up by what was never begun.
    pub async fn refuse_queued(&self, id: &RunId, reason: &str) -> Result<(), StoreError> {
        let sql = "update runs set status = case when approved is null then 'failed' else 'held' end, job = null,
                   reason = case when approved is null then $2 else reason end,
                   finished_at = case when approved is null then $3 else finished_at end where id = $1 and status = 'queued'";
        let mut transaction = self.pool.begin().await?;
        // A script that was never begun is nothing to go on with.
        query("update migrations set ended = 1 where run_id in (select id from runs where id = $1 and status = 'queued' and approved is null)")
            .bind(&id.0)
            .execute(&mut transaction)
            .await?;
        query(sql).bind(&id.0).bind(reason).bind(Timestamp::now().as_millisecond()).execute(&mut transaction).await?;
        transaction.commit().await
    }

    /// Forgets a queued run that nobody wants any more; it never was a held one.
    pub async fn discard_queued(&self, id: &RunId) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        query("delete from migrations where run_id in (select id from runs where id = $1 and status = 'queued' and approved is null)")
            .bind(&id.0)
            .execute(&mut transaction)
            .await?;
        query("delete from runs where id = $1 and status = 'queued' and approved is null").bind(&id.0).execute(&mut transaction).await?;
        transaction.commit().await
    }

    /// The runs with a job that no process is at, the earliest first.
    pub async fn orphaned_runs(&self) -> Result<Vec<OrphanedRun>, StoreError> {
        let sql = "select id, firm, status, job, job_at, times_taken_up from runs
                   where status in ('queued', 'running') and job is not null order by job_at, id";
        let rows = query(sql).fetch_all(&self.readers).await?;
        let mut runs = Vec::with_capacity(rows.len());
        for row in rows {
            let unreadable = || StoreError::Unreadable("job");
            runs.push(OrphanedRun {
                id: RunId(row.try_get("id")?),
                firm: FirmId::new(row.try_get("firm")?).ok_or_else(unreadable)?,
                job: row.try_get("job")?,
                job_at: Timestamp::from_millisecond(row.try_get("job_at")?).map_err(|_| unreadable())?,
                times_taken_up: row.try_get("times_taken_up")?,
                is_queued: row.try_get::<String, _>("status")? == "queued",
            });
        }
        let ids: Vec<RunId> = runs.iter().map(|run| run.id.clone()).collect();
        let alive = self.locks.alive(&ids).await?;
        runs.retain(|run| !alive.contains(&run.id));
        Ok(runs)
    }

    /// Has a run taken up by nobody any more.
    pub async fn forget_job(&self, run: &RunId) -> Result<(), StoreError> {
        query("update runs set job = null where id = $1").bind(&run.0).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends a run that waits, or that no process is at before one takes it up; `false` if none would. One that has just taken it up is asked
    /// to stop.
    pub async fn call_off(&self, run: &RunId) -> Result<bool, StoreError> {
        let sql = "update runs set status = 'cancelled', job = null, cancel_requested = 1
                   where id = $1 and status in ('queued', 'running') and job is not null";
        Ok(query(sql).bind(&run.0).execute(&self.pool).await?.rows_affected() == 1)
    }
}
