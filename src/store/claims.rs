//! Claims: who may do what at a time, where several machines share a PostgreSQL store. A claim is a row with a lease. Its holder renews the
//! lease; once it has run out, as when the holder died or stands still, another process may take the claim.
//!
//! Architecture invariant: each taking raises the claim's epoch, and a run's commits check it ([`Fence`]). A process that stood still and
//! wakes can therefore record nothing, and it begins no write to a vendor either, since it knows by its own clock that its lease is over.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use sqlx::{PgPool, Row as _};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::database::Fence;
use super::presence::Presence;
use super::{Locks, StoreError};

/// How long a claim holds without being renewed.
const LEASE: Duration = Duration::from_secs(15);

/// How much earlier its holder takes it for over: for the way of what is in flight.
const MARGIN: Duration = Duration::from_secs(3);

/// How often leases are renewed.
const RENEWED: Duration = Duration::from_secs(4);

/// How soon again where the database did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// The database's clock, in milliseconds: the machines' own need not agree.
const NOW: &str = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

/// The claims of one process; a copy is of the same process.
#[derive(Debug, Clone)]
pub(super) struct Claims(Arc<Process>);

#[derive(Debug)]
struct Process {
    pool: PgPool,
    holder: Arc<str>,
    presence: Presence,
    held: Mutex<HashMap<Arc<str>, Arc<Claim>>>,
    /// What is being taken just now, so that no two tasks take the same.
    taking: Mutex<HashSet<Arc<str>>>,
    renewing: OnceLock<AbortOnDropHandle<()>>,
}

/// One claim that is held, or was.
#[derive(Debug)]
pub(super) struct Claim {
    pub fence: Fence,
    fresh_until: Mutex<Instant>,
    renewed: Notify,
    /// Cancelled once another process has it.
    pub lost: CancellationToken,
    process: Weak<Process>,
}

impl Claims {
    pub(super) fn new(pool: PgPool, locks: &Locks) -> Result<Claims, StoreError> {
        let presence = Presence::begin(locks)?;
        Ok(Claims(Arc::new(Process {
            pool,
            holder: presence.holder.as_str().into(),
            presence,
            held: Mutex::default(),
            taking: Mutex::default(),
            renewing: OnceLock::new(),
        })))
    }

    /// Takes a claim; `None` while another process holds it, or this one does.
    pub(super) async fn take(&self, name: &str) -> Result<Option<ClaimGuard>, StoreError> {
        let name: Arc<str> = name.into();
        let process = &self.0;
        let Some(_taking) = process.begin_to_take(&name) else { return Ok(None) };
        let mut taken = process.row_of(&name).await?;
        if taken.is_none() && process.release_the_dead().await? {
            taken = process.row_of(&name).await?;
        }
        let Some((epoch, asked)) = taken else { return Ok(None) };
        let claim = Arc::new(Claim {
            fence: Fence { name: Arc::clone(&name), holder: Arc::clone(&process.holder), epoch },
            fresh_until: Mutex::new(asked + LEASE - MARGIN),
            renewed: Notify::new(),
            lost: CancellationToken::new(),
            process: Arc::downgrade(process),
        });
        process.held().insert(name, Arc::clone(&claim));
        let weak = Arc::downgrade(process);
        process.renewing.get_or_init(|| AbortOnDropHandle::new(tokio::spawn(renew(weak))));
        Ok(Some(ClaimGuard(claim)))
    }

    /// Those of these names that some process holds.
    pub(super) async fn held(&self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let held = self.0.held_of(names).await?;
        if held.is_empty() || !self.0.release_the_dead().await? {
            return Ok(held);
        }
        self.0.held_of(names).await
    }

    /// Notes how far the work under a claim has come, for whoever watches from another process.
    pub(super) async fn note(&self, name: &str, progress: &str) -> Result<(), StoreError> {
        let noted = sqlx::query("update claims set progress = $3 where name = $1 and holder = $2");
        noted.bind(name).bind(&*self.0.holder).bind(progress).execute(&self.0.pool).await?;
        Ok(())
    }

    /// Lets go of all that this process holds.
    pub(super) async fn release_all(&self) -> Result<(), StoreError> {
        self.0.held().clear();
        sqlx::query("update claims set until = 0 where holder = $1").bind(&*self.0.holder).execute(&self.0.pool).await?;
        Ok(())
    }

    /// What was noted last.
    pub(super) async fn noted(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = format!("select progress from claims where name = $1 and until >= {NOW}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(name).fetch_optional(&self.0.pool).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get(0)?))
    }
}

impl Process {
    /// Puts this process into the row of a claim that nobody holds, and answers the epoch and the time from which the lease counts.
    async fn row_of(&self, name: &str) -> Result<Option<(i64, Instant)>, StoreError> {
        let asked = Instant::now();
        // What this process let go of a moment ago may not have been released yet.
        let sql = format!(
            "insert into claims (name, holder, epoch, until) values ($1, $2, 1, {NOW} + $3)
             on conflict (name) do update set holder = excluded.holder, epoch = claims.epoch + 1, until = excluded.until, progress = null
             where claims.until < {NOW} or claims.holder = excluded.holder returning epoch"
        );
        let taken = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(name).bind(&*self.holder).bind(milliseconds(LEASE));
        let row = taken.fetch_optional(&self.pool).await?;
        row.map(|row| Ok((row.try_get(0)?, asked))).transpose()
    }

