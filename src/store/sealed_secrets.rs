//! Secrets that are sealed: set, listed, removed, and how often that was done. What is in them, the store cannot tell.

use jiff::Timestamp;

use super::database::{DbRow, Transaction, query};
use super::{Store, StoreError};
use crate::domain::{SealedSecret, SecretName};

impl Store {
    /// Keeps a sealed secret in place of the one of its name; answers when that one was set, if there was one. What the earlier one was
    /// known to go to is forgotten.
    pub async fn put_sealed_secret(&self, name: &SecretName, sealed: &[u8], at: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut change = self.pool.begin().await?;
        count_change(&mut change).await?;
        let before = query("select set_at from sealed_secrets where name = $1").bind(name.as_str()).fetch_optional(&mut change).await?;
        query(
            "insert into sealed_secrets (name, sealed, set_at, origin, change)
             values ($1, $2, $3, null, (select count from sealed_secret_changes)) on conflict (name) do update set
             sealed = excluded.sealed, set_at = excluded.set_at, origin = excluded.origin, change = excluded.change",
        )
        .bind(name.as_str())
        .bind(sealed)
        .bind(at.as_millisecond())
        .execute(&mut change)
        .await?;
        query("delete from secret_origins where reference = '${secret:' || $1 || '}'").bind(name.as_str()).execute(&mut change).await?;
        change.commit().await?;
        before.map(|row| time(row.try_get(0)?)).transpose()
    }

    /// Seals a secret anew, unless it was set meanwhile: the same value, bound to a destination.
    pub async fn reseal_secret(&self, of: &SealedSecret, sealed: &[u8], origin: &str) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await?;
        count_change(&mut change).await?;
        let resealed = query("update sealed_secrets set sealed = $1, origin = $2 where name = $3 and change = $4 and sealed = $5")
            .bind(sealed)
            .bind(origin)
            .bind(of.name.as_str())
            .bind(of.change)
            .bind(&*of.sealed)
            .execute(&mut change)
            .await?;
        change.commit().await?;
        Ok(resealed.rows_affected() == 1)
    }

    /// Removes a sealed secret; `false` if there is none of this name.
    pub async fn remove_sealed_secret(&self, name: &SecretName) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await?;
        query("delete from secret_origins where reference = '${secret:' || $1 || '}'").bind(name.as_str()).execute(&mut change).await?;
        let removed = query("delete from sealed_secrets where name = $1").bind(name.as_str()).execute(&mut change).await?;
        let removed = removed.rows_affected() == 1;
        if removed {
            count_change(&mut change).await?;
        }
        change.commit().await?;
        Ok(removed)
    }

    /// How often a secret has been set or removed. Cheap: for looking often.
    pub async fn sealed_secret_changes(&self) -> Result<i64, StoreError> {
        Ok(query("select count from sealed_secret_changes").fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// Every sealed secret, by name.
    pub async fn sealed_secrets(&self) -> Result<Vec<SealedSecret>, StoreError> {
        let sql = "select name, sealed, set_at, origin, change from sealed_secrets order by name";
        query(sql).fetch_all(&self.readers).await?.iter().map(read).collect()
    }
}

/// Counts a change, by which every process sees that there is something new.
pub(super) async fn count_change(change: &mut Transaction) -> Result<(), StoreError> {
    query("update sealed_secret_changes set count = count + 1").execute(change).await.map(drop)
}

fn read(row: &DbRow) -> Result<SealedSecret, StoreError> {
    let sealed: &[u8] = row.try_get("sealed")?;
    Ok(SealedSecret {
        name: SecretName::new(row.try_get("name")?).ok_or(StoreError::Unreadable("sealed secret"))?,
        sealed: sealed.into(),
        origin: row.try_get::<Option<String>, _>("origin")?.map(Into::into),
        set_at: time(row.try_get("set_at")?)?,
        change: row.try_get("change")?,
    })
}

fn time(milliseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| StoreError::Unreadable("sealed secret"))
}
