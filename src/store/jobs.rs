//! Jobs of runs that are under way: what a program or a person asked for, and which of them nobody is at any more.

use jiff::Timestamp;

use super::database::query;
use super::{Store, StoreError};
use crate::domain::{FirmId, RunId};

/// A run that did not come to its end, and that no process is at.
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
}

impl Store {
    /// The runs with a job whose process is gone, the earliest first.
    pub async fn orphaned_runs(&self) -> Result<Vec<OrphanedRun>, StoreError> {
        let sql = "select id, firm, job, job_at, times_taken_up from runs where status = 'running' and job is not null order by job_at, id";
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

    /// Ends a run that no process is at before one takes it up; `false` if none would. One that has just taken it up is asked to stop.
    pub async fn call_off(&self, run: &RunId) -> Result<bool, StoreError> {
        let sql = "update runs set status = 'cancelled', job = null, cancel_requested = 1
                   where id = $1 and status = 'running' and job is not null";
        Ok(query(sql).bind(&run.0).execute(&self.pool).await?.rows_affected() == 1)
    }
}
