//! The audit log: written line by line, read from its end.

use jiff::Timestamp;

use super::database::{DbRow, QueryBuilder, query};
use super::{Store, StoreError};
use crate::domain::{Action, Actor, AuditEntry, FirmId};

/// Which lines of the audit log are asked for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About this firm.
    pub firm: Option<FirmId>,
    /// Of whoever is called so.
    pub who: Option<String>,
    /// Of this kind.
    pub action: Option<Action>,
    /// Before the line of this number.
    pub before: Option<i64>,
}

impl Store {
    /// Writes a line.
    pub async fn put_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        query(
            "insert into audit (at, who_kind, who, action, firm, subject, before, after, request)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(entry.at.as_millisecond())
        .bind(entry.who.kind())
        .bind(entry.who.name())
        .bind(entry.action.as_str())
        .bind(entry.firm.as_ref().map(FirmId::as_str))
        .bind(entry.subject.as_deref())
        .bind(entry.before.as_deref())
        .bind(entry.after.as_deref())
        .bind(entry.request.as_deref())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Lines with their numbers, the latest first, at most so many.
    pub async fn audit(&self, filter: &AuditFilter, most: u32) -> Result<Vec<(i64, AuditEntry)>, StoreError> {
        let mut query =
            QueryBuilder::new("select id, at, who_kind, who, action, firm, subject, before, after, request from audit where id < ");
        query.push_bind(filter.before.unwrap_or(i64::MAX));
        if let Some(firm) = &filter.firm {
            query.push(" and firm = ").push_bind(firm.as_str());
        }
        if let Some(who) = &filter.who {
            query.push(" and who = ").push_bind(who);
        }
        if let Some(action) = filter.action {
            query.push(" and action = ").push_bind(action.as_str());
        }
        query.push(" order by id desc limit ").push_bind(most);
        query.build().fetch_all(&self.readers).await?.iter().map(read_entry).collect()
    }

    /// Forgets lines from before a moment.
    pub async fn forget_audit(&self, before: Timestamp) -> Result<(), StoreError> {
        query("delete from audit where at < $1").bind(before.as_millisecond()).execute(&self.pool).await?;
        Ok(())
    }
}

fn read_entry(row: &DbRow) -> Result<(i64, AuditEntry), StoreError> {
    let unreadable = || StoreError::Unreadable("line of the audit log");
    let text = |column: &str| row.try_get::<Option<String>, _>(column);
    let entry = AuditEntry {
        at: Timestamp::from_millisecond(row.try_get("at")?).map_err(|_| unreadable())?,
        who: Actor::parse(row.try_get("who_kind")?, row.try_get("who")?).ok_or_else(unreadable)?,
        action: Action::parse(row.try_get("action")?).ok_or_else(unreadable)?,
        firm: text("firm")?.map(|firm| FirmId::new(&firm).ok_or_else(unreadable)).transpose()?,
        subject: text("subject")?,
        before: text("before")?,
        after: text("after")?,
        request: text("request")?,
    };
    Ok((row.try_get("id")?, entry))
}
