//! Runs: begun, ended, looked up.

use std::collections::HashMap;

use jiff::Timestamp;

use super::database::{DbRow, QueryBuilder, Transaction, query};
use super::locks::name_of;
use super::{Store, StoreError};
use crate::domain::{CaseId, Counts, FirmId, Kind, Revision, RowResult, Run, RunId, RunStatus};

pub(super) const COLUMNS: &str =
    "id, firm, kind, revision, dry_run, status, reason, cases, started_at, finished_at, would_hold, undoes, answer";

/// Which runs are asked for; those that pass all of it.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this firm.
    pub firm: Option<FirmId>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// That stand so.
    pub status: Option<RunStatus>,
    /// That write, or that only say what they would.
    pub dry_run: Option<bool>,
}

impl Store {
    /// An id that no run has yet.
    pub async fn unused_run_id(&self) -> Result<RunId, StoreError> {
        loop {
            // Without randomness, two runs begun in one second would differ by the process that began them.
            let random = getrandom::u32().unwrap_or_else(|_| std::process::id());
            let id = RunId::new(Timestamp::now(), random);
            // Of thousands of firms, two begin a run in the same second and draw the same letters now and then.
            if self.run(&id).await?.is_none() {
                return Ok(id);
            }
        }
    }

    /// Records a run that begins, what it was asked for, and the text of its rules if it is the first to run under them. One that is taken up
    /// without a job has the one that it had.
    pub async fn begin_run(&self, run: &Run, rules_text: &str, job: Option<&str>) -> Result<(), StoreError> {
        let once = || async {
            let mut transaction = self.pool.begin().await?;
            query("insert into revisions (firm, revision, text, first_used_at) values ($1, $2, $3, $4) on conflict do nothing")
                .bind(run.firm.as_str())
                .bind(&*run.revision.0)
                .bind(rules_text)
                .bind(run.started_at.as_millisecond())
                .execute(&mut transaction)
                .await?;
            // A held run that was approved, and a migration that is taken up, begin again under their old ids.
            query(
                "insert into runs (id, firm, kind, revision, dry_run, status, reason, cases, started_at, finished_at, undoes, job, job_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, $10, $11, $12)
                 on conflict (id) do update set revision = excluded.revision, status = excluded.status, reason = null, finished_at = null,
                 would_hold = null, answer = null, times_taken_up = case when runs.job is null then 0 else runs.times_taken_up + 1 end,
                 job_at = case when runs.job is null then excluded.job_at else runs.job_at end, job = coalesce(excluded.job, runs.job),
                 cancel_requested = case when runs.status = 'running' then runs.cancel_requested else 0 end",
            )
            .bind(&run.id.0)
            .bind(run.firm.as_str())
            .bind(run.kind.as_str())
            .bind(&*run.revision.0)
            .bind(run.dry_run)
            .bind(run.status.as_str())
            .bind(&run.reason)
            .bind(written(&run.cases))
            .bind(run.started_at.as_millisecond())
            .bind(run.undoes.as_ref().map(|run| &run.0))
            .bind(job)
            .bind(job.map(|_| Timestamp::now().as_millisecond()))
            .execute(&mut transaction)
            .await?;
            transaction.commit().await?;
            Ok(())
        };
        // Done twice, it is done once.
        self.pool.outlast(|| Box::pin(once())).await
    }

    /// Records how a run ended and, in the same transaction, that the occurrence of this schedule is done: no moment lies between the two. Held
    /// runs whose work it has shown or done anew are discarded with it.
    pub async fn end_run(&self, run: &Run, schedule: Option<&str>) -> Result<(), StoreError> {
        let once = || async {
            let mut transaction = self.pool.begin().await?;
            query("update runs set status = $2, reason = $3, finished_at = $4, would_hold = $5, answer = $6, job = null where id = $1")
                .bind(&run.id.0)
                .bind(run.status.as_str())
                .bind(&run.reason)
                .bind(run.finished_at.map(Timestamp::as_millisecond))
                .bind(run.would_hold)
                .bind(&run.answer)
                .execute(&mut transaction)
                .await?;
            let shows_all = matches!(run.status, RunStatus::Succeeded | RunStatus::Partial | RunStatus::Held);
            if shows_all && !run.dry_run {
                discard_superseded(&mut transaction, run).await?;
            }
            if let Some(schedule) = schedule {
                query("update schedules set done = $1 where firm = $2 and schedule = $3")
                    .bind(true)
                    .bind(run.firm.as_str())
                    .bind(schedule)
                    .execute(&mut transaction)
                    .await?;
            }
            transaction.commit().await
        };
        // Done twice, it is done once.
        self.pool.outlast(|| Box::pin(once())).await
    }

