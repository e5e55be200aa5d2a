//! API tokens: made, looked up by what somebody shows, listed, revoked.

use jiff::{SignedDuration, Timestamp};

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::{Email, FirmId, Role, Token, TokenHash, TokenName};

const SELECT: &str =
    "select tokens.name as name, tokens.role as role, tokens.firm as firm, tokens.created_at as created_at, expires_at, revoked_at,
    owner, last_used_at, cast(case when users.disabled_at is null then 0 else 1 end as bigint) as is_orphaned
    from tokens left join users on users.email = tokens.owner";

/// When a token was last shown is kept to the minute: what only reads should not write all the time.
const USED: SignedDuration = SignedDuration::from_mins(1);

impl Store {
    /// Keeps a new token; `false` if one of its name is there that was not revoked.
    pub async fn put_token(&self, token: &Token, hash: &TokenHash) -> Result<bool, StoreError> {
        let put = query(
            "insert into tokens (hash, name, role, firm, created_at, expires_at, owner) values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (name) where revoked_at is null do nothing",
        )
        .bind(hash.as_str())
        .bind(token.name.as_str())
        .bind(token.role.as_str())
        .bind(token.role.firm().map(FirmId::as_str))
        .bind(token.created_at.as_millisecond())
        .bind(token.expires_at.map(Timestamp::as_millisecond))
        .bind(token.owner.as_ref().map(Email::folded))
        .execute(&self.pool)
        .await?;
        Ok(put.rows_affected() == 1)
    }

    /// The token of this hash, whatever its state.
    pub async fn token(&self, hash: &TokenHash) -> Result<Option<Token>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} where hash = $1"));
        let row = query(sql).bind(hash.as_str()).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_token).transpose()
    }

    /// Notes that a token was shown now.
    pub async fn note_token_used(&self, hash: &TokenHash, token: &Token, now: Timestamp) -> Result<(), StoreError> {
        if token.last_used_at.is_some_and(|at| at > now - USED) {
            return Ok(());
        }
        query("update tokens set last_used_at = $2 where hash = $1")
            .bind(hash.as_str())
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Every token, by name; of one name, the newest first.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} order by tokens.name, tokens.created_at desc"));
        query(sql).fetch_all(&self.readers).await?.iter().map(read_token).collect()
    }

    /// Revokes the token of this name; `false` if there is none that was not revoked already.
    pub async fn revoke_token(&self, name: &TokenName) -> Result<bool, StoreError> {
        let revoked = query("update tokens set revoked_at = $2 where name = $1 and revoked_at is null")
            .bind(name.as_str())
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(revoked.rows_affected() == 1)
    }
}

fn read_token(row: &DbRow) -> Result<Token, StoreError> {
    let unreadable = || StoreError::Unreadable("token");
    let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).map_err(|_| unreadable());
    let firm: Option<String> = row.try_get("firm")?;
    let firm = firm.map(|firm| FirmId::new(&firm).ok_or_else(unreadable)).transpose()?;
    Ok(Token {
        name: TokenName::new(row.try_get("name")?).ok_or_else(unreadable)?,
        role: Role::new(row.try_get("role")?, firm).ok_or_else(unreadable)?,
        owner: row.try_get::<Option<String>, _>("owner")?.map(|email| Email::new(&email)),
        is_orphaned: row.try_get::<i64, _>("is_orphaned")? == 1,
        created_at: time(row.try_get("created_at")?)?,
        last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(time).transpose()?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(time).transpose()?,
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(time).transpose()?,
    })
}
