//! First answers to requests that a program may repeat.

use jiff::{SignedDuration, Timestamp};

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::TokenHash;

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// What was asked: a hash of the method, the address and the body.
    pub asked: String,
    /// Its status.
    pub status: u16,
    /// What its body is.
    pub content_type: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Store {
    /// The answer that a caller got under this key, if it is still kept.
    pub async fn stored_answer(&self, caller: &TokenHash, key: &str, now: Timestamp) -> Result<Option<StoredAnswer>, StoreError> {
        let sql = "select asked, status, content_type, body from idempotency where caller = $1 and key = $2 and at > $3";
        let row = query(sql).bind(caller.as_str()).bind(key).bind((now - KEPT).as_millisecond()).fetch_optional(&self.readers).await?;
        let read = |row: DbRow| {
            Ok(StoredAnswer {
                asked: row.try_get("asked")?,
                status: row.try_get("status")?,
                content_type: row.try_get("content_type")?,
                body: row.try_get("body")?,
            })
        };
        row.map(read).transpose()
    }

    /// Keeps the answer that a caller gets under this key.
    pub async fn keep_answer(&self, caller: &TokenHash, key: &str, answer: &StoredAnswer, now: Timestamp) -> Result<(), StoreError> {
        let sql = "insert into idempotency (caller, key, asked, status, content_type, body, at) values ($1, $2, $3, $4, $5, $6, $7)
                   on conflict (caller, key) do update set asked = excluded.asked, status = excluded.status,
                   content_type = excluded.content_type, body = excluded.body, at = excluded.at";
        query(sql)
            .bind(caller.as_str())
            .bind(key)
            .bind(&answer.asked)
            .bind(answer.status)
            .bind(&answer.content_type)
            .bind(&answer.body)
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets answers that are not kept any longer.
    pub async fn forget_old_answers(&self, now: Timestamp) -> Result<(), StoreError> {
        query("delete from idempotency where at <= $1").bind((now - KEPT).as_millisecond()).execute(&self.pool).await?;
        Ok(())
    }
}
