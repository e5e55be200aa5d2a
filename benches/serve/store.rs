//! What the host has written down, read beside it.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

use super::firms::Firms;

/// The host's database, for reading.
pub struct Store(SqliteConnection);

/// What came of an edit.
pub struct Receipt {
    pub id: i64,
    pub firm: String,
    pub revision: String,
    pub outcome: String,
    pub text: String,
}

/// A sync that has ended.
pub struct Ended {
    pub status: String,
    pub reason: Option<String>,
    /// In milliseconds since 1970, by the host's clock.
    pub at: i64,
}

impl Store {
    /// Opens it.
    pub async fn open(firms: &Firms) -> Store {
        let options = SqliteConnectOptions::new().filename(firms.path("var/casebridge.db")).read_only(true);
        Store(options.busy_timeout(Duration::from_secs(5)).connect().await.expect("the database"))
    }

    /// The number of the last receipt.
    pub async fn last_receipt(&mut self) -> i64 {
        sqlx::query_scalar("select coalesce(max(id), 0) from receipts").fetch_one(&mut self.0).await.expect("a number")
    }

    /// The receipts since then.
    pub async fn receipts_after(&mut self, id: i64) -> Vec<Receipt> {
        let read = |row: SqliteRow| Receipt {
            id: row.get("id"),
            firm: row.get("firm"),
            revision: row.get("revision"),
            outcome: row.get("outcome"),
            text: row.get("text"),
        };
        let sql = "select id, firm, revision, outcome, text from receipts where id > $1 order by id";
        sqlx::query(sql).bind(id).map(read).fetch_all(&mut self.0).await.expect("receipts")
    }

    /// The revision of each firm's rules.
    pub async fn revisions(&mut self) -> BTreeMap<String, String> {
        let read = |row: SqliteRow| (row.get("firm"), row.get("revision"));
        let read = sqlx::query("select firm, revision from good_rules").map(read).fetch_all(&mut self.0).await;
        read.expect("revisions").into_iter().collect()
    }

    /// How the first sync of each firm ended.
    pub async fn ended(&mut self) -> BTreeMap<String, Ended> {
        let sql =
            "select firm, status, reason, finished_at from runs where kind = 'sync' and finished_at is not null order by started_at desc";
        let ended = |row: &SqliteRow| Ended { status: row.get("status"), reason: row.get("reason"), at: row.get("finished_at") };
        let read = sqlx::query(sql).map(|row: SqliteRow| (row.get("firm"), ended(&row))).fetch_all(&mut self.0).await;
        read.expect("runs").into_iter().collect()
    }

    /// The results of the firm's cases, each with how many have it and one of the reasons.
    pub async fn results(&mut self, firm: &str) -> Vec<(String, i64, Option<String>)> {
        let sql = "select result, count(*) as cases, max(rows.reason) as reason from rows join runs on runs.id = rows.run_id
                   where firm = $1 group by result";
        let read = |row: SqliteRow| (row.get("result"), row.get("cases"), row.get("reason"));
        sqlx::query(sql).bind(firm).map(read).fetch_all(&mut self.0).await.expect("rows")
    }

    /// The firms that are left alone since their key is refused.
    pub async fn paused(&mut self) -> Vec<String> {
        sqlx::query_scalar("select firm from pauses").fetch_all(&mut self.0).await.expect("pauses")
    }
}
