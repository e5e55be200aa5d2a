//! Dead letters: written, listed, tried again, dropped. A letter that is tried again stays until what it stands for came over.

use std::collections::HashSet;

use jiff::Timestamp;

use super::database::{DbRow, Transaction, query};
use super::{Store, StoreError};
use crate::domain::{CaseId, DeadLetter, FirmId, LetterKind};

impl Store {
    /// Writes a letter, and takes its message or document out of what waits.
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
             on conflict (firm, kind, subject) do update set reason = excluded.reason, written_at = excluded.written_at,
             retried_at = null",
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
    pub async fn letters(&self, firm: Option<&FirmId>) -> Result<Vec<DeadLetter>, StoreError> {
        let sql = "select id, firm, kind, subject, integration_id, reason, written_at, retried_at from letters where $1 is null or firm = $1 order by id";
        let rows = query(sql).bind(firm.map(FirmId::as_str)).fetch_all(&self.readers).await?;
        rows.iter().map(read_letter).collect()
    }

    /// Every letter, or those of one firm, the latest first: at most so many of those before the one of this number.
    pub async fn letters_before(&self, firm: Option<&FirmId>, before: Option<i64>, most: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let sql = "select id, firm, kind, subject, integration_id, reason, written_at, retried_at from letters
                   where id < $1 and ($2 is null or firm = $2) order by id desc limit $3";
        let query = query(sql).bind(before.unwrap_or(i64::MAX)).bind(firm.map(FirmId::as_str)).bind(most);
        query.fetch_all(&self.readers).await?.iter().map(read_letter).collect()
    }

    /// One letter.
    pub async fn letter(&self, id: i64) -> Result<Option<DeadLetter>, StoreError> {
        let sql = "select id, firm, kind, subject, integration_id, reason, written_at, retried_at from letters where id = $1";
        let row = query(sql).bind(id).fetch_optional(&self.readers).await?;
        row.as_ref().map(read_letter).transpose()
    }

    /// Lets what a letter stands for be tried `again`, upon which the letter stays until it came over; or leaves it out for good and takes the
    /// letter away. `false` if the letter is gone.
    pub async fn take_letter(&self, letter: &DeadLetter, again: bool) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let (taking, state) = if again {
            let now = Timestamp::now().as_millisecond();
            (query("update letters set retried_at = $2 where id = $1").bind(letter.id).bind(now), "waiting")
        } else {
            (query("delete from letters where id = $1").bind(letter.id), "left_out")
        };
        if taking.execute(&mut transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        query(set_state(letter.kind)).bind(letter.firm.as_str()).bind(&letter.subject).bind(state).execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// What is to be read again in the vendor's feed: the subjects of letters that are tried again and stand for something that could not
    /// be read.
    pub async fn unread_subjects(&self, firm: &FirmId, kind: LetterKind) -> Result<HashSet<String>, StoreError> {
        let sql = match kind {
            LetterKind::Note => {
                "select subject from letters where firm = $1 and kind = $2 and retried_at is not null and not exists
                 (select 1 from inbox where inbox.firm = letters.firm and message_id = subject)"
            }
            LetterKind::Document => {
                "select subject from letters where firm = $1 and kind = $2 and retried_at is not null and not exists
                 (select 1 from documents where documents.firm = letters.firm and document_id = subject)"
            }
        };
        let rows = query(sql).bind(firm.as_str()).bind(kind.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get("subject")?)).collect()
    }
}

/// Takes the letter of a message or document away that came over, or that nobody wants.
pub(super) async fn end_letter(transaction: &mut Transaction, kind: LetterKind, number: i64) -> Result<(), StoreError> {
    let sql = match kind {
        LetterKind::Note => {
            "delete from letters where kind = 'note' and exists
             (select 1 from inbox where inbox.id = $1 and inbox.firm = letters.firm and message_id = subject)"
        }
        LetterKind::Document => {
            "delete from letters where kind = 'document' and exists
             (select 1 from documents where documents.id = $1 and documents.firm = letters.firm and document_id = subject)"
        }
    };
    query(sql).bind(number).execute(&mut *transaction).await?;
    Ok(())
}

fn set_state(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Note => "update inbox set state = $3 where firm = $1 and message_id = $2",
        LetterKind::Document => "update documents set state = $3, tries = 0 where firm = $1 and document_id = $2",
    }
}

fn read_letter(row: &DbRow) -> Result<DeadLetter, StoreError> {
    let unreadable = || StoreError::Unreadable("letter");
    Ok(DeadLetter {
        id: row.try_get("id")?,
        firm: FirmId::new(row.try_get("firm")?).ok_or_else(unreadable)?,
        kind: LetterKind::parse(row.try_get("kind")?).ok_or_else(unreadable)?,
        subject: row.try_get("subject")?,
        case: row.try_get::<Option<String>, _>("integration_id")?.and_then(|id| CaseId::parse(&id)),
        reason: row.try_get("reason")?,
        written_at: Timestamp::from_millisecond(row.try_get("written_at")?).map_err(|_| unreadable())?,
        retried_at: row.try_get::<Option<i64>, _>("retried_at")?.and_then(|at| Timestamp::from_millisecond(at).ok()),
    })
}