    async fn held_of(&self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let sql = format!("select name from claims where name = any($1) and until >= {NOW}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(names).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Ends the leases of processes that are gone for certain, without waiting for their time; answers whether there were any.
    async fn release_the_dead(&self) -> Result<bool, StoreError> {
        // They stay locked until they are out of the table: no process begins under one of these names meanwhile.
        let dead = self.presence.dead();
        let names: Vec<&str> = dead.iter().map(|presence| presence.holder.as_str()).collect();
        if names.is_empty() {
            return Ok(false);
        }
        let released =
            sqlx::query("update claims set until = 0 where holder = any($1) and until > 0").bind(names).execute(&self.pool).await?;
        Ok(released.rows_affected() > 0)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Claim>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` if it is held here, or somebody here is taking it.
    fn begin_to_take(&self, name: &Arc<str>) -> Option<Taking<'_>> {
        if self.held().contains_key(name) || !self.taking().insert(Arc::clone(name)) {
            return None;
        }
        Some(Taking { process: self, name: Arc::clone(name) })
    }

    fn taking(&self) -> MutexGuard<'_, HashSet<Arc<str>>> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews every lease in one statement, and lets go of what another process has.
    async fn renew(&self) -> Result<(), StoreError> {
        let claims: Vec<Arc<Claim>> = self.held().values().cloned().collect();
        if claims.is_empty() {
            return Ok(());
        }
        let asked = Instant::now();
        let sql = format!(
            "update claims set until = {NOW} + $1 from unnest($2::text[], $3::bigint[]) as mine (name, epoch)
             where claims.name = mine.name and claims.epoch = mine.epoch and claims.holder = $4 returning claims.name"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(milliseconds(LEASE))
            .bind(claims.iter().map(|claim| claim.fence.name.to_string()).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| claim.fence.epoch).collect::<Vec<_>>())
            .bind(&*self.holder)
            .fetch_all(&self.pool)
            .await?;
        let renewed: HashSet<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        for claim in claims {
            if renewed.contains(&*claim.fence.name) {
                claim.is_renewed(asked);
            } else if self.forget(&claim) {
                tracing::warn!(claim = %claim.fence.name, "another process has taken this over");
                claim.lost.cancel();
            }
        }
        Ok(())
    }

    /// Whether the claim was held until now.
    fn forget(&self, claim: &Claim) -> bool {
        let mut held = self.held();
        let is_same = held.get(&claim.fence.name).is_some_and(|held| held.fence.epoch == claim.fence.epoch);
        if is_same {
            held.remove(&claim.fence.name);
        }
        is_same
    }
}

/// The right to take a claim, within this process.
struct Taking<'p> {
    process: &'p Process,
    name: Arc<str>,
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        self.process.taking().remove(&self.name);
    }
}

async fn renew(process: Weak<Process>) {
    let mut wait = RENEWED;
    loop {
        tokio::time::sleep(wait).await;
        let Some(process) = process.upgrade() else { return };
        wait = match process.renew().await {
            Ok(()) => RENEWED,
            Err(error) => {
                tracing::warn!(%error, "claims could not be renewed");
                AGAIN
            }
        };
    }
}

impl Claim {
    fn fresh_until(&self) -> MutexGuard<'_, Instant> {
        self.fresh_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_renewed(&self, asked: Instant) {
        *self.fresh_until() = asked + LEASE - MARGIN;
        self.renewed.notify_waiters();
    }

    pub(super) fn is_fresh(&self) -> bool {
        !self.lost.is_cancelled() && Instant::now() < *self.fresh_until()
    }

    /// Waits while nobody can say whether the claim is held still; `false` once another process has it.
    pub(super) async fn is_held(&self) -> bool {
        loop {
            let renewed = self.renewed.notified();
            if self.lost.is_cancelled() {
                return false;
            }
            if self.is_fresh() {
                return true;
            }
            tokio::select! {
                () = renewed => {}
                () = self.lost.cancelled() => return false,
                // A notice between the two looks would otherwise be slept through.
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
}

/// A claim, until it is dropped.
#[derive(Debug)]
pub(super) struct ClaimGuard(pub Arc<Claim>);

impl Drop for ClaimGuard {
    fn drop(&mut self) {
        let Some(process) = self.0.process.upgrade() else { return };
        if !process.forget(&self.0) {
            return;
        }
        let Fence { name, holder, epoch } = self.0.fence.clone();
        // Its row stays, for the epoch. Where this does not come through, the lease runs out.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let released = sqlx::query("update claims set until = 0 where name = $1 and holder = $2 and epoch = $3");
                if let Err(error) = released.bind(&*name).bind(&*holder).bind(epoch).execute(&process.pool).await {
                    tracing::debug!(%error, claim = %name, "a claim could not be released");
                }
            });
        }
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
