//! Claims: who may do what at a time, where several machines share a PostgreSQL store. A claim is a row with a lease. Its holder renews the
//! lease; once it has run out, as when the holder died or stands still, another process may take the claim.
//!
//! Architecture invariant: each taking raises the claim's epoch, and a run's commits check it ([`Fence`]). A process that stood still and
//! wakes can therefore record nothing, and it begins no write to a vendor either, since it knows by its own clocks that its lease is over.
//!
//! Claims have connections of their own: whatever fills the others, leases are renewed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::{Executor as _, PgPool, Postgres, Row as _};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::database::Fence;
use super::deadline::Deadline;
use super::process_lock::ProcessLock;
use super::{Locks, StoreError};

/// How long a claim holds without being renewed.
const LEASE: Duration = Duration::from_secs(15);

/// How much earlier its holder takes it for over: for the way of what is in flight.
const MARGIN: Duration = Duration::from_secs(3);

/// How often leases are renewed.
const RENEWED: Duration = Duration::from_secs(4);

/// How soon again where the database did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// How long the database may take over a statement here, and how long renewing may wait for a connection: twice this and the time between two
/// renewals are less than a lease.
const ANSWERED: Duration = Duration::from_secs(3);

/// So many statements about claims at a time, each of which takes a moment: a renewal never waits for more than a few.
const CONNECTIONS: u32 = 2;

/// What each connection begins with. Of a claim whose row somebody has locked for longer, nobody knows whether it is free.
const ON_CONNECT: &str = "set lock_timeout = '1s'";

/// What PostgreSQL calls a lock that could not be had in time, and a row that another process has just put there.
const TAKEN_MEANWHILE: [&str; 2] = ["55P03", "23505"];

/// The database's clock, in milliseconds: the machines' own need not agree.
const NOW: &str = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

/// The claims of one process; a copy is of the same process.
#[derive(Debug, Clone)]
pub(super) struct Leases(Arc<Process>);

#[derive(Debug)]
struct Process {
    pool: PgPool,
    holder: Arc<str>,
    presence: ProcessLock,
    held: Mutex<HashMap<Arc<str>, Arc<Lease>>>,
    /// What is being taken just now, so that no two tasks take the same.
    taking: Mutex<HashSet<Arc<str>>>,
    renewing: OnceLock<AbortOnDropHandle<()>>,
}

/// One claim that is held, or was.
#[derive(Debug)]
pub(super) struct Lease {
    pub fence: Fence,
    fresh_until: Mutex<Deadline>,
    renewed: Notify,
    /// Cancelled once another process has it.
    pub lost: CancellationToken,
    process: Weak<Process>,
}

