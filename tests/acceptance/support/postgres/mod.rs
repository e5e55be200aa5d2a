//! A real PostgreSQL for a test: a database of the server that all tests of a run have ([`shared`]), or for one that does something to its
//! server a cluster of its own in a temporary folder, on a free loopback port, gone with the test.

pub mod shared;

use std::fs;
use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

/// Whom the server knows.
const USER: &str = "casebridge";

/// By what password, which is to be seen nowhere.
pub const PASSWORD: &str = "not-for-logs-5b1d";

/// After this, a server counts as stuck.
const DEADLINE: Duration = Duration::from_mins(1);

/// Small and quick: a test's data is not worth a wait for the disk, and nothing of it outlives the server in the system's shared memory.
const SETTINGS: &str = "listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 16MB
dynamic_shared_memory_type = mmap
wal_level = minimal
max_wal_senders = 0
synchronous_commit = off
fsync = off
full_page_writes = off
autovacuum = off
jit = off
log_min_messages = warning
";

/// What a server is to keep when it is killed, which is what tests of restarts are about.
const DURABLE: &str = "synchronous_commit = on
fsync = on
full_page_writes = on
";

/// A server, up until dropped unless the test stops it.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    server: Mutex<Option<Child>>,
}

impl Postgres {
    /// Starts one that never waits for the disk.
    pub fn start() -> Postgres {
        Postgres::with_settings("")
    }

    /// Starts one that keeps what it has confirmed, however it ends.
    pub fn durable() -> Postgres {
        Postgres::with_settings(DURABLE)
    }

    /// Starts one that shows this certificate and takes only connections that are encrypted.
    pub fn with_tls(certificate: &Path, key: &Path) -> Postgres {
        Postgres::made("ssl = on\n", |data| {
            // The server reads keys that nobody else can.
            copy(certificate, &data.join("server.crt"));
            copy(key, &data.join("server.key"));
            fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n").expect("a file");
        })
    }

    fn with_settings(more: &str) -> Postgres {
        Postgres::made(more, |_| {})
    }

    fn made(more: &str, prepare: impl FnOnce(&Path)) -> Postgres {
        let programs = programs();
        let folder = TempDir::new().expect("a folder");
        let data = folder.path().join("data");
        copy(&template(&programs), &data);
        fs::write(data.join("postgresql.auto.conf"), format!("{SETTINGS}{more}")).expect("settings");
        prepare(&data);
        hand_over(folder.path());
        let mut postgres = Postgres { folder, programs, port: 0, server: Mutex::default() };
        // A port that is free now may be taken by the time the server wants it.
        let started = (0..10).any(|_| {
            postgres.port = free_port();
            postgres.begin()
        });
        assert!(started, "PostgreSQL does not start:\n{}", postgres.log());
        postgres
    }

    /// The address of its database `casebridge`, with user and password.
    pub fn url(&self) -> String {
        self.url_of("casebridge")
    }

    /// The address of another database.
    pub fn url_of(&self, database: &str) -> String {
        password_url(self.port, database)
    }

    /// Makes another, empty database and gives its address.
    pub fn database(&self, name: &str) -> String {
        self.execute(&format!("create database {name}"));
        self.url_of(name)
    }

    /// Does something in the database `casebridge`.
    pub fn execute(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        block_on(async {
            let mut connection = PgConnection::connect(&self.url()).await.expect("a connection");
            sqlx::raw_sql(sql).execute(&mut connection).await.expect("a statement");
            connection.close().await.expect("a connection");
        });
    }

    /// Ends it at once, breaking off whatever it is doing, as `kill -9` of a whole machine would; what it has confirmed comes back if it is
    /// a durable one.
    pub fn kill(&self) {
        self.end("-QUIT");
    }

    /// Ends it as its operator does: connections are closed, and what is under way is undone.
    pub fn stop(&self) {
        self.end("-INT");
    }

    /// Makes all of its processes stand still.
    pub fn freeze(&self) {
        self.signal_all("-STOP");
    }

    /// Lets them go on.
    pub fn wake(&self) {
        self.signal_all("-CONT");
    }

    fn signal_all(&self, signal: &str) {
        let server = self.server().as_ref().expect("a server").id().to_string();
        // The first one begins the others: it stands still before they are counted.
        let send = |processes: &[String]| Command::new("kill").arg(signal).args(processes).status().expect("kill");
        assert!(send(std::slice::from_ref(&server)).success());
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("its processes");
        // One that has ended meanwhile cannot be reached, and need not be.
        let _sent = send(&children.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    }

    /// Starts it again, on the same port with the same data.
    #[track_caller]
    pub fn start_again(&self) {
        assert!(self.begin(), "PostgreSQL does not start again:\n{}", self.log());
    }

    /// The folders that hold its data and its journal, with all that it was told in them.
    pub fn written_out(&self) -> [PathBuf; 2] {
        self.execute("checkpoint");
        ["base", "pg_wal"].map(|part| self.folder.path().join("data").join(part))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Starts the server; `false` if it ended before it answered.
    fn begin(&self) -> bool {
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("log")).expect("a file");
        let mut command = as_its_user(&self.programs.join("postgres"));
        command.arg("-D").arg(self.folder.path().join("data")).args(["-p", &self.port.to_string()]);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log);
        let mut server = command.spawn().expect("PostgreSQL starts");
        let deadline = Instant::now() + DEADLINE;
        while !self.answers() {
            if server.try_wait().expect("a child").is_some() {
                return false;
            }
            assert!(Instant::now() < deadline, "PostgreSQL never answered:\n{}", self.log());
            sleep(Duration::from_millis(10));
        }
        *self.server() = Some(server);
        true
    }

