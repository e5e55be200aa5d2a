//! Which occurrences of schedules were handled, and what became of those that did not simply run.

use jiff::Timestamp;

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::FirmId;
use crate::domain::named;

/// How far a schedule has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// The cron expression and the time zone at that time.
    pub setting: String,
    /// The nominal time of the last occurrence that was handled.
    pub at: Timestamp,
    /// Whether its run came to its end.
    pub done: bool,
}

named! {
    /// What became of an occurrence that did not simply run.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum OccurrenceOutcome {
        /// The last run was still going.
        Skipped => "skipped",
        /// The host was down, and it is too late now.
        Missed => "missed",
    }
}

impl Store {
    /// How far a firm's schedule has come, if it was ever looked at.
    pub async fn handled(&self, firm: &FirmId, schedule: &str) -> Result<Option<Handled>, StoreError> {
        let sql = "select setting, handled_at, done from schedules where firm = $1 and schedule = $2";
        let Some(row) = query(sql).bind(firm.as_str()).bind(schedule).fetch_optional(&self.pool).await? else { return Ok(None) };
        let at = Timestamp::from_millisecond(row.try_get("handled_at")?).map_err(|_| StoreError::Unreadable("schedule"))?;
        Ok(Some(Handled { setting: row.try_get("setting")?, at, done: row.try_get("done")? }))
    }

    /// Records how far a schedule has come.
    pub async fn put_handled(&self, firm: &FirmId, schedule: &str, handled: &Handled) -> Result<(), StoreError> {
        query(
            "insert into schedules (firm, schedule, setting, handled_at, done) values ($1, $2, $3, $4, $5)
             on conflict (firm, schedule) do update set setting = excluded.setting, handled_at = excluded.handled_at, done = excluded.done",
        )
        .bind(firm.as_str())
        .bind(schedule)
        .bind(&handled.setting)
        .bind(handled.at.as_millisecond())
        .bind(handled.done)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records that an occurrence is done; a later one stays as it is. Of a schedule that is not written down, nothing is recorded.
    pub async fn put_done(&self, firm: &FirmId, schedule: &str, nominal: Timestamp) -> Result<(), StoreError> {
        query("update schedules set done = $1 where firm = $2 and schedule = $3 and handled_at <= $4")
            .bind(true)
            .bind(firm.as_str())
            .bind(schedule)
            .bind(nominal.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets a schedule that is switched off: once it is on again, it has missed nothing.
    pub async fn forget_schedule(&self, firm: &FirmId, schedule: &str) -> Result<(), StoreError> {
        query("delete from schedules where firm = $1 and schedule = $2").bind(firm.as_str()).bind(schedule).execute(&self.pool).await?;
        Ok(())
    }

    /// Records what became of occurrences that did not simply run.
    pub async fn put_occurrence(
        &self,
        firm: &FirmId,
        schedule: &str,
        nominal: Timestamp,
        outcome: OccurrenceOutcome,
        times: u64,
    ) -> Result<(), StoreError> {
        query("insert into occurrences (firm, schedule, nominal_at, outcome, times, recorded_at) values ($1, $2, $3, $4, $5, $6)")
            .bind(firm.as_str())
            .bind(schedule)
            .bind(nominal.as_millisecond())
            .bind(outcome.as_str())
            .bind(i64::try_from(times).unwrap_or(i64::MAX))
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The latest occurrences of a firm that did not simply run: schedule, nominal time, what became of it, how many.
    pub async fn occurrences(&self, firm: &FirmId, most: u32) -> Result<Vec<(String, Timestamp, String, u64)>, StoreError> {
        let sql = "select schedule, nominal_at, outcome, times from occurrences where firm = $1 order by id desc limit $2";
        let rows = query(sql).bind(firm.as_str()).bind(most).fetch_all(&self.pool).await?;
        let read = |row: &DbRow| {
            let nominal = Timestamp::from_millisecond(row.try_get("nominal_at")?).map_err(|_| StoreError::Unreadable("occurrence"))?;
            Ok((row.try_get("schedule")?, nominal, row.try_get("outcome")?, row.try_get::<i64, _>("times")?.unsigned_abs()))
        };
        rows.iter().map(read).collect()
    }
}