impl Leases {
    /// The claims of this process in one database, on connections of their own.
    pub(super) fn new(options: PgConnectOptions, patience: Duration, locks: &Locks) -> Result<Leases, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(patience)
            .after_connect(|connection, _| Box::pin(async move { connection.execute(ON_CONNECT).await.map(drop) }));
        let pool = pool.connect_lazy_with(options);
        let presence = ProcessLock::begin(locks)?;
        Ok(Leases(Arc::new(Process {
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
        let claim = Arc::new(Lease {
            fence: Fence { name: Arc::clone(&name), holder: Arc::clone(&process.holder), epoch },
            fresh_until: Mutex::new(asked.later(LEASE.saturating_sub(MARGIN))),
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
        self.0.ask(noted.bind(name).bind(&*self.0.holder).bind(progress)).await.map(drop)
    }

    /// Lets go of all that this process holds.
    pub(super) async fn release_all(&self) -> Result<(), StoreError> {
        self.0.held().clear();
        self.0.ask(sqlx::query("update claims set until = 0 where holder = $1").bind(&*self.0.holder)).await.map(drop)
    }

    /// Closes its connections.
    pub(super) async fn close(&self) {
        self.0.pool.close().await;
    }

    /// What was noted last.
    pub(super) async fn noted(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = format!("select progress from claims where name = $1 and until >= {NOW}");
        let rows = self.0.ask(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(name)).await?;
        rows.first().map_or(Ok(None), |row| Ok(row.try_get(0)?))
    }
}

impl Process {
    /// Puts this process into the row of a claim that nobody holds, and answers the epoch and the time from which the lease counts.
    async fn row_of(&self, name: &str) -> Result<Option<(i64, Deadline)>, StoreError> {
        let asked = Deadline::now();
        // What this process let go of a moment ago may not have been released yet. One that is held is only looked at: whoever puts a row in
        // waits for the transactions under its claim.
        let sql = format!(
            "insert into claims (name, holder, epoch, until) select $1, $2, 1, {NOW} + $3
             where not exists (select 1 from claims where name = $1 and until >= {NOW} and holder <> $2)
             on conflict (name) do update set holder = excluded.holder, epoch = claims.epoch + 1, until = excluded.until, progress = null
             where claims.until < {NOW} or claims.holder = excluded.holder returning epoch"
        );
        let taken = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(name).bind(&*self.holder).bind(milliseconds(LEASE));
        match self.ask(taken).await {
            Ok(rows) => rows.first().map(|row| Ok((row.try_get(0)?, asked))).transpose(),
            Err(StoreError::Database(sqlx::Error::Database(error)))
                if error.code().is_some_and(|code| TAKEN_MEANWHILE.contains(&&*code)) =>
            {
                tracing::debug!(claim = name, "lease is being taken by another process");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks the database, which answers soon or not at all.
    async fn ask(&self, query: Query<'_, Postgres, PgArguments>) -> Result<Vec<PgRow>, StoreError> {
        // Boxed: whatever takes a lock would carry the room for it.
        Box::pin(async { answer(self.pool.acquire().await?, query).await }).await
    }

    async fn held_of(&self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let sql = format!("select name from claims where name = any($1) and until >= {NOW}");
        let rows = self.ask(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(names)).await?;
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
        let released = sqlx::query("update claims set until = 0 where holder = any($1) and until > 0 returning name");
        Ok(!self.ask(released.bind(names)).await?.is_empty())
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Lease>>> {
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
        let claims: Vec<Arc<Lease>> = self.held().values().cloned().collect();
        if claims.is_empty() {
            return Ok(());
        }
        // One that waits longer is as good as one that failed.
        let connection = timeout(ANSWERED, self.pool.acquire()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        let asked = Deadline::now();
        let sql = format!(
            "update claims set until = {NOW} + $1 from unnest($2::text[], $3::bigint[]) as mine (name, epoch)
             where claims.name = mine.name and claims.epoch = mine.epoch and claims.holder = $4 and claims.until > 0
             returning claims.name"
        );
        let renewing = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(milliseconds(LEASE))
            .bind(claims.iter().map(|claim| claim.fence.name.to_string()).collect::<Vec<_>>())
            .bind(claims.iter().map(|claim| claim.fence.epoch).collect::<Vec<_>>())
            .bind(&*self.holder);
        let rows = answer(connection, renewing).await?;
        let renewed: HashSet<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        for claim in claims {
            if renewed.contains(&*claim.fence.name) {
                claim.is_renewed(asked);
            } else if self.forget(&claim) {
                tracing::warn!(claim = %claim.fence.name, "lease lost to another process");
                claim.lost.cancel();
            }
        }
        Ok(())
    }

    /// Whether the claim was held until now.
    fn forget(&self, claim: &Lease) -> bool {
        let mut held = self.held();
        let is_same = held.get(&claim.fence.name).is_some_and(|held| held.fence.epoch == claim.fence.epoch);
        if is_same {
            held.remove(&claim.fence.name);
        }
        is_same
    }
}

/// What the database answers on this connection. One that does not answer in time is given up: it would come back to the others only once it
/// does.
async fn answer(mut connection: PoolConnection<Postgres>, query: Query<'_, Postgres, PgArguments>) -> Result<Vec<PgRow>, StoreError> {
    if let Ok(rows) = timeout(ANSWERED, query.fetch_all(&mut *connection)).await {
        return Ok(rows?);
    }
    drop(connection.detach());
    Err(StoreError::Database(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
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
                tracing::warn!(%error, "leases could not be renewed");
                AGAIN
            }
        };
    }
}

impl Lease {
    fn fresh_until(&self) -> MutexGuard<'_, Deadline> {
        self.fresh_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_renewed(&self, asked: Deadline) {
        *self.fresh_until() = asked.later(LEASE.saturating_sub(MARGIN));
        self.renewed.notify_waiters();
    }

    pub(super) fn is_fresh(&self) -> bool {
        !self.lost.is_cancelled() && self.fresh_until().is_ahead()
    }

    /// Waits until nobody can say any more that the claim is held.
    pub(super) async fn is_over(&self) {
        while self.is_fresh() {
            tokio::select! {
                () = self.lost.cancelled() => {}
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
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
pub(super) struct ClaimGuard(pub Arc<Lease>);

impl ClaimGuard {
    /// Lets go of the claim, once; what is answered has to be waited for. Its row stays, for the epoch. Where this does not come through, the
    /// lease runs out.
    pub(super) fn release(&self) -> Option<impl Future<Output = ()> + use<>> {
        let process = self.0.process.upgrade().filter(|process| process.forget(&self.0))?;
        let Fence { name, holder, epoch } = self.0.fence.clone();
        Some(async move {
            let released = sqlx::query("update claims set until = 0 where name = $1 and holder = $2 and epoch = $3");
            if let Err(error) = process.ask(released.bind(&*name).bind(&*holder).bind(epoch)).await {
                tracing::debug!(%error, claim = %name, "lease could not be released");
            }
        })
    }
}

impl Drop for ClaimGuard {
    fn drop(&mut self) {
        if let Some(released) = self.release()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(released);
        }
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