    /// A run; one whose process has gone reads as interrupted.
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from runs where id = $1"));
        let row = query(sql).bind(&id.0).fetch_optional(&self.readers).await?;
        Ok(self.read_runs(row.as_slice()).await?.pop())
    }

    /// The latest runs first, with how many cases came out how.
    pub async fn runs(&self, firm: Option<&FirmId>, limit: u32) -> Result<Vec<(Run, Counts)>, StoreError> {
        self.runs_before(&RunFilter { firm: firm.cloned(), ..RunFilter::default() }, None, limit).await
    }

    /// The same, of the runs that pass the filter and began before this one.
    pub async fn runs_before(&self, filter: &RunFilter, before: Option<&Run>, limit: u32) -> Result<Vec<(Run, Counts)>, StoreError> {
        let mut query = QueryBuilder::new(format!("select {COLUMNS} from runs where (started_at, id) < ("));
        query.push_bind(before.map_or(i64::MAX, |run| run.started_at.as_millisecond())).push(", ");
        query.push_bind(before.map_or("", |run| &run.id.0)).push(")");
        // Only what is asked for is a condition, so that each finds its index.
        if let Some(firm) = &filter.firm {
            query.push(" and firm = ").push_bind(firm.as_str());
        }
        if let Some(kind) = filter.kind {
            query.push(" and kind = ").push_bind(kind.as_str());
        }
        if let Some(status) = filter.status {
            // Of those that are recorded as running, the processes say which are.
            let recorded = if status == RunStatus::Interrupted { RunStatus::Running } else { status };
            query.push(" and status = ").push_bind(recorded.as_str());
        }
        if let Some(dry_run) = filter.dry_run {
            query.push(" and dry_run = ").push_bind(dry_run);
        }
        query.push(" order by started_at desc, id desc limit ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        let mut runs = self.read_runs(&rows).await?;
        runs.retain(|run| filter.status.is_none_or(|status| run.status == status));
        let mut counts = self.counts_of(&runs).await?;
        let counted = |run: Run| {
            let counts = counts.remove(&run.id).unwrap_or_default();
            (run, counts)
        };
        Ok(runs.into_iter().map(counted).collect())
    }

    /// How many runs are at work; one whose process has gone is not.
    pub async fn running_runs(&self) -> Result<u64, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from runs where status = 'running'"));
        let rows = query(sql).fetch_all(&self.readers).await?;
        let runs = self.read_runs(&rows).await?;
        Ok(runs.iter().filter(|run| run.status == RunStatus::Running).count() as u64)
    }

    /// Puts a held run away; `false` if it is not held any more.
    pub async fn put_away(&self, id: &RunId) -> Result<bool, StoreError> {
        let put = query("update runs set status = 'cancelled' where id = $1 and status = 'held'").bind(&id.0);
        Ok(put.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Takes a queued run to carry it out; `false` if it is not queued any more.
    pub async fn take_queued(&self, id: &RunId, started_at: Timestamp) -> Result<bool, StoreError> {
        let sql =
            "update runs set status = 'running', job = null, cancel_requested = 0, started_at = $2 where id = $1 and status = 'queued'";
        Ok(query(sql).bind(&id.0).bind(started_at.as_millisecond()).execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Takes a held run to carry it out, with what was approved of it, or one that is queued with that; `false` if it is no such run any more.
    pub async fn take_held(&self, id: &RunId, approved: &str, is_queued: bool) -> Result<bool, StoreError> {
        let sql = "update runs set status = 'running', job = null, cancel_requested = 0, approved = $2
                   where id = $1 and status = $3";
        Ok(query(sql).bind(&id.0).bind(approved).bind(if is_queued { "queued" } else { "held" }).execute(&self.pool).await?.rows_affected()
            == 1)
    }

    /// What was approved of a run, as [`Store::take_held`] was given it.
    pub async fn approved(&self, id: &RunId) -> Result<Option<String>, StoreError> {
        let row = query("select approved from runs where id = $1").bind(&id.0).fetch_optional(&self.readers).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get(0)?))
    }

    /// Asks a run to stop, in whatever process it is.
    pub async fn request_cancel(&self, id: &RunId) -> Result<(), StoreError> {
        query("update runs set cancel_requested = 1 where id = $1").bind(&id.0).execute(&self.pool).await?;
        Ok(())
    }

    /// Asks all runs of a firm to stop, in whatever process they are. What is queued does not begin; what was approved of it is held again.
    pub async fn request_cancel_of_firm(&self, firm: &FirmId) -> Result<(), StoreError> {
        let sql = "update runs set status = case when approved is null then 'cancelled' else 'held' end, job = null
                   where firm = $1 and status = 'queued'";
        query(sql).bind(firm.as_str()).execute(&self.pool).await?;
        let sql = "update runs set cancel_requested = 1 where firm = $1 and status = 'running'";
        query(sql).bind(firm.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Whether someone asked a run to stop.
    pub async fn is_cancel_requested(&self, id: &RunId) -> Result<bool, StoreError> {
        let row = query("select cancel_requested from runs where id = $1").bind(&id.0).fetch_optional(&self.pool).await?;
        row.map_or(Ok(false), |row| Ok(row.try_get(0)?))
    }

    /// Notes how far a run has come, where others than this process may want to know.
    pub async fn note_progress(&self, id: &RunId, progress: &str) -> Result<(), StoreError> {
        match &self.locks.leases {
            Some(claims) => claims.note(&name_of(id), progress).await,
            None => Ok(()),
        }
    }

    /// How far a run has come that another process is at.
    pub async fn progress(&self, id: &RunId) -> Result<Option<String>, StoreError> {
        match &self.locks.leases {
            Some(claims) => claims.noted(&name_of(id)).await,
            None => Ok(None),
        }
    }

    /// How many cases of a run came out how.
    pub async fn counts(&self, id: &RunId) -> Result<Counts, StoreError> {
        let rows =
            query("select result, count(*) from rows where run_id = $1 group by result").bind(&id.0).fetch_all(&self.readers).await?;
        let mut counts = Counts::default();
        for row in rows {
            let result = RowResult::parse(row.try_get(0)?).ok_or(StoreError::Unreadable("row"))?;
            counts.add(result, row.try_get::<i64, _>(1)?.unsigned_abs());
        }
        Ok(counts)
    }

    async fn counts_of(&self, runs: &[Run]) -> Result<HashMap<RunId, Counts>, StoreError> {
        let mut all: HashMap<RunId, Counts> = HashMap::new();
        for batch in runs.chunks(1_000) {
            let mut query = QueryBuilder::new("select run_id, result, count(*) from rows where run_id in (");
            let mut ids = query.separated(", ");
            for run in batch {
                ids.push_bind(run.id.0.as_str());
            }
            query.push(") group by run_id, result");
            for row in query.build().fetch_all(&self.readers).await? {
                let result = RowResult::parse(row.try_get(1)?).ok_or(StoreError::Unreadable("row"))?;
                all.entry(RunId(row.try_get(0)?)).or_default().add(result, row.try_get::<i64, _>(2)?.unsigned_abs());
            }
        }
        Ok(all)
    }

    /// Reads runs; of those that are recorded as running, the locks say which are.
    pub(super) async fn read_runs(&self, rows: &[DbRow]) -> Result<Vec<Run>, StoreError> {
        let mut runs: Vec<Run> = rows.iter().map(read_run).collect::<Result<_, _>>()?;
        let running = runs.iter().filter(|run| run.status == RunStatus::Running).map(|run| run.id.clone()).collect::<Vec<_>>();
        let alive = self.locks.alive(&running).await?;
        for run in runs.iter_mut().filter(|run| run.status == RunStatus::Running && !alive.contains(&run.id)) {
            run.status = RunStatus::Interrupted;
        }
        Ok(runs)
    }
}

fn read_run(row: &DbRow) -> Result<Run, StoreError> {
    let unreadable = || StoreError::Unreadable("run");
    let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).map_err(|_| unreadable());
    let status = RunStatus::parse(row.try_get("status")?).ok_or_else(unreadable)?;
    let cases: String = row.try_get("cases")?;
    Ok(Run {
        id: RunId(row.try_get("id")?),
        firm: FirmId::new(row.try_get("firm")?).ok_or_else(unreadable)?,
        kind: Kind::parse(row.try_get("kind")?).ok_or_else(unreadable)?,
        revision: Revision(row.try_get::<String, _>("revision")?.into()),
        dry_run: row.try_get("dry_run")?,
        status,
        reason: row.try_get("reason")?,
        cases: cases.split_whitespace().filter_map(CaseId::parse).collect(),
        started_at: time(row.try_get("started_at")?)?,
        finished_at: row.try_get::<Option<i64>, _>("finished_at")?.map(time).transpose()?,
        would_hold: row.try_get("would_hold")?,
        undoes: row.try_get::<Option<String>, _>("undoes")?.map(RunId),
        answer: row.try_get("answer")?,
    })
}

/// Puts away the firm's held runs of the same work: a full sync plans every case anew, and of other kinds it is the same script, list of
/// cases, or run to undo.
async fn discard_superseded(transaction: &mut Transaction, run: &Run) -> Result<(), StoreError> {
    let mut query = QueryBuilder::new("update runs set status = 'cancelled', reason = coalesce(reason || '; ', '') || ");
    query.push_bind(format!("run {} is newer and takes its place", run.id));
    query.push(" where status = 'held' and firm = ").push_bind(run.firm.as_str()).push(" and id <> ").push_bind(&run.id.0);
    match run.kind {
        Kind::Sync => query.push(" and kind in ('sync', 'stage_sync', 'sync_case')"),
        kind => query.push(" and kind = ").push_bind(kind.as_str()),
    };
    match run.kind {
        Kind::SyncCase | Kind::Connect => {
            query.push(" and cases = ").push_bind(written(&run.cases));
        }
        Kind::Undo => {
            query.push(" and undoes = ").push_bind(run.undoes.as_ref().map(|undone| &undone.0));
        }
        Kind::Migration => {
            query.push(" and id in (select held.run_id from migrations held join migrations newer on newer.script = held.script");
            query.push(" where newer.run_id = ").push_bind(&run.id.0).push(")");
        }
        _ => {}
    }
    query.build().execute(transaction).await?;
    Ok(())
}

/// The cases that a run was asked for, as the store keeps them.
pub(super) fn written(cases: &[CaseId]) -> String {
    cases.iter().map(CaseId::to_string).collect::<Vec<_>>().join(" ")
}
