//! An empty store on either database, and the values that claims are made with.

use std::time::Duration;

use casebridge::domain::{
    CaseId, Changes, Direction, Document, EffectKind, EffectOutcome, Email, FirmId, Kind, LedgerEntry, Message, OutboundMessage, Revision,
    Role, Row, RowResult, Run, RunId, RunStatus, Stage, StoreAddress,
};
use casebridge::store::Store;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::postgres::{block_on, installed, shared};

/// A store, and where it is.
pub struct Scene {
    pub store: Store,
    folder: TempDir,
    address: StoreAddress,
}

/// Holds a claim to an empty store of either database.
pub fn on_both(claim: impl AsyncFn(&Scene)) {
    println!("on SQLite:");
    block_on(async { Scene::in_file().await.holds(&claim).await });
    on_postgres(claim);
}

/// Holds a claim to PostgreSQL alone: of what SQLite leaves to the operating system, or never does.
pub fn on_postgres(claim: impl AsyncFnOnce(&Scene)) {
    println!("on PostgreSQL:");
    if installed().is_none() {
        assert!(std::env::var_os("CI").is_none(), "PostgreSQL is missing: ./test installs it");
        eprintln!("left out: PostgreSQL is missing; ./test installs it");
        return;
    }
    let database = shared::Database::new();
    let address = StoreAddress::Postgres { url: database.url().into(), connections: 8, wait: Duration::ZERO };
    block_on(async { Scene::at(TempDir::new().unwrap(), address).await.holds(claim).await });
}

impl Scene {
    /// An empty store in a file of SQLite's.
    pub async fn in_file() -> Scene {
        let folder = TempDir::new().unwrap();
        let address = StoreAddress::Sqlite(folder.path().join("casebridge.db"));
        Scene::at(folder, address).await
    }

    async fn at(folder: TempDir, address: StoreAddress) -> Scene {
        Scene { store: Store::open(&folder.path().join("one"), &address).await.unwrap(), folder, address }
    }

    async fn holds(self, claim: impl AsyncFnOnce(&Scene)) {
        claim(&self).await;
        self.store.close().await;
    }

    /// The same store as another instance has it: where a file is shared the data folder is too, and otherwise each machine has its own.
    pub async fn beside(&self) -> Store {
        let folder = if self.store.is_shared() { "other" } else { "one" };
        Store::open(&self.folder.path().join(folder), &self.address).await.unwrap()
    }

    /// Does something in the database that no instance does.
    pub async fn execute(&self, sql: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        if let Some(mut postgres) = self.connection_of_postgres().await {
            sql.execute(&mut postgres).await.unwrap();
        } else {
            sql.execute(&mut self.connection_of_sqlite().await).await.unwrap();
        }
    }

    /// The texts that a query answers.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let query = sqlx::AssertSqlSafe(sql.to_owned());
        if let Some(mut postgres) = self.connection_of_postgres().await {
            sqlx::query_scalar(query).fetch_all(&mut postgres).await.unwrap()
        } else {
            sqlx::query_scalar(query).fetch_all(&mut self.connection_of_sqlite().await).await.unwrap()
        }
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> u64 {
        self.texts(&format!("select cast(count(*) as text) from {table}")).await[0].parse().unwrap()
    }

    async fn connection_of_postgres(&self) -> Option<PgConnection> {
        use secrecy::ExposeSecret as _;
        let StoreAddress::Postgres { url, .. } = &self.address else { return None };
        Some(PgConnection::connect(url.expose_secret()).await.unwrap())
    }

    async fn connection_of_sqlite(&self) -> SqliteConnection {
        SqliteConnection::connect(self.address.file().unwrap().to_str().unwrap()).await.unwrap()
    }
}

/// How many of eight, of two instances and all at once, are answered `true`.
pub async fn how_many(scene: &Scene, ask: impl AsyncFn(&Store, usize) -> bool) -> usize {
    let other_store = scene.beside().await;
    let answers = join_all((0..8).map(|number| ask(if number % 2 == 0 { &scene.store } else { &other_store }, number))).await;
    other_store.close().await;
    answers.into_iter().filter(|answer| *answer).count()
}

/// Lets the clock of milliseconds go on.
pub async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(3)).await;
}

/// A moment of a day in the past.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

/// So much later than now.
pub fn ahead(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

pub fn hartwell() -> FirmId {
    firm("hartwell")
}

pub fn okafor() -> FirmId {
    firm("okafor")
}

pub fn firm(name: &str) -> FirmId {
    FirmId::new(name).unwrap()
}

pub fn revision(name: &str) -> Revision {
    Revision(name.into())
}

pub fn run_id(name: &str) -> RunId {
    RunId(name.to_owned())
}

pub fn jo() -> Email {
    Email::new("jo@hartwell.example")
}

pub fn staff() -> Role {
    Role::Staff(hartwell())
}

/// A run of Hartwell's that begins at this second.
pub fn run(name: &str, kind: Kind, second: i64) -> Run {
    let queued = Run::queued(run_id(name), hartwell(), kind, revision("r1"), false);
    Run { status: RunStatus::Running, started_at: at(second), ..queued }
}

/// Records a run that has ended so.
pub async fn ended(store: &Store, run: Run, status: RunStatus) -> Run {
    store.begin_run(&run, "rules", None).await.unwrap();
    let run = Run { status, finished_at: Some(run.started_at + SignedDuration::from_secs(9)), ..run };
    store.end_run(&run, None).await.unwrap();
    run
}

pub async fn status(store: &Store, run: &RunId) -> RunStatus {
    store.run(run).await.unwrap().unwrap().status
}

pub fn row(case: &str, result: RowResult) -> Row {
    Row {
        integration_id: case.into(),
        readable_id: format!("C-{case}").into(),
        client: "Ada Moreno".into(),
        result,
        changes: String::new(),
        reason: None,
        rule: None,
        fix_by: None,
        stage_to: None,
        closes: false,
    }
}

/// Changes of the stage alone.
pub fn to_stage(number: i64) -> Changes {
    Changes { stage: Stage::new(number), ..Changes::default() }
}

/// An update that is about to move a case to a stage.
pub fn update(key: &str, case: u64, stage: i64) -> LedgerEntry {
    let (kind, outcome) = (EffectKind::UpdateCase, EffectOutcome::Intended);
    LedgerEntry { key: key.to_owned(), case: CaseId(case), kind, before: to_stage(1), after: to_stage(stage), outcome, intended_at: at(0) }
}

pub fn message(id: &str) -> Message {
    Message {
        id: id.into(),
        integration_id: Some(CaseId(7)),
        direction: Direction::FromClient,
        sender_name: "Ada Moreno".into(),
        sender_email: None,
        body: format!("text of {id}").into(),
        sent_at: at(0),
        idempotency_key: None,
    }
}

pub fn document(id: &str) -> Document {
    Document {
        id: id.into(),
        integration_id: Some(CaseId(7)),
        file_name: format!("{id}.pdf").into(),
        content_type: Some("application/pdf".into()),
        size: 5_000_000_000,
        sha256: "00".into(),
    }
}

pub fn outbound(id: &str, case: u64) -> OutboundMessage {
    OutboundMessage { id: id.into(), case: CaseId(case), body: format!("text of {id}").into(), typed_at: Some(at(0)) }
}
