//! What came of edits of rules, and the last rules of each firm that were in order.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::database::{DbRow, query};
use super::{Store, StoreError};
use crate::domain::{FirmId, Revision};

/// What came of one edit of a firm's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditReceipt {
    /// Its number.
    pub id: i64,
    /// The hash of what the files held.
    pub revision: String,
    /// `applied`, `rejected` or `removed`.
    pub outcome: String,
    /// What the files had wrong, as JSON.
    pub diagnostics: String,
    /// The files' text, secrets masked.
    pub text: String,
    /// The files themselves, by path, of an edit that was applied; edits of older versions have none.
    pub files: Option<BTreeMap<String, String>>,
    /// When the edit was noticed.
    pub received_at: Timestamp,
}

impl Store {
    /// Keeps what came of an edit, unless that is what the firm's last receipt says: several instances see the same edit.
    pub async fn put_receipt(
        &self,
        firm: &FirmId,
        revision: &Revision,
        outcome: &str,
        diagnostics: &str,
        text: &str,
        files: Option<&BTreeMap<String, String>>,
    ) -> Result<(), StoreError> {
        let files = files.map(serde_json::to_string).transpose().map_err(|_| StoreError::Unreadable("rules file"))?;
        let mut transaction = self.pool.begin().await?;
        // What one instance has not committed yet another one does not see.
        transaction.alone("receipts").await?;
        query(
            "insert into receipts (firm, revision, outcome, diagnostics, text, files, received_at)
             select $1, $2, $3, $4, $5, $6, $7 where not exists (
                select 1 from receipts last where last.id = (select max(id) from receipts where firm = $1)
                and last.revision = $2 and last.outcome = $3 and last.diagnostics = $4)",
        )
        .bind(firm.as_str())
        .bind(&*revision.0)
        .bind(outcome)
        .bind(diagnostics)
        .bind(text)
        .bind(files)
        .bind(Timestamp::now().as_millisecond())
        .execute(&mut transaction)
        .await?;
        transaction.commit().await
    }

