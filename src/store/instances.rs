//! The instances that serve from this store: who is there, and which rules each serves firms by.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::database::{DbRow, Dialect, QueryBuilder, query};
use super::{Store, StoreError};
use crate::domain::{FirmId, Revision};

/// Firms a statement.
const BATCH: usize = 500;

/// An instance as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// By which it is known as long as it runs.
    pub id: String,
    /// What its machine is called.
    pub host: String,
    /// The version of the program.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it last said so, by the store's clock: the machines' own need not agree.
    pub seen_at: Timestamp,
}

/// An instance among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceStanding {
    /// Who.
    pub instance: Instance,
    /// How many firms it serves.
    pub firms: u64,
    /// How many firms it serves by other rules than the last that were applied anywhere, or not at all.
    pub behind: u64,
}

impl Store {
    /// The store's clock as SQL has it, in milliseconds: PostgreSQL's, which all machines share, or this one machine's.
    fn clock(&self) -> &'static str {
        match self.pool.dialect() {
            Dialect::Sqlite => "cast(unixepoch('subsec') * 1000 as integer)",
            Dialect::Postgres => "(extract(epoch from clock_timestamp()) * 1000)::bigint",
        }
    }

    /// Writes down that an instance is there now, whatever its `seen_at` says; `true` if nothing was known of it, nor of what it serves.
    pub async fn put_instance(&self, instance: &Instance) -> Result<bool, StoreError> {
        let now = self.clock();
        let seen = format!("update instances set seen_at = {now} where id = $1");
        let seen = query(AssertSqlSafe(seen)).bind(&instance.id).execute(&self.pool).await?;
        if seen.rows_affected() == 1 {
            return Ok(false);
        }
        let put = format!("insert into instances (id, host, version, started_at, seen_at) values ($1, $2, $3, $4, {now})");
        query(AssertSqlSafe(put))
            .bind(&instance.id)
            .bind(&instance.host)
            .bind(&instance.version)
            .bind(instance.started_at.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(true)
    }

    /// Forgets an instance.
    pub async fn remove_instance(&self, id: &str) -> Result<(), StoreError> {
        query("delete from instances where id = $1").bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets instances that have said nothing for so long.
    pub async fn remove_instances_silent_for(&self, time: Duration) -> Result<(), StoreError> {
        let silent = format!("delete from instances where seen_at < {} - $1", self.clock());
        query(AssertSqlSafe(silent)).bind(milliseconds(time)).execute(&self.pool).await?;
        Ok(())
    }

    /// Writes down which rules an instance serves these firms by now; `None` of those that it no longer serves.
    pub async fn put_instance_rules(&self, id: &str, served: &[(FirmId, Option<Revision>)]) -> Result<(), StoreError> {
        let mut change = self.pool.begin().await?;
        for (firm, _) in served.iter().filter(|(_, revision)| revision.is_none()) {
            query("delete from instance_rules where instance = $1 and firm = $2").bind(id).bind(firm.as_str()).execute(&mut change).await?;
        }
        let now: Vec<(&FirmId, &Revision)> = served.iter().filter_map(|(firm, revision)| Some((firm, revision.as_ref()?))).collect();
        for batch in now.chunks(BATCH) {
            let mut put = QueryBuilder::new("insert into instance_rules (instance, firm, revision) ");
            put.push_values(batch, |mut values, (firm, revision)| {
                values.push_bind(id).push_bind(firm.as_str()).push_bind(&*revision.0);
            });
            put.push(" on conflict (instance, firm) do update set revision = excluded.revision");
            put.build().execute(&mut change).await?;
        }
        change.commit().await?;
        Ok(())
    }

    /// The instances that have said something since, the longest at work first.
    pub async fn instances_within(&self, time: Duration) -> Result<Vec<InstanceStanding>, StoreError> {
        let sql = format!(
            "select id, host, version, started_at, seen_at,
                (select count(*) from instance_rules served where served.instance = instances.id) as firms,
                (select count(*) from good_rules left join instance_rules served
                    on served.firm = good_rules.firm and served.instance = instances.id
                    where served.revision is null or served.revision <> good_rules.revision) as behind
             from instances where seen_at >= {} - $1 order by started_at, id",
            self.clock()
        );
        let rows = query(AssertSqlSafe(sql)).bind(milliseconds(time)).fetch_all(&self.readers).await?;
        rows.iter().map(read).collect()
    }

    /// How many instances have said something within this time. Cheap: for every page.
    pub async fn instance_count_within(&self, time: Duration) -> Result<u64, StoreError> {
        let sql = format!("select count(*) from instances where seen_at >= {} - $1", self.clock());
        let count: i64 = query(AssertSqlSafe(sql)).bind(milliseconds(time)).fetch_one(&self.readers).await?.try_get(0)?;
        Ok(count.unsigned_abs())
    }

    /// Which rules the instances that have said something within this time serve a firm by.
    pub async fn instance_rules_within(&self, firm: &FirmId, time: Duration) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let sql = format!(
            "select instances.id as id, served.revision as revision from instances left join instance_rules served
                on served.instance = instances.id and served.firm = $1
             where instances.seen_at >= {} - $2 order by instances.started_at, instances.id",
            self.clock()
        );
        let rows = query(AssertSqlSafe(sql)).bind(firm.as_str()).bind(milliseconds(time)).fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("revision")?))).collect()
    }
}

fn read(row: &DbRow) -> Result<InstanceStanding, StoreError> {
    let time = |milliseconds| Timestamp::from_millisecond(milliseconds).map_err(|_| StoreError::Unreadable("instance"));
    let instance = Instance {
        id: row.try_get("id")?,
        host: row.try_get("host")?,
        version: row.try_get("version")?,
        started_at: time(row.try_get("started_at")?)?,
        seen_at: time(row.try_get("seen_at")?)?,
    };
    let count = |name: &str| Ok::<_, StoreError>(row.try_get::<i64, _>(name)?.unsigned_abs());
    Ok(InstanceStanding { instance, firms: count("firms")?, behind: count("behind")? })
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
