//! Firms that are left alone because a vendor refuses their key, and notices that were sent once.

use jiff::Timestamp;

use super::database::{Record, query};
use super::{Store, StoreError};
use crate::domain::{FirmId, Revision};

/// Why a firm is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Who refuses its key.
    pub vendor: String,
    /// Its rules at that time.
    pub revision: String,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// Leaves a firm alone. A pause that is there already stays.
    ///
    /// # Errors
    /// The store says no.
    pub async fn pause(&self, firm: &FirmId, vendor: &str, revision: &Revision) -> Result<(), StoreError> {
        query("insert into pauses (firm, vendor, revision, since) values ($1, $2, $3, $4) on conflict (firm) do nothing")
            .bind(firm.as_str())
            .bind(vendor)
            .bind(&*revision.0)
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a firm's pause.
    ///
    /// # Errors
    /// The store says no.
    pub async fn end_pause(&self, firm: &FirmId) -> Result<(), StoreError> {
        query("delete from pauses where firm = $1").bind(firm.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Why a firm is left alone, if it is.
    ///
    /// # Errors
    /// The store says no.
    pub async fn paused(&self, firm: &FirmId) -> Result<Option<Pause>, StoreError> {
        let row = query("select vendor, revision, since from pauses where firm = $1").bind(firm.as_str());
        row.fetch_optional(&self.pool).await?.as_ref().map(read_pause).transpose()
    }

    /// Claims the right to send a notice; `false` if it was sent before.
    ///
    /// # Errors
    /// The store says no.
    pub async fn claim_notice(&self, key: &str) -> Result<bool, StoreError> {
        let claimed = query("insert into notices (key, sent_at) values ($1, $2) on conflict (key) do nothing")
            .bind(key)
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Lets a notice be sent again, as when a revoked key is good again.
    ///
    /// # Errors
    /// The store says no.
    pub async fn release_notice(&self, key: &str) -> Result<(), StoreError> {
        query("delete from notices where key = $1").bind(key).execute(&self.pool).await?;
        Ok(())
    }
}

pub(super) fn read_pause(row: &Record) -> Result<Pause, StoreError> {
    let since = Timestamp::from_millisecond(row.try_get("since")?).map_err(|_| StoreError::Unreadable("pause"))?;
    Ok(Pause { vendor: row.try_get("vendor")?, revision: row.try_get("revision")?, since })
}