    /// The latest receipts of a firm, the newest first.
    pub async fn receipts(&self, firm: &FirmId, most: u32) -> Result<Vec<EditReceipt>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from receipts where firm = $1 order by id desc limit $2"));
        let rows = query(sql).bind(firm.as_str()).bind(most).fetch_all(&self.readers).await?;
        rows.iter().map(read_receipt).collect()
    }

    /// The same, of those before the one of this number.
    pub async fn receipts_before(&self, firm: &FirmId, before: Option<i64>, most: u32) -> Result<Vec<EditReceipt>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from receipts where firm = $1 and id < $2 order by id desc limit $3"));
        let query = query(sql).bind(firm.as_str()).bind(before.unwrap_or(i64::MAX)).bind(most);
        query.fetch_all(&self.readers).await?.iter().map(read_receipt).collect()
    }

    /// A receipt of a firm, and the one before it.
    pub async fn receipt(&self, firm: &FirmId, id: i64) -> Result<Option<(EditReceipt, Option<EditReceipt>)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from receipts where firm = $1 and id <= $2 order by id desc limit 2"));
        let rows = query(sql).bind(firm.as_str()).bind(id).fetch_all(&self.readers).await?;
        let mut receipts = rows.iter().map(read_receipt).collect::<Result<Vec<_>, _>>()?.into_iter();
        let Some(receipt) = receipts.next().filter(|receipt| receipt.id == id) else { return Ok(None) };
        Ok(Some((receipt, receipts.next())))
    }

    /// Keeps the files of rules that are in order, in place of earlier ones.
    pub async fn put_good_rules(&self, firm: &FirmId, revision: &Revision, files: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let files = serde_json::to_string(files).map_err(|_| StoreError::Unreadable("rules file"))?;
        query(
            "insert into good_rules (firm, revision, files, stored_at) values ($1, $2, $3, $4)
             on conflict (firm) do update set revision = excluded.revision, files = excluded.files, stored_at = excluded.stored_at",
        )
        .bind(firm.as_str())
        .bind(&*revision.0)
        .bind(files)
        .bind(Timestamp::now().as_millisecond())
        .execute(&self.pool)
        .await?;
        query("delete from removed_firms where firm = $1").bind(firm.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets the rules of a firm that is gone.
    pub async fn forget_good_rules(&self, firm: &FirmId) -> Result<(), StoreError> {
        query("delete from good_rules where firm = $1").bind(firm.as_str()).execute(&self.pool).await?;
        Ok(())
    }

    /// Keeps a firm's last good rules that were forgotten when it was stopped: its file went with many others, and it goes on.
    pub async fn recall_good_rules(&self, firm: &FirmId) -> Result<(), StoreError> {
        query(
            "insert into good_rules (firm, revision, files, stored_at) select firm, revision, files, received_at from receipts
             where id = (select max(id) from receipts where firm = $1 and outcome = 'applied' and files is not null)
             on conflict (firm) do nothing",
        )
        .bind(firm.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The firms whose last good rules are known.
    pub async fn firms_with_good_rules(&self) -> Result<BTreeSet<FirmId>, StoreError> {
        let rows = query("select firm from good_rules").fetch_all(&self.readers).await?;
        rows.iter().map(|row| FirmId::new(row.try_get("firm")?).ok_or(StoreError::Unreadable("firm"))).collect()
    }

    /// Notes that a person says that a firm is gone, whose file is not there: each host stops it, and its last good rules are forgotten.
    pub async fn remove_firm(&self, firm: &FirmId) -> Result<(), StoreError> {
        query("insert into removed_firms (firm, removed_at) values ($1, $2) on conflict (firm) do nothing")
            .bind(firm.as_str())
            .bind(Timestamp::now().as_millisecond())
            .execute(&self.pool)
            .await?;
        self.forget_good_rules(firm).await
    }

    /// The firms of which a person said that they are gone.
    pub async fn removed_firms(&self) -> Result<BTreeSet<FirmId>, StoreError> {
        let rows = query("select firm from removed_firms").fetch_all(&self.readers).await?;
        rows.iter().map(|row| FirmId::new(row.try_get("firm")?).ok_or(StoreError::Unreadable("firm"))).collect()
    }

    /// When each firm's rules were first in use, or it first ran, in milliseconds: of two firms that cannot both be there, the older stays.
    pub async fn firms_since(&self) -> Result<BTreeMap<FirmId, i64>, StoreError> {
        let sql = "select firm, min(at) from (
                       select firm, stored_at as at from good_rules
                       union all select good.firm, receipts.received_at from good_rules good join receipts on receipts.firm = good.firm
                       union all select firm, (select min(started_at) from runs where runs.firm = firms.firm and dry_run = 0 and status <> 'queued')
                           from (select distinct firm from revisions) firms
                   ) known where at is not null group by firm";
        let rows = query(sql).fetch_all(&self.readers).await?;
        let read = |row: &DbRow| {
            let firm = FirmId::new(row.try_get(0)?).ok_or(StoreError::Unreadable("receipt"))?;
            Ok((firm, row.try_get(1)?))
        };
        rows.iter().map(read).collect()
    }

    /// The files of every firm's last rules that were in order.
    pub async fn good_rules(&self) -> Result<BTreeMap<FirmId, BTreeMap<String, String>>, StoreError> {
        let rows = query("select firm, files from good_rules").fetch_all(&self.pool).await?;
        let unreadable = || StoreError::Unreadable("rules file");
        let mut good = BTreeMap::new();
        for row in rows {
            let firm = FirmId::new(row.try_get("firm")?).ok_or_else(unreadable)?;
            good.insert(firm, serde_json::from_str(&row.try_get::<String, _>("files")?).map_err(|_| unreadable())?);
        }
        Ok(good)
    }
}

const COLUMNS: &str = "id, revision, outcome, diagnostics, text, files, received_at";

fn read_receipt(row: &DbRow) -> Result<EditReceipt, StoreError> {
    let unreadable = || StoreError::Unreadable("receipt");
    let files = row.try_get::<Option<String>, _>("files")?;
    Ok(EditReceipt {
        id: row.try_get("id")?,
        revision: row.try_get("revision")?,
        outcome: row.try_get("outcome")?,
        diagnostics: row.try_get("diagnostics")?,
        text: row.try_get("text")?,
        files: files.map(|files| serde_json::from_str(&files).map_err(|_| unreadable())).transpose()?,
        received_at: Timestamp::from_millisecond(row.try_get("received_at")?).map_err(|_| unreadable())?,
    })
}
