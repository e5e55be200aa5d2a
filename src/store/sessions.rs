//! Sessions of the console, and the passwords that were wrong.

use jiff::{SignedDuration, Timestamp};

use super::database::{DbRow, query};
use super::users::read_user;
use super::{Store, StoreError};
use crate::domain::{Email, Session, TokenHash};

/// A session that is not used for so long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);

/// No session lasts longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When somebody was last seen is kept to the minute: what only looks should not write all the time.
const SEEN: SignedDuration = SignedDuration::from_mins(1);

/// An origin from which nobody has signed in for so long is not known any more.
const ORIGIN_KNOWN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A session as its user sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// What is kept of its text, which says nothing of that.
    pub hash: String,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last seen, to the minute.
    pub seen_at: Timestamp,
    /// From where they signed in; empty where an earlier version did not note it.
    pub origin: String,
}

/// A try to sign in that was counted, and those before it.
#[derive(Debug)]
pub struct CountedTry {
    /// Its number.
    pub number: i64,
    /// When tries for the same address from the same origin were wrong, the latest first.
    pub by_both: Vec<Timestamp>,
    /// When tries from the same origin were.
    pub by_origin: Vec<Timestamp>,
    /// When tries for the same address were.
    pub by_address: Vec<Timestamp>,
    /// Whether the user of this address has signed in from this origin before.
    pub is_known: bool,
}

