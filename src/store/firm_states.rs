//! Which firms were enabled, and which were disabled. A firm of which the store has neither is new.

use std::collections::HashSet;

use jiff::Timestamp;

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::FirmId;

/// Why a firm is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    /// As whoever disabled it said.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// Enables a firm. With `skip_messages`, its next message pass starts anew, and so with what comes from then on where its rules say
    /// `messages.start: now`. `false` if it is enabled already.
    pub async fn enable_firm(&self, firm: &FirmId, skip_messages: bool) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let enabled = query(
            "insert into firm_states (firm, state, since) values ($1, 'on', $2) on conflict (firm) do update
             set state = excluded.state, reason = null, since = excluded.since where firm_states.state <> 'on'",
        )
        .bind(firm.as_str())
        .bind(Timestamp::now().as_millisecond())
        .execute(&mut transaction)
        .await?;
        let is_changed = enabled.rows_affected() == 1;
        // The passes of one that is enabled already go on where they are.
        if is_changed && skip_messages {
            query("delete from cursors where firm = $1 and feed = 'messages'").bind(firm.as_str()).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(is_changed)
    }

    /// Disables a firm.
    pub async fn disable_firm(&self, firm: &FirmId, reason: &str) -> Result<(), StoreError> {
        query(
            "insert into firm_states (firm, state, reason, since) values ($1, 'off', $2, $3) on conflict (firm) do update
             set state = excluded.state, reason = excluded.reason, since = excluded.since",
        )
        .bind(firm.as_str())
        .bind(reason)
        .bind(Timestamp::now().as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The firms that are enabled.
    pub async fn enabled_firms(&self) -> Result<HashSet<FirmId>, StoreError> {
        let rows = query("select firm from firm_states where state = 'on'").fetch_all(&self.readers).await?;
        rows.iter().map(|row| FirmId::new(row.try_get("firm")?).ok_or(StoreError::Unreadable("firm"))).collect()
    }

    /// Whether a firm is enabled.
    pub async fn is_firm_enabled(&self, firm: &FirmId) -> Result<bool, StoreError> {
        let row = query("select 1 from firm_states where firm = $1 and state = 'on'").bind(firm.as_str());
        Ok(row.fetch_optional(&self.pool).await?.is_some())
    }

    /// Whether somebody disabled a firm.
    pub async fn is_firm_disabled(&self, firm: &FirmId) -> Result<bool, StoreError> {
        let row = query("select 1 from firm_states where firm = $1 and state = 'off'").bind(firm.as_str());
        Ok(row.fetch_optional(&self.pool).await?.is_some())
    }

    /// Whether any firm was ever enabled or disabled here.
    pub async fn knows_firms(&self) -> Result<bool, StoreError> {
        Ok(query("select 1 from firm_states limit 1").fetch_optional(&self.pool).await?.is_some())
    }

    /// Whether any of these firms was not removed since.
    pub async fn expects_firms(&self) -> Result<bool, StoreError> {
        let row = query("select 1 from firm_states where firm not in (select firm from removed_firms) limit 1");
        Ok(row.fetch_optional(&self.pool).await?.is_some())
    }
}

/// Whether it is enabled, and why not where somebody disabled it.
pub(super) fn read_firm_state(row: &DbRow) -> Result<(bool, Option<Disabled>), StoreError> {
    let since = Timestamp::from_millisecond(row.try_get("since")?).map_err(|_| StoreError::Unreadable("firm's state"))?;
    if row.try_get::<String, _>("state")? == "on" {
        return Ok((true, None));
    }
    let reason = row.try_get::<Option<String>, _>("reason")?.unwrap_or_default();
    Ok((false, Some(Disabled { reason, since })))
}
