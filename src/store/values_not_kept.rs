//! The values that Case Status did not keep when they were sent: the same value is not sent for the same case again.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::database::query;
use super::ledger::read_changes;
use super::{Store, StoreError};
use crate::domain::{CaseId, Changes, FirmId};

impl Store {
    /// What was not kept, for each case of a firm that has such values, or for one case alone.
    pub async fn values_not_kept(&self, firm: &FirmId, case: Option<CaseId>) -> Result<HashMap<CaseId, Changes>, StoreError> {
        let sql = "select integration_id, changes from values_not_kept where firm = $1 and ($2 is null or integration_id = $2)";
        let rows = query(sql).bind(firm.as_str()).bind(case.map(|case| case.to_string())).fetch_all(&self.pool).await?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in rows {
            let case = CaseId::parse(row.try_get("integration_id")?).ok_or(StoreError::Unreadable("value that was not kept"))?;
            found.insert(case, read_changes(&row, "changes")?);
        }
        Ok(found)
    }

    /// Notes what of a case was not kept, in place of what was noted before; nothing, if that is empty.
    pub async fn put_values_not_kept(&self, firm: &FirmId, case: CaseId, changes: &Changes, now: Timestamp) -> Result<(), StoreError> {
        if changes.is_empty() {
            let sql = "delete from values_not_kept where firm = $1 and integration_id = $2";
            query(sql).bind(firm.as_str()).bind(case.to_string()).execute(&self.pool).await?;
            return Ok(());
        }
        let sql = "insert into values_not_kept (firm, integration_id, changes, sent_at) values ($1, $2, $3, $4)
                   on conflict (firm, integration_id) do update set changes = excluded.changes, sent_at = excluded.sent_at";
        let json = Value::Object(changes.to_json()).to_string();
        let insert = query(sql).bind(firm.as_str()).bind(case.to_string()).bind(json).bind(now.as_millisecond());
        insert.execute(&self.pool).await?;
        Ok(())
    }
}
