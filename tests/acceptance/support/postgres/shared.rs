//! One PostgreSQL for all tests of a run, with a database for each.
//!
//! A test is a process of its own, and no process outlives the others: the first test that wants a database starts the server, and
//! `watch.sh` ends it once nobody has wanted one for a while. Who uses the server holds a lock on a file, which is gone with its process
//! however that ends.

use std::fs::{self, File};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{DEADLINE, SETTINGS, block_on, copy, free_port, hand_over, is_root, password_url, programs, template};

/// Hosts of many tests are connected to it at once, and what they write is soon gone.
const OF_MANY: &str = "max_connections = 500
shared_buffers = 128MB
min_wal_size = 32MB
max_wal_size = 512MB
";

/// A database with the host's tables in it, dropped with this.
pub struct Database {
    name: String,
    port: u16,
    /// Held as long as the server is needed.
    _in_use: File,
}

impl Database {
    /// Makes one.
    pub fn new() -> Database {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (in_use, port) = server();
        let name = format!("test_{}_{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        // The id of a process comes again, and a process that was killed has left its databases.
        execute(port, &format!("drop database if exists {name} with (force)"));
        execute(port, &format!("create database {name} template {}", tables()));
        Database { name, port, _in_use: in_use }
    }

    /// Its address, with user and password.
    pub fn url(&self) -> String {
        password_url(self.port, &self.name)
    }

    /// The folders that hold its data and the server's journal, with all that it was told in them.
    pub fn written_out(&self) -> [PathBuf; 2] {
        execute(self.port, "checkpoint");
        let number: String = block_on(async {
            let mut connection = PgConnection::connect(&self.url()).await.expect("a connection");
            let number = "select cast(oid as text) from pg_database where datname = current_database()";
            sqlx::query_scalar(number).fetch_one(&mut connection).await.expect("a number")
        });
        [data().join("base").join(number), data().join("pg_wal")]
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // What cannot be dropped goes with the server, and a test that has failed says why by itself.
        let _dropped = try_execute(self.port, &format!("drop database {} with (force)", self.name));
    }
}

/// The server, which runs as long as somebody has its file locked: its port, and that lock.
fn server() -> (File, u16) {
    fs::create_dir_all(locks()).expect("a folder");
    let in_use = file("in_use");
    in_use.lock_shared().expect("a lock");
    let starting = file("starting");
    starting.lock().expect("a lock");
    let port = running().unwrap_or_else(start);
    if !is_prepared(port) {
        prepare(port);
    }
    (in_use, port)
}

/// The port of the server that runs, if one does. One that is slow to answer is not started a second time.
fn running() -> Option<u16> {
    let port = fs::read_to_string(locks().join("port")).ok()?.trim().parse().ok()?;
    let deadline = Instant::now() + DEADLINE;
    while is_up() {
        if try_execute(port, "select 1").is_ok() {
            return Some(port);
        }
        assert!(Instant::now() < deadline, "PostgreSQL does not answer:\n{}", log());
        sleep(Duration::from_millis(20));
    }
    None
}

/// Whether the process is there that has written that it uses the folder of the data.
fn is_up() -> bool {
    let text = fs::read_to_string(data().join("postmaster.pid")).unwrap_or_default();
    let command = text.lines().next().and_then(|id| fs::read_to_string(format!("/proc/{id}/cmdline")).ok());
    command.is_some_and(|command| command.contains(data().to_str().expect("a path")))
}

fn start() -> u16 {
    let programs = programs();
    // What is there was left by one that was killed.
    let _removed = (fs::remove_dir_all(data()), fs::remove_file(locks().join("port")), fs::remove_file(locks().join("log")));
    copy(&template(&programs), &data());
    fs::write(data().join("postgresql.auto.conf"), format!("{SETTINGS}{OF_MANY}")).expect("settings");
    hand_over(&data());
    // A port that is free now may be taken by the time the server wants it.
    let port = (0..10).find_map(|_| begin(&programs, free_port())).unwrap_or_else(|| panic!("PostgreSQL does not start:\n{}", log()));
    fs::write(locks().join("port"), port.to_string()).expect("a file");
    port
}

/// Starts it below a process that ends it, in a session of its own: nobody ends them with this process. `None` if it ended before it
/// answered.
#[allow(clippy::zombie_processes, reason = "it is to outlive this process")]
fn begin(programs: &Path, port: u16) -> Option<u16> {
    let log_file = File::options().create(true).append(true).open(locks().join("log")).expect("a file");
    let mut command = Command::new("setsid");
    command.arg("bash").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/acceptance/support/postgres/watch.sh"));
    command.arg(locks().join("in_use")).arg(data()).arg(if is_root() { "postgres" } else { "" });
    command.arg(programs.join("postgres")).args(["-p", &port.to_string()]);
    command.env_clear().env("LC_ALL", "C.UTF-8").envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.current_dir("/").stdin(Stdio::null()).stdout(log_file.try_clone().expect("a file")).stderr(log_file);
    let mut watching = command.spawn().expect("setsid");
    let deadline = Instant::now() + DEADLINE;
    while try_execute(port, "select 1").is_err() {
        if watching.try_wait().expect("a child").is_some() {
            return None;
        }
        assert!(Instant::now() < deadline, "PostgreSQL never answered:\n{}", log());
        sleep(Duration::from_millis(20));
    }
    Some(port)
}

/// Whether the database is there that others are copies of.
fn is_prepared(port: u16) -> bool {
    let count = "select cast(count(*) as text) from pg_database where datname = $1";
    let found: String = block_on(async {
        let mut connection = PgConnection::connect(&password_url(port, "casebridge")).await.expect("a connection");
        sqlx::query_scalar(count).bind(tables()).fetch_one(&mut connection).await.expect("a number")
    });
    found == "1"
}

/// Makes it. It has its name once it is whole.
fn prepare(port: u16) {
    execute(port, "drop database if exists preparing with (force)");
    execute(port, "create database preparing");
    block_on(async {
        let migrator = Migrator::new(migrations()).await.expect("steps");
        let mut connection = PgConnection::connect(&password_url(port, "preparing")).await.expect("a connection");
        migrator.run(&mut connection).await.expect("tables");
        connection.close().await.expect("a connection");
    });
    execute(port, &format!("alter database preparing rename to {}", tables()));
}

/// The name of the database that others are copies of. It goes by what its tables are made from: a server may have been started before
/// that was changed.
fn tables() -> String {
    let mut steps: Vec<PathBuf> = fs::read_dir(migrations()).expect("a folder").map(|step| step.expect("a file").path()).collect();
    steps.sort();
    let texts: Vec<_> = steps.iter().map(|step| fs::read(step).expect("a file")).collect();
    format!("tables_{:x}", BuildHasherDefault::<DefaultHasher>::default().hash_one((steps, texts)))
}

fn migrations() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres")
}

/// Where its users lock files, which belong to this folder of sources.
fn locks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/postgres/shared")
}

/// Where its data is: the user that it runs as may not look into this folder.
fn data() -> PathBuf {
    let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(env!("CARGO_MANIFEST_DIR"));
    std::env::temp_dir().join(format!("casebridge-tests-{number:x}"))
}

fn file(name: &str) -> File {
    File::options().create(true).truncate(false).write(true).open(locks().join(name)).expect("a file")
}

fn log() -> String {
    fs::read_to_string(locks().join("log")).unwrap_or_default()
}

#[track_caller]
fn execute(port: u16, sql: &str) {
    try_execute(port, sql).unwrap_or_else(|error| panic!("{sql}: {error}\n{}", log()));
}

/// Does something in the database that every server has.
fn try_execute(port: u16, sql: &str) -> Result<(), sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    block_on(async {
        let mut connection = PgConnection::connect(&password_url(port, "casebridge")).await?;
        sqlx::raw_sql(sql).execute(&mut connection).await?;
        connection.close().await
    })
}
