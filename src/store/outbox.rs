//! Staff's messages: intended before they are sent, so that none is sent twice, whatever happens in between.

use jiff::Timestamp;

use super::database::query;
use super::{Store, StoreError};
use crate::domain::{FirmId, OutboundMessage};

/// A message of staff's, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// How far it has come.
    pub state: OutboxState,
    /// When it was first about to be sent.
    pub intended_at: Timestamp,
}

/// How far a message of staff's has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxState {
    /// It was about to be sent; nobody has written down what came of it.
    Intended,
    /// It was sent, under this id of Case Status's.
    Sent(String),
    /// It was not sent, for this reason.
    Failed(String),
}

impl OutboxState {
    fn columns(&self) -> (&'static str, Option<&str>, Option<&str>) {
        match self {
            OutboxState::Intended => ("intended", None, None),
            OutboxState::Sent(message) => ("sent", Some(message), None),
            OutboxState::Failed(error) => ("failed", None, Some(error)),
        }
    }
}

impl Store {
    /// What is known of a message of staff's.
    pub async fn outbox_entry(&self, firm: &FirmId, id: &str) -> Result<Option<OutboxEntry>, StoreError> {
        let sql = "select state, message_id, error, intended_at from outbox where firm = $1 and outbox_id = $2";
        let Some(row) = query(sql).bind(firm.as_str()).bind(id).fetch_optional(&self.pool).await? else { return Ok(None) };
        let unreadable = || StoreError::Unreadable("message of staff's");
        let state = match row.try_get::<String, _>("state")?.as_str() {
            // Also where CASEpeer has its receipt already: should it be listed once more, it is not sent once more.
            "sent" | "done" if row.try_get::<Option<String>, _>("message_id")?.is_some() => {
                OutboxState::Sent(row.try_get::<Option<String>, _>("message_id")?.ok_or_else(unreadable)?)
            }
            "failed" | "done" => OutboxState::Failed(row.try_get::<Option<String>, _>("error")?.ok_or_else(unreadable)?),
            _ => OutboxState::Intended,
        };
        let intended_at = Timestamp::from_millisecond(row.try_get("intended_at")?).map_err(|_| unreadable())?;
        Ok(Some(OutboxEntry { state, intended_at }))
    }

    /// Records that CASEpeer has the receipt of a message of staff's.
    pub async fn settle_outbox(&self, firm: &FirmId, id: &str) -> Result<(), StoreError> {
        query("update outbox set state = 'done' where firm = $1 and outbox_id = $2 and state in ('sent', 'failed')")
            .bind(firm.as_str())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Records how far a message of staff's has come. When it was first intended stays.
    ///
    /// # Errors
    /// The store says no; nothing may be sent then.
    pub async fn put_outbox(&self, firm: &FirmId, message: &OutboundMessage, state: &OutboxState) -> Result<(), StoreError> {
        let (word, message_id, error) = state.columns();
        query(
            "insert into outbox (firm, outbox_id, case_id, state, message_id, error, intended_at) values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (firm, outbox_id) do update set state = excluded.state, message_id = excluded.message_id, error = excluded.error",
        )
        .bind(firm.as_str())
        .bind(&*message.id)
        .bind(message.case.to_string())
        .bind(word)
        .bind(message_id)
        .bind(error)
        .bind(Timestamp::now().as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
