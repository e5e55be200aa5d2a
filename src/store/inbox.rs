//! The inbox: messages of Case Status on their way to becoming case notes.

use jiff::Timestamp;

use super::database::{DbRow, QueryBuilder, query};
use super::dead_letters::end_letter;
use super::feeds::move_to;
use super::{Store, StoreError};
use crate::domain::named;
use crate::domain::{CaseId, Direction, FirmId, LetterKind, Message};

/// Messages a statement: SQLite takes 32,766 values, and a message has 11.
const BATCH: usize = 1_000;

/// A message that is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMessage {
    /// Its number here; later messages have higher ones.
    pub number: i64,
    /// The message.
    pub message: Message,
}

named! {
    /// How far a message has come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum InboxState {
        /// It is to become a note.
        Waiting => "waiting",
        /// It is a note.
        Done => "done",
        /// Nobody wants a note of it.
        LeftOut => "left_out",
        /// It could not become a note; a letter says why.
        Dead => "dead",
    }
}

impl Store {
    /// Stores messages and moves the feed's cursor past them, both or neither; without a cursor, it stays where it is. A message that is
    /// stored already stays as it is.
    pub async fn receive_messages(&self, firm: &FirmId, messages: &[Message], cursor: Option<&str>) -> Result<(), StoreError> {
        let now = Timestamp::now().as_millisecond();
        let mut transaction = self.pool.begin().await?;
        for batch in messages.chunks(BATCH) {
            let mut query = QueryBuilder::new(
                "insert into inbox (firm, message_id, integration_id, direction, sender_name, sender_email, body, sent_at,
                 idempotency_key, state, stored_at) ",
            );
            query.push_values(batch, |mut values, message| {
                values
                    .push_bind(firm.as_str())
                    .push_bind(&*message.id)
                    .push_bind(message.integration_id.map(|id| id.to_string()))
                    .push_bind(message.direction.as_str())
                    .push_bind(&*message.sender_name)
                    .push_bind(message.sender_email.as_deref())
                    .push_bind(&*message.body)
                    .push_bind(message.sent_at.as_millisecond())
                    .push_bind(message.idempotency_key.as_deref())
                    .push_bind(InboxState::Waiting.as_str())
                    .push_bind(now);
            });
            query.push(" on conflict (firm, message_id) do nothing");
            query.build().execute(&mut transaction).await?;
        }
        if let Some(cursor) = cursor {
            move_to(&mut transaction, firm, "messages", cursor).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The messages of a firm that are to become notes, in the order in which they were sent, at most so many.
    pub async fn waiting_messages(&self, firm: &FirmId, most: u32) -> Result<Vec<StoredMessage>, StoreError> {
        let sql = "select id, message_id, integration_id, direction, sender_name, sender_email, body, sent_at, idempotency_key
                   from inbox where firm = $1 and state = 'waiting' order by id limit $2";
        let rows = query(sql).bind(firm.as_str()).bind(most).fetch_all(&self.pool).await?;
        rows.iter().map(read_message).collect()
    }

    /// How many messages of a firm are to become notes.
    pub async fn count_waiting_messages(&self, firm: &FirmId) -> Result<u64, StoreError> {
        let row = query("select count(*) from inbox where firm = $1 and state = 'waiting'").bind(firm.as_str());
        Ok(row.fetch_one(&self.pool).await?.try_get::<i64, _>(0)?.unsigned_abs())
    }

    /// Records how far messages have come. The text of one that is a note, or that nobody wants, is not kept.
    pub async fn settle_messages(&self, settled: &[(i64, InboxState)]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for (number, state) in settled {
            let keeps_text = matches!(state, InboxState::Waiting | InboxState::Dead);
            query("update inbox set state = $2, body = case when $3 = 1 then body else '' end where id = $1")
                .bind(number)
                .bind(state.as_str())
                .bind(keeps_text)
                .execute(&mut transaction)
                .await?;
            if !keeps_text {
                end_letter(&mut transaction, LetterKind::Note, *number).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

fn read_message(row: &DbRow) -> Result<StoredMessage, StoreError> {
    let unreadable = || StoreError::Unreadable("message");
    let text = |column: &str| row.try_get::<String, _>(column).map(String::into_boxed_str);
    let optional = |column: &str| row.try_get::<Option<String>, _>(column).map(|text| text.map(String::into_boxed_str));
    let message = Message {
        id: text("message_id")?,
        integration_id: optional("integration_id")?.and_then(|id| CaseId::parse(&id)),
        direction: Direction::parse(&text("direction")?).ok_or_else(unreadable)?,
        sender_name: text("sender_name")?,
        sender_email: optional("sender_email")?,
        body: text("body")?,
        sent_at: Timestamp::from_millisecond(row.try_get("sent_at")?).map_err(|_| unreadable())?,
        idempotency_key: optional("idempotency_key")?,
    };
    Ok(StoredMessage { number: row.try_get("id")?, message })
}