    fn server(&self) -> MutexGuard<'_, Option<Child>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answers(&self) -> bool {
        block_on(async {
            match PgConnection::connect(&self.url()).await {
                Ok(connection) => connection.close().await.is_ok(),
                Err(_) => false,
            }
        })
    }

    fn end(&self, signal: &str) {
        let Some(mut server) = self.server().take() else { return };
        let sent = Command::new("kill").args([signal, &server.id().to_string()]).status();
        let deadline = Instant::now() + DEADLINE;
        while sent.as_ref().is_ok_and(std::process::ExitStatus::success) && Instant::now() < deadline {
            if server.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            sleep(Duration::from_millis(5));
        }
        // It was asked, and did not: whether these succeed changes nothing any more.
        let _killed = server.kill();
        let _reaped = server.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

fn password_url(port: u16, database: &str) -> String {
    format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
}

/// Where a host has its tables.
#[derive(Clone)]
pub enum Database {
    /// In a server of its own, or of two hosts.
    Own(Arc<Postgres>),
    /// In the server that all have.
    Shared(Arc<shared::Database>),
}

impl Database {
    /// Its address, with user and password.
    pub fn url(&self) -> String {
        match self {
            Database::Own(postgres) => postgres.url(),
            Database::Shared(database) => database.url(),
        }
    }

    /// The folders that hold its data and its server's journal, with all that it was told in them.
    pub fn written_out(&self) -> [PathBuf; 2] {
        match self {
            Database::Own(postgres) => postgres.written_out(),
            Database::Shared(database) => database.written_out(),
        }
    }
}

fn programs() -> PathBuf {
    installed().expect("PostgreSQL is missing: ./test installs it")
}

/// Where the newest PostgreSQL of this machine has its programs, if it has one.
pub fn installed() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").exists()).max_by_key(number);
    newest.map(|version| version.join("bin"))
}

/// A cluster that nobody has used yet, made once and kept below `target`: making one takes a second, and copying one does not.
fn template(programs: &Path) -> PathBuf {
    let said = Command::new(programs.join("postgres")).arg("--version").output().expect("PostgreSQL").stdout;
    let said = String::from_utf8_lossy(&said);
    let version = said.split_whitespace().nth(2).expect("a version");
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/postgres");
    let kept = all.join(version);
    if kept.exists() {
        return kept;
    }
    let folder = TempDir::new().expect("a folder");
    hand_over(folder.path());
    let (made, password) = (folder.path().join("data"), folder.path().join("password"));
    fs::write(&password, PASSWORD).expect("a file");
    hand_over(&password);
    let mut initdb = as_its_user(&programs.join("initdb"));
    initdb.arg("-D").arg(&made).args(["--username", USER, "--pwfile"]).arg(&password);
    // Passwords in the clear: over loopback nobody listens, and hashing each takes its time.
    initdb.args(["--auth=password", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync"]);
    succeeds(&mut initdb);
    let mut single = as_its_user(&programs.join("postgres"));
    single.args(["--single", "-D"]).arg(&made).arg("template1").current_dir(folder.path());
    let statement = folder.path().join("statement");
    fs::write(&statement, "alter database postgres rename to casebridge\n").expect("a file");
    succeeds(single.stdin(fs::File::open(statement).expect("a file")));
    // Several tests may have made one at once: the first that is put there whole stays.
    fs::create_dir_all(&all).expect("a folder");
    let beside = TempDir::new_in(&all).expect("a folder");
    copy(&made, &beside.path().join("data"));
    let put = fs::rename(beside.path().join("data"), &kept);
    assert!(put.is_ok() || kept.exists(), "{put:?}");
    kept
}

/// A program that runs as a user that PostgreSQL accepts, which root is not, and ends with this process, however that ends.
fn as_its_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["--pdeathsig=KILL", "--"]).arg(program);
    command.env_clear().env("LC_ALL", "C.UTF-8");
    command
}

/// Gives a path to the user that PostgreSQL runs as.
fn hand_over(path: &Path) {
    if is_root() {
        succeeds(Command::new("chown").args(["--recursive", "postgres:postgres"]).arg(path));
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of one's own entry there is who one is.
    fs::metadata("/proc/self").expect("/proc").uid() == 0
}

fn copy(from: &Path, to: &Path) {
    succeeds(Command::new("cp").args(["--archive", "--reflink=auto"]).arg(from).arg(to));
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let ended = command.output().expect("a program");
    let said = [String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr)].concat();
    assert!(ended.status.success(), "{command:?}: {said}");
}

/// Waits for something asynchronous; not to be called from within such.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
