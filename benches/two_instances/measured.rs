//! All firms synced once by so many instances: how long it took, and what it cost.

use std::time::{Duration, Instant};

use casebridge::sandbox::Faults;
use futures_util::stream::{self, StreamExt as _};
use sqlx::{Connection as _, PgConnection};
use tokio::runtime::Runtime;

use super::firms::{Firms, generated};
use super::host::Host;
use super::postgres::Postgres;
use super::requests::Requests;
use super::temporal::Temporal;

/// One of so many cases differs.
const DIFFERENT: usize = 50;

/// So many ask at once, more than are carried out at once.
const ASKED_AT_ONCE: usize = 100;

/// All is done after this, or never.
const PATIENCE: Duration = Duration::from_hours(1);

/// Nothing by itself where Temporal carries what is asked for; otherwise the nightly sync alone, which is owed to every firm.
fn schedules(nightly: bool) -> String {
    format!(
        "schedule:
  nightly_sync: {{ enabled: {nightly} }}
  stage_sync: {{ enabled: false }}
  message_sync: {{ enabled: false }}
  document_sync: {{ enabled: false }}
"
    )
}

/// What is measured.
pub struct JobRequest {
    pub firms: usize,
    pub cases: usize,
    pub latency: Duration,
    pub instances: usize,
    pub at_once: usize,
}

/// What came of it.
pub struct Measured {
    pub wall: Duration,
    asked: String,
    cpu: f64,
    memory: Vec<f64>,
    /// What the store holds, in bytes.
    stored: i64,
    requests: Requests,
}

/// Syncs every firm once.
pub fn measure(runtime: &Runtime, asked: &JobRequest) -> Measured {
    let postgres = Postgres::durable();
    let temporal = Temporal::start();
    runtime.block_on(async {
        let different = asked.cases.div_ceil(DIFFERENT);
        let held = |name: &str| generated(name, asked.cases, different);
        let faults = Faults { latency: asked.latency, ..Faults::none() };
        let firms = Firms::with(asked.firms, &schedules(temporal.is_none()), held, faults).await;
        let environment = |number: usize| {
            let mut environment = vec![
                ("CASEBRIDGE_DATABASE_URL", postgres.url()),
                ("CASEBRIDGE_DATABASE_POOL", "24".to_owned()),
                ("CASEBRIDGE_DATA_DIR", format!("var-{number}")),
                ("CASEBRIDGE_JOBS_AT_ONCE", asked.at_once.to_string()),
                ("CASEBRIDGE_JOBS_SPREAD", "0s".to_owned()),
            ];
            environment.extend(temporal.iter().flat_map(Temporal::settings));
            environment
        };
        let mut store = PgConnection::connect(&postgres.url()).await.expect("a connection");
        if temporal.is_none() {
            owe_a_night(&firms, &environment(1), &mut store).await;
        }
        firms.vendors.clear_journal();
        let began = Instant::now();
        let mut hosts = Vec::new();
        for number in 1..=asked.instances {
            hosts.push(Host::start_as(&format!("serve-{number}"), &firms, &environment(number)).await);
        }
        // Of what Temporal carries, starting is not a part: it is asked for once all are there.
        let began = if temporal.is_some() { ask_for_all(&firms, &hosts, &environment(1)).await } else { began };
        all_have_ended(&mut store, asked.firms).await;
        let wall = began.elapsed();
        let size = sqlx::query_scalar("select pg_database_size(current_database())");
        let stored = size.fetch_one(&mut store).await.expect("a number");
        let written = i64::try_from(asked.firms * different).expect("a small number");
        let requests = Requests::of(&firms.vendors.journal());
        assert_eq!(requests.written, written.unsigned_abs(), "every effect once");
        Measured {
            wall,
            asked: format!("{} firms of {} cases, {:?} away, {} instances", asked.firms, asked.cases, asked.latency, asked.instances),
            cpu: hosts.iter().map(Host::cpu_seconds).sum(),
            memory: hosts.iter().map(Host::peak_of_memory).collect(),
            stored,
            requests,
        }
    })
}

/// Puts on record that every firm's nightly sync began and did not come to its end: the next instance in charge begins them all.
async fn owe_a_night(firms: &Firms, environment: &[(&str, String)], store: &mut PgConnection) {
    let host = Host::start_as("before", firms, environment).await;
    let wanted = i64::try_from(firms.names.len()).expect("a small number");
    while sqlx::query_scalar::<_, i64>("select count(*) from schedules").fetch_one(&mut *store).await.expect("a number") < wanted {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(host);
    sqlx::query("update schedules set done = 0").execute(&mut *store).await.expect("rows");
}

/// Asks for a sync of every firm, each instance for its part of them; answers since when.
async fn ask_for_all(firms: &Firms, hosts: &[Host], environment: &[(&str, String)]) -> Instant {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_casebridge"));
    command.args(["token", "create", "bench", "--role", "support"]).current_dir(firms.folder.path());
    let made = command.envs(environment.iter().map(|(name, value)| (name, value))).output().expect("a command");
    let token = String::from_utf8(made.stdout).expect("a token");
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let began = Instant::now();
    let asking = stream::iter(firms.names.iter().enumerate().map(|(number, firm)| {
        let url = format!("http://{}/api/v1/firms/{firm}/sync", hosts[number % hosts.len()].address);
        let request = client.post(url).bearer_auth(token.trim_end());
        async move {
            let answer = request.send().await.expect("an answer");
            // One that waits for its turn has been handed in all the same.
            assert!([202, 503].contains(&answer.status().as_u16()), "{}", answer.text().await.unwrap_or_default());
        }
    }));
    asking.buffer_unordered(ASKED_AT_ONCE).collect::<()>().await;
    began
}

async fn all_have_ended(store: &mut PgConnection, firms: usize) {
    let began = Instant::now();
    let wanted = i64::try_from(firms).expect("a small number");
    let sql = "select count(*) filter (where status = 'succeeded'), count(*) filter (where status <> 'running') from runs";
    loop {
        let (well, ended): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut *store).await.expect("numbers");
        assert_eq!(well, ended, "a run did not succeed");
        if well == wanted {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "only {well} of {wanted} runs have ended");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Measured {
    /// Says it.
    pub fn print(&self) {
        println!("\n{}: {:.1?}", self.asked, self.wall);
        let memory: Vec<String> = self.memory.iter().map(|memory| format!("{memory:.0} MB")).collect();
        println!("  {:.1} s of a core; memory at its peak {}; {} MB in the store", self.cpu, memory.join(" and "), self.stored / 1_000_000);
        self.requests.print(self.wall);
    }
}
