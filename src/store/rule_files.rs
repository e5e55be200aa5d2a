//! Files of rules and scripts that are kept in the store: set, removed, and how often that was done.

use jiff::Timestamp;

use super::database::{DbRow, QueryBuilder, query};
use super::{Store, StoreError};

/// Files a statement.
const BATCH: usize = 500;

/// A file of rules or scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// `rules/hartwell.yaml`, `scripts/hooks/hartwell.rhai`.
    pub path: String,
    /// What it holds; `None` once it was removed.
    pub text: Option<String>,
    /// The change that set or removed it.
    pub change: i64,
}

impl Store {
    /// How often files of rules and scripts have been set or removed. Cheap: for looking often.
    pub async fn rule_file_changes(&self) -> Result<i64, StoreError> {
        Ok(query("select count from rule_file_changes").fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// The files that were set or removed by changes after the one of this number, by path. After 0, these are all that there ever were.
    pub async fn rule_files_since(&self, change: i64) -> Result<Vec<RuleFile>, StoreError> {
        let rows = query("select path, text, change from rule_files where change > $1 order by path")
            .bind(change)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Gives a file the text `new` if it still has `old`, or is not there where that is `None`; `false` if not.
    pub async fn replace_rule_file(&self, path: &str, old: Option<&str>, new: &str, at: Timestamp) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await?;
        // Whoever counts first has the word until its end: changes are seen in the order of their numbers.
        query("update rule_file_changes set count = count + 1").execute(&mut change).await?;
        let now = query("select text from rule_files where path = $1").bind(path).fetch_optional(&mut change).await?;
        let now: Option<String> = now.map(|row| row.try_get(0)).transpose()?.flatten();
        if now.as_deref() != old {
            return Ok(false);
        }
        query(
            "insert into rule_files (path, text, changed_at, change) values ($1, $2, $3, (select count from rule_file_changes))
             on conflict (path) do update set text = excluded.text, changed_at = excluded.changed_at, change = excluded.change",
        )
        .bind(path)
        .bind(new)
        .bind(at.as_millisecond())
        .execute(&mut change)
        .await?;
        change.commit().await?;
        Ok(true)
    }

    /// Sets and removes many files at once, by path and text, if so many changes and no more have been made; `false` if there were others.
    pub async fn put_rule_files(&self, files: &[(String, Option<String>)], seen: i64, at: Timestamp) -> Result<bool, StoreError> {
        let mut change = self.pool.begin().await?;
        query("update rule_file_changes set count = count + 1").execute(&mut change).await?;
        let count: i64 = query("select count from rule_file_changes").fetch_one(&mut change).await?.try_get(0)?;
        if count != seen + 1 {
            return Ok(false);
        }
        for batch in files.chunks(BATCH) {
            let mut put = QueryBuilder::new("insert into rule_files (path, text, changed_at, change) ");
            put.push_values(batch, |mut values, (path, text)| {
                values.push_bind(path.as_str()).push_bind(text.as_deref()).push_bind(at.as_millisecond()).push_bind(count);
            });
            put.push(" on conflict (path) do update set text = excluded.text, changed_at = excluded.changed_at, change = excluded.change");
            put.build().execute(&mut change).await?;
        }
        change.commit().await?;
        Ok(true)
    }
}

fn read(row: &DbRow) -> Result<RuleFile, StoreError> {
    Ok(RuleFile { path: row.try_get("path")?, text: row.try_get("text")?, change: row.try_get("change")? })
}
