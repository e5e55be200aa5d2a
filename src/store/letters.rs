//! Dead letters: written, listed, tried again, dropped.

use jiff::Timestamp;

use super::database::{Record, query};
use super::{Store, StoreError};
use crate::domain::{CaseId, FirmId, Letter, LetterKind};

impl Store {
    /// Writes a letter, and takes its message or document out of what waits.
    ///
    /// # Errors
    /// The store says no.
    pub async fn write_letter(
        &self,
        firm: &FirmId,
        kind: LetterKind,
        subject: &str,
        case: Option<CaseId>,
        reason: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        query(
            "insert into letters (firm, kind, subject, integration_id, reason, written_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (firm, kind, subject) do update set reason = excluded.reason, written_at = excluded.written_at",
        )
        .bind(firm.as_str())
        .bind(kind.as_str())
        .bind(subject)
        .bind(case.map(|case| case.to_string()))
        .bind(reason)
        .bind(Timestamp::now().as_millisecond())
        .execute(&mut transaction)
        .await?;
        query(set_state(kind)).bind(firm.as_str()).bind(subject).bind("dead").execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Every letter, or those of one firm, the oldest first.
    ///
    /// # Errors
    /// The store says no.
    pub async fn letters(&self, firm: Option<&FirmId>) -> Result<Vec<Letter>, StoreError> {
        let sql =
            "select id, firm, kind, subject, integration_id, reason, written_at from letters where $1 is null or firm = $1 order by id";
        let rows = query(sql).bind(firm.map(FirmId::as_str)).fetch_all(&self.readers).await?;
        rows.iter().map(read_letter).collect()
    }

    /// Every letter, or those of one firm, the latest first: at most so many of those before the one of this number.
    ///
    /// # Errors
    /// The store says no.
    pub async fn letters_before(&self, firm: Option<&FirmId>, before: Option<i64>, most: u32) -> Result<Vec<Letter>, StoreError> {
        let sql = "select id, firm, kind, subject, integration_id, reason, written_at from letters
                   where id < $1 and ($2 is null or firm = $2) order by id desc limit $3";
        let query = query(sql).bind(before.unwrap_or(i64::MAX)).bind(firm.map(FirmId::as_str)).bind(most);
        query.fetch_all(&self.readers).await?.iter().map(read_letter).collect()
    }

    /// One letter.
    ///
    /// # Errors
    /// The store says no.
    pub async fn letter(&self, id: i64) -> Result<Option<Letter>, StoreError> {
        let sql = "select id, firm, kind, subject, integration_id, reason, written_at from letters where id = $1";
        let row = query(sql).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_letter).transpose()
    }

    /// Takes a letter away, and lets its message or document be tried again, or be left out for good; `false` if somebody else has taken
    /// it already.
    ///
    /// # Errors
    /// The store says no.
    pub async fn take_letter(&self, letter: &Letter, again: bool) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let taken = query("delete from letters where id = $1").bind(letter.id).execute(&mut transaction).await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        let state = if again { "waiting" } else { "left_out" };
        query(set_state(letter.kind)).bind(letter.firm.as_str()).bind(&letter.subject).bind(state).execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn set_state(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Note => "update inbox set state = $3 where firm = $1 and message_id = $2",
        LetterKind::Document => "update documents set state = $3, tries = 0 where firm = $1 and document_id = $2",
    }
}

fn read_letter(row: &Record) -> Result<Letter, StoreError> {
    let unreadable = || StoreError::Unreadable("letter");
    Ok(Letter {
        id: row.try_get("id")?,
        firm: FirmId::new(row.try_get("firm")?).ok_or_else(unreadable)?,
        kind: LetterKind::parse(row.try_get("kind")?).ok_or_else(unreadable)?,
        subject: row.try_get("subject")?,
        case: row.try_get::<Option<String>, _>("integration_id")?.and_then(|id| CaseId::parse(&id)),
        reason: row.try_get("reason")?,
        written_at: Timestamp::from_millisecond(row.try_get("written_at")?).map_err(|_| unreadable())?,
    })
}
