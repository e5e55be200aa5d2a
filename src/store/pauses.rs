//! Firms that are left alone because of their keys, and notices that were sent once.

use jiff::Timestamp;

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::named;
use crate::domain::{FirmId, Revision};

/// Why a firm is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The vendor that the key is for.
    pub vendor: String,
    /// What is wrong with the key.
    pub reason: PauseReason,
    /// The same in a sentence, where there is more to say.
    pub detail: Option<String>,
    /// Its rules at that time.
    pub revision: String,
    /// Since when.
    pub since: Timestamp,
}

impl Pause {
    /// What is wrong, in a sentence.
    pub fn what(&self) -> String {
        let refused =
            || format!("{} refuses its key, and nothing is asked of either product until a new one is set and accepted", self.vendor);
        self.detail.clone().unwrap_or_else(refused)
    }
}

named! {
    /// What is wrong with a key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PauseReason {
        /// The vendor refuses it.
        KeyRefused => "key",
        /// It opens another account than before.
        OtherAccount => "account",
        /// It opens the account of another firm, which ran first.
        AccountTaken => "account_taken",
    }
}

impl PauseReason {
    /// Whether nothing may be written by hand either.
    pub fn is_about_account(self) -> bool {
        self != PauseReason::KeyRefused
    }
}

impl Store {
    /// Leaves a firm alone. A pause that is there already stays; but one for a wrong account takes the place of one for a refused key.
    pub async fn pause(
        &self,
        firm: &FirmId,
        vendor: &str,
        reason: PauseReason,
        detail: Option<&str>,
        revision: &Revision,
    ) -> Result<(), StoreError> {
        query(
            "insert into pauses (firm, vendor, revision, since, reason, detail) values ($1, $2, $3, $4, $5, $6)
             on conflict (firm) do update set vendor = excluded.vendor, revision = excluded.revision, since = excluded.since,
             reason = excluded.reason, detail = excluded.detail where pauses.reason = 'key' and excluded.reason <> 'key'",
        )
        .bind(firm.as_str())
        .bind(vendor)
        .bind(&*revision.0)
        .bind(Timestamp::now().as_millisecond())
        .bind(reason.as_str())
        .bind(detail)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a firm's pause.
    pub async fn end_pause(&self, firm: &FirmId) -> Result<(), StoreError> {
        query("delete from pauses where firm = $1").bind(firm.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Why a firm is left alone, if it is.
    pub async fn paused(&self, firm: &FirmId) -> Result<Option<Pause>, StoreError> {
        let row = query("select vendor, reason, detail, revision, since from pauses where firm = $1").bind(firm.as_str());
        row.fetch_optional(&self.pool).await?.as_ref().map(read_pause).transpose()
    }

    /// Claims the right to send a notice; `false` if it was sent before.
    pub async fn claim_notice(&self, key: &str) -> Result<bool, StoreError> {
        let claimed = query("insert into notices (key, sent_at) values ($1, $2) on conflict (key) do nothing")
            .bind(key)
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Lets a notice be sent again, as when a revoked key is good again.
    pub async fn release_notice(&self, key: &str) -> Result<(), StoreError> {
        query("delete from notices where key = $1").bind(key).execute(&self.pool).await?;
        Ok(())
    }
}

pub(super) fn read_pause(row: &DbRow) -> Result<Pause, StoreError> {
    let since = Timestamp::from_millisecond(row.try_get("since")?).map_err(|_| StoreError::Unreadable("pause"))?;
    let reason: String = row.try_get("reason")?;
    let reason = PauseReason::ALL.into_iter().find(|known| known.as_str() == reason).ok_or(StoreError::Unreadable("pause"))?;
    Ok(Pause { vendor: row.try_get("vendor")?, reason, detail: row.try_get("detail")?, revision: row.try_get("revision")?, since })
}