impl Store {
    /// Keeps a session that begins at this moment from `origin`, if its user may still sign in by the password whose hash this is; `false` if
    /// not. A password for one sign-in is used by it.
    pub async fn put_session(
        &self,
        hash: &TokenHash,
        email: &Email,
        password: &str,
        origin: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        transaction.alone("sessions").await?;
        let put = query(
            "insert into sessions (hash, email, created_at, seen_at, origin)
             select $1, email, $4, $4, $5 from users
             where email = $2 and password = $3 and disabled_at is null and password_use <> 'used'",
        )
        .bind(hash.as_str())
        .bind(email.folded())
        .bind(password)
        .bind(now.as_millisecond())
        .bind(origin)
        .execute(&mut transaction)
        .await?;
        let has_begun = put.rows_affected() == 1;
        if has_begun {
            let used = "update users set password_use = 'used' where email = $1 and password_use = 'one_time'";
            query(used).bind(email.folded()).execute(&mut transaction).await?;
            query(
                "insert into sign_in_origins (email, origin, seen_at) values ($1, $2, $3)
                 on conflict (email, origin) do update set seen_at = excluded.seen_at",
            )
            .bind(email.folded())
            .bind(origin)
            .bind(now.as_millisecond())
            .execute(&mut transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(has_begun)
    }

    /// The session of this hash, if it is not over and its user may sign in; that they are here now is noted.
    pub async fn session(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let sql = "select users.email as email, role, firm, users.created_at as created_at, disabled_at, password_use,
                   sessions.created_at as began_at, seen_at from sessions join users on users.email = sessions.email
                   where hash = $1 and disabled_at is null and seen_at > $2 and sessions.created_at > $3";
        let row = query(sql)
            .bind(hash.as_str())
            .bind((now - IDLE).as_millisecond())
            .bind((now - LONGEST).as_millisecond())
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).map_err(|_| StoreError::Unreadable("session"));
        let session =
            Session { user: read_user(&row)?, created_at: time(row.try_get("began_at")?)?, seen_at: time(row.try_get("seen_at")?)? };
        if session.seen_at < now - SEEN {
            query("update sessions set seen_at = $2 where hash = $1")
                .bind(hash.as_str())
                .bind(now.as_millisecond())
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(session))
    }

    /// Ends a session.
    pub async fn end_session(&self, hash: &TokenHash) -> Result<(), StoreError> {
        query("delete from sessions where hash = $1").bind(hash.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Ends every session of a user, and answers how many there were.
    pub async fn end_sessions(&self, email: &Email) -> Result<u64, StoreError> {
        let ended = query("delete from sessions where email = $1").bind(email.folded()).execute(&self.pool).await?;
        Ok(ended.rows_affected())
    }

    /// Counts a try to sign in, for this address and from this origin, as one that was wrong. Answers its number, and when tries before
    /// it were wrong since a moment, the latest first.
    pub async fn count_sign_in(&self, email: &Email, origin: &str, since: Timestamp, now: Timestamp) -> Result<CountedTry, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // Of two tries at once, one is counted as the other's earlier one.
        transaction.alone("sign-in").await?;
        let put = query("insert into failed_sign_ins (email, origin, at) values ($1, $2, $3) returning id")
            .bind(email.folded())
            .bind(origin)
            .bind(now.as_millisecond());
        let number: i64 = put.fetch_one(&mut transaction).await?.try_get(0)?;
        let mut before = [Vec::new(), Vec::new(), Vec::new()];
        let sought: [(&str, &[&str]); 3] =
            [("email = $3 and origin = $4", &[email.folded(), origin]), ("origin = $3", &[origin]), ("email = $3", &[email.folded()])];
        for (times, (which, keys)) in before.iter_mut().zip(sought) {
            let sql = format!("select at from failed_sign_ins where at > $1 and id < $2 and {which} order by at desc limit 100");
            let query = query(sqlx::AssertSqlSafe(sql)).bind(since.as_millisecond()).bind(number);
            let rows = keys.iter().fold(query, |query, key| query.bind(*key)).fetch_all(&mut transaction).await?;
            for row in rows {
                let at: i64 = row.try_get(0)?;
                times.push(Timestamp::from_millisecond(at).map_err(|_| StoreError::Unreadable("sign-in"))?);
            }
        }
        let known = query("select 1 from sign_in_origins where email = $1 and origin = $2").bind(email.folded()).bind(origin);
        let is_known = known.fetch_optional(&mut transaction).await?.is_some();
        transaction.commit().await?;
        let [by_both, by_origin, by_address] = before;
        Ok(CountedTry { number, by_both, by_origin, by_address, is_known })
    }

    /// Takes a try out of the count, as one that was not looked at.
    pub async fn forget_sign_in(&self, number: i64) -> Result<(), StoreError> {
        query("delete from failed_sign_ins where id = $1").bind(number).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets that passwords were wrong for an address from this origin, as when the right one has come from there; from all of them, as when
    /// there is a new one.
    pub async fn forget_failed_sign_ins(&self, email: &Email, origin: Option<&str>) -> Result<(), StoreError> {
        let sql = "delete from failed_sign_ins where email = $1 and ($2 is null or origin = $2)";
        query(sql).bind(email.folded()).bind(origin).execute(&self.pool).await?;
        Ok(())
    }

    /// The sessions of a user that are not over, the one that was seen last first.
    pub async fn sessions(&self, email: &Email, now: Timestamp) -> Result<Vec<OpenSession>, StoreError> {
        let sql = "select hash, created_at, seen_at, origin from sessions where email = $1 and seen_at > $2 and created_at > $3
                   order by seen_at desc, hash";
        let rows = query(sql)
            .bind(email.folded())
            .bind((now - IDLE).as_millisecond())
            .bind((now - LONGEST).as_millisecond())
            .fetch_all(&self.readers)
            .await?;
        let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).map_err(|_| StoreError::Unreadable("session"));
        let read = |row: &DbRow| {
            Ok(OpenSession {
                hash: row.try_get("hash")?,
                created_at: time(row.try_get("created_at")?)?,
                seen_at: time(row.try_get("seen_at")?)?,
                origin: row.try_get("origin")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Ends one session of a user, by the hash that is kept of it; `false` if they have none such.
    pub async fn end_session_of(&self, email: &Email, hash: &str) -> Result<bool, StoreError> {
        let ended = query("delete from sessions where email = $1 and hash = $2").bind(email.folded()).bind(hash);
        Ok(ended.execute(&self.pool).await?.rows_affected() == 1)
    }

    /// Forgets sessions that are over, and passwords that were wrong long ago.
    pub async fn forget_old_sessions(&self, now: Timestamp) -> Result<(), StoreError> {
        query("delete from sessions where seen_at <= $1 or created_at <= $2")
            .bind((now - IDLE).as_millisecond())
            .bind((now - LONGEST).as_millisecond())
            .execute(&self.pool)
            .await?;
        query("delete from failed_sign_ins where at <= $1")
            .bind((now - SignedDuration::from_hours(24)).as_millisecond())
            .execute(&self.pool)
            .await?;
        query("delete from sign_in_origins where seen_at <= $1").bind((now - ORIGIN_KNOWN).as_millisecond()).execute(&self.pool).await?;
        Ok(())
    }
}
