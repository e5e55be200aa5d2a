//! What migrations were asked to do, so that one that was cut off is taken up again, and what their scripts said.

use serde_json::{Map, Value};

use super::database::{DbRow, Dialect, Query, query};
use super::{Store, StoreError};
use crate::domain::{Counts, LogLine, MigrationRequest, MigrationTask, Run, RunId, RunStatus};

impl Store {
    /// Records what a migration is asked to do, and the hash of the script that does it.
    pub async fn begin_migration(&self, run: &RunId, task: &MigrationTask, script_hash: &str) -> Result<(), StoreError> {
        insert_migration(run, task, script_hash).execute(&self.pool).await?;
        Ok(())
    }

    /// The hash of the script that a migration ran, if an earlier version did not leave it out.
    pub async fn script_hash(&self, run: &RunId) -> Result<Option<String>, StoreError> {
        let row = query("select script_hash from migrations where run_id = $1").bind(&run.0).fetch_optional(&self.readers).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get("script_hash")?))
    }

    /// Records that a migration's script came to its end.
    pub async fn end_migration(&self, run: &RunId) -> Result<(), StoreError> {
        query("update migrations set ended = 1 where run_id = $1").bind(&run.0).execute(&self.pool).await?;
        Ok(())
    }

    /// What a migration was asked to do.
    pub async fn migration(&self, run: &RunId) -> Result<Option<MigrationTask>, StoreError> {
        let unreadable = || StoreError::Unreadable("migration");
        let row = query("select task, script, arguments, input from migrations where run_id = $1").bind(&run.0);
        let Some(row) = row.fetch_optional(&self.pool).await? else { return Ok(None) };
        let texts = |column: &str| row.try_get::<String, _>(column);
        Ok(Some(MigrationTask {
            hash: texts("task")?,
            script: texts("script")?,
            arguments: serde_json::from_str(&texts("arguments")?).map_err(|_| unreadable())?,
            input: serde_json::from_str(&texts("input")?).map_err(|_| unreadable())?,
        }))
    }

    /// The same without the rows of its input, which may be many.
    pub async fn migration_request(&self, run: &RunId) -> Result<Option<MigrationRequest>, StoreError> {
        let rows = match self.readers.dialect() {
            Dialect::Sqlite => "json_array_length(input)",
            Dialect::Postgres => "cast(json_array_length(cast(input as json)) as bigint)",
        };
        let sql = format!("select task, script, arguments, {rows} as input_rows from migrations where run_id = $1");
        let Some(row) = query(sqlx::AssertSqlSafe(sql)).bind(&run.0).fetch_optional(&self.readers).await? else { return Ok(None) };
        let arguments: String = row.try_get("arguments")?;
        Ok(Some(MigrationRequest {
            hash: row.try_get("task")?,
            script: row.try_get("script")?,
            arguments: serde_json::from_str(&arguments).map_err(|_| StoreError::Unreadable("migration"))?,
            rows: row.try_get::<i64, _>("input_rows")?.unsigned_abs(),
        }))
    }

    /// The latest runs of a script, or of all scripts, with how many cases came out how and the script's name.
    pub async fn migration_runs(&self, script: Option<&str>, limit: u32) -> Result<Vec<(Run, Counts, String)>, StoreError> {
        // Ids begin with the moment at which their run began.
        let sql = "select run_id, script from migrations where $1 is null or script = $1 order by run_id desc limit $2";
        let mut runs = Vec::new();
        for row in query(sql).bind(script).bind(limit).fetch_all(&self.readers).await? {
            if let Some(run) = self.run(&RunId(row.try_get("run_id")?)).await? {
                let counts = self.counts(&run.id).await?;
                runs.push((run, counts, row.try_get("script")?));
            }
        }
        Ok(runs)
    }

    /// Notes that what a dry run showed is done for real; `false` if that was noted before.
    pub async fn apply_migration(&self, dry_run: &RunId) -> Result<bool, StoreError> {
        let put = query("update migrations set applied = 1 where run_id = $1 and applied = 0").bind(&dry_run.0);
        Ok(put.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Takes that back, as when it could not begin.
    pub async fn unapply_migration(&self, dry_run: &RunId) -> Result<(), StoreError> {
        query("update migrations set applied = 0 where run_id = $1").bind(&dry_run.0).execute(&self.pool).await?;
        Ok(())
    }

    /// The latest real run of a task, if its script did not come to its end and no process is at it.
    pub async fn unfinished_migration(&self, task: &MigrationTask) -> Result<Option<Run>, StoreError> {
        self.unfinished_of(&task.hash).await
    }

    /// The same by the task's hash.
    pub async fn unfinished_of(&self, task_hash: &str) -> Result<Option<Run>, StoreError> {
        let run = self.migration_to_take_up(task_hash).await?;
        Ok(run.filter(|run| run.status != RunStatus::Running))
    }

    /// The same, whether a process seems to be at it or not: for whoever holds the firm's lock, so that none can be. A script that came to
    /// its end in a run that did not has to be taken up too; otherwise all that it wrote would be written again.
    pub async fn migration_to_take_up(&self, task_hash: &str) -> Result<Option<Run>, StoreError> {
        let sql = "select runs.id, runs.status, migrations.ended from migrations join runs on runs.id = migrations.run_id
                   where migrations.task = $1 and runs.dry_run = 0 and runs.status <> 'queued' order by runs.started_at desc, runs.id desc limit 1";
        let Some(row) = query(sql).bind(task_hash).fetch_optional(&self.pool).await? else { return Ok(None) };
        if row.try_get::<bool, _>("ended")? && row.try_get::<String, _>("status")? != RunStatus::Running.as_str() {
            return Ok(None);
        }
        self.run(&RunId(row.try_get("id")?)).await
    }

    /// Keeps what a script said, in place of what it said before.
    pub async fn put_log(&self, run: &RunId, lines: &[LogLine]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        query("delete from log_lines where run_id = $1").bind(&run.0).execute(&mut transaction).await?;
        for (number, line) in (0_i64..).zip(lines) {
            query("insert into log_lines (run_id, number, level, text) values ($1, $2, $3, $4)")
                .bind(&run.0)
                .bind(number)
                .bind(if line.warns { "warn" } else { "info" })
                .bind(&line.text)
                .execute(&mut transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// What a script said, in order.
    pub async fn log(&self, run: &RunId) -> Result<Vec<LogLine>, StoreError> {
        let sql = "select level, text from log_lines where run_id = $1 order by number";
        let rows = query(sql).bind(&run.0).fetch_all(&self.readers).await?;
        let line = |row: &DbRow| Ok(LogLine { warns: row.try_get::<String, _>("level")? == "warn", text: row.try_get("text")? });
        rows.iter().map(line).collect()
    }
}

/// The statement that stores what a migration is asked to do.
pub(super) fn insert_migration<'q>(run: &'q RunId, task: &'q MigrationTask, script_hash: &'q str) -> Query<'q> {
    let arguments: Map<String, Value> = task.arguments.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let input: Vec<Map<String, Value>> =
        task.input.iter().map(|row| row.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect()).collect();
    query(
        "insert into migrations (run_id, task, script, arguments, input, ended, script_hash) values ($1, $2, $3, $4, $5, 0, $6)
         on conflict (run_id) do update set ended = 0, script_hash = excluded.script_hash",
    )
    .bind(&run.0)
    .bind(&task.hash)
    .bind(&task.script)
    .bind(Value::Object(arguments).to_string())
    .bind(Value::from(input).to_string())
    .bind(script_hash)
}
