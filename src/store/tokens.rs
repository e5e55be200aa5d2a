//! API tokens: made, looked up by what somebody shows, listed, revoked.

use jiff::Timestamp;

use super::database::{Record, query};
use super::{Store, StoreError};
use crate::domain::{FirmId, Role, Token, TokenHash, TokenName};

const COLUMNS: &str = "name, role, firm, created_at, expires_at, revoked_at";

impl Store {
    /// Keeps a new token; `false` if one of its name is there that was not revoked.
    ///
    /// # Errors
    /// The store says no.
    pub async fn put_token(&self, token: &Token, hash: &TokenHash) -> Result<bool, StoreError> {
        let put = query(
            "insert into tokens (hash, name, role, firm, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (name) where revoked_at is null do nothing",
        )
        .bind(hash.as_str())
        .bind(token.name.as_str())
        .bind(token.role.as_str())
        .bind(token.role.firm().map(FirmId::as_str))
        .bind(token.created_at.as_millisecond())
        .bind(token.expires_at.map(Timestamp::as_millisecond))
        .execute(&self.pool)
        .await?;
        Ok(put.rows_affected() == 1)
    }

    /// The token of this hash, whatever its state.
    ///
    /// # Errors
    /// The store says no.
    pub async fn token(&self, hash: &TokenHash) -> Result<Option<Token>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from tokens where hash = $1"));
        let row = query(sql).bind(hash.as_str()).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_token).transpose()
    }

    /// Every token, by name; of one name, the newest first.
    ///
    /// # Errors
    /// The store says no.
    pub async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from tokens order by name, created_at desc"));
        query(sql).fetch_all(&self.readers).await?.iter().map(read_token).collect()
    }

    /// Revokes the token of this name; `false` if there is none that was not revoked already.
    ///
    /// # Errors
    /// The store says no.
    pub async fn revoke_token(&self, name: &TokenName) -> Result<bool, StoreError> {
        let revoked = query("update tokens set revoked_at = $2 where name = $1 and revoked_at is null")
            .bind(name.as_str())
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(revoked.rows_affected() == 1)
    }
}

fn read_token(row: &Record) -> Result<Token, StoreError> {
    let unreadable = || StoreError::Unreadable("token");
    let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).map_err(|_| unreadable());
    let firm: Option<String> = row.try_get("firm")?;
    let firm = firm.map(|firm| FirmId::new(&firm).ok_or_else(unreadable)).transpose()?;
    Ok(Token {
        name: TokenName::new(row.try_get("name")?).ok_or_else(unreadable)?,
        role: Role::new(row.try_get("role")?, firm).ok_or_else(unreadable)?,
        created_at: time(row.try_get("created_at")?)?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(time).transpose()?,
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(time).transpose()?,
    })
}
