//! The host as people run it: the real binary in a folder of its own, with the files and the environment a test gives it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use crate::support::postgres::{Database, Postgres, shared};
use crate::support::process::{Finished, Running};
use crate::support::rules::{Rules, key_variable};
use crate::support::vendors::{Vendor, Vendors, World};

/// Which store hosts have that say nothing of it: `sqlite`, which is usual, or `postgres`. So the same tests are run on both.
const STORE: &str = "CASEBRIDGE_TEST_STORE";

/// Everything inside the folder, a port that nobody else has, and no firm that starts later than its schedule says.
const SETTINGS: &str = "rules_dir: rules
data_dir: var
listen: 127.0.0.1:0
jobs: { spread: 0s }
";

/// A working folder.
pub struct Host {
    folder: TempDir,
    environment: BTreeMap<String, String>,
    postgres: Option<Database>,
}

impl Host {
    /// An empty one with settings that keep everything inside it, and a store of the kind that these tests are run on.
    pub fn new() -> Host {
        match std::env::var(STORE).as_deref() {
            Err(_) | Ok("sqlite") => Host::on(None, "sqlite://var/casebridge.db"),
            Ok("postgres") => Host::on_database(Database::Shared(Arc::new(shared::Database::new()))),
            Ok(other) => panic!("{STORE} is sqlite or postgres, and not {other}"),
        }
    }

    /// An empty one whose store is the database `casebridge` of this server.
    pub fn on_postgres(postgres: &Arc<Postgres>) -> Host {
        Host::on_database(Database::Own(Arc::clone(postgres)))
    }

    fn on_database(database: Database) -> Host {
        let url = database.url();
        Host::on(Some(database), &url)
    }

    fn on(postgres: Option<Database>, url: &str) -> Host {
        let host = Host { folder: TempDir::new().expect("a folder"), environment: BTreeMap::new(), postgres };
        host.write("casebridge.yaml", &format!("{SETTINGS}database_url: {url}\n"));
        fs::create_dir(host.path("rules")).expect("a folder");
        host
    }

    /// Another instance over the same PostgreSQL: the same rules, scripts and environment, and a folder and a port of its own.
    pub fn beside(&self) -> Host {
        let postgres = self.postgres.as_ref().expect("a store that two can use");
        let mut other = Host::on_database(postgres.clone());
        other.environment.clone_from(&self.environment);
        for (name, folder) in [("CASEBRIDGE_RULES_DIR", "rules"), ("CASEBRIDGE_SCRIPTS_DIR", "scripts")] {
            other.set(name, self.path(folder).to_str().expect("a path"));
        }
        other
    }

    /// The database of its store, if that is not a file.
    pub fn postgres(&self) -> Option<&Database> {
        self.postgres.as_ref()
    }

    /// Adds a firm that these vendors serve, or writes its rules anew.
    pub fn firm(&mut self, firm: &str, vendors: &Vendors, rules: &Rules) {
        self.write(&format!("rules/{firm}.yaml"), &rules.text(firm, vendors));
        let world = vendors.world();
        self.set(&key_variable(firm, Vendor::Casepeer), &world.casepeer_key);
        self.set(&key_variable(firm, Vendor::CaseStatus), &world.case_status_key);
    }

    /// Sets an environment variable for the commands to come.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), value.to_owned());
    }

    /// Unsets one.
    pub fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// A path in the folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
    }

    /// Makes a folder.
    pub fn folder(&self, name: &str) {
        fs::create_dir_all(self.path(name)).expect("a folder");
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.start(arguments).wait()
    }

    /// Runs a command that reads this from its standard input.
    pub fn run_with_input(&self, input: &str, arguments: &[&str]) -> Finished {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(input.as_bytes()).and_then(|()| file.rewind()).expect("a file");
        self.start_by(Command::new(env!("CARGO_BIN_EXE_casebridge")), arguments, file.into()).wait()
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Running {
        self.start_by(Command::new(env!("CARGO_BIN_EXE_casebridge")), arguments, Stdio::null())
    }

    /// Starts a command for which no file gets larger than so many KiB, as on a disk that is full.
    pub fn start_on_a_small_disk(&self, kib: u32, arguments: &[&str]) -> Running {
        let mut shell = Command::new("bash");
        // Whoever does not ignore the signal is ended by it and never sees the error that a full disk is.
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_casebridge")]);
        self.start_by(shell, arguments, Stdio::null())
    }

    fn start_by(&self, mut command: Command, arguments: &[&str], input: Stdio) -> Running {
        command.args(arguments).current_dir(self.folder.path()).stdin(input);
        // The developer's own environment has no part in it.
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path))).env("HOME", self.folder.path());
        command.envs(&self.environment);
        Running::spawn(&mut command, arguments)
    }

    /// Every file below the folder.
    pub fn files(&self) -> Vec<PathBuf> {
        files_below(self.folder.path())
    }

    /// Everything that it keeps, file by file, its store among them.
    #[track_caller]
    pub fn kept(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = self.files();
        match &self.postgres {
            Some(postgres) => files.extend(postgres.written_out().iter().flat_map(|folder| files_below(folder))),
            None => assert!(files.iter().any(|file| file.ends_with("casebridge.db")), "{files:?}"),
        }
        // A server may remove one of its own meanwhile.
        files.into_iter().filter_map(|file| Some((file.clone(), fs::read(file).ok()?))).collect()
    }
}

/// Whether a file's bytes have this text in them. A debug build takes a second to look at all places of a large file one by one; the standard
/// library's search for one byte does not.
pub fn has(mut bytes: &[u8], text: &str) -> bool {
    let (first, rest) = text.as_bytes().split_first().expect("a text");
    assert!(!rest.is_empty(), "one letter is everywhere");
    while bytes.skip_until(*first).expect("bytes") > 0 {
        if bytes.starts_with(rest) {
            return true;
        }
    }
    false
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

/// One firm, `hartwell`, with its vendors: what most tests are about.
pub struct Scene {
    pub vendors: Vendors,
    pub host: Host,
}

impl Scene {
    /// Sets it up.
    pub fn new(world: World, rules: &Rules) -> Scene {
        let vendors = Vendors::boot(world);
        let mut host = Host::new();
        host.firm("hartwell", &vendors, rules);
        Scene { vendors, host }
    }

    /// `sync hartwell --json` to its end.
    pub fn sync(&self) -> Finished {
        self.host.run(&["sync", "hartwell", "--json"])
    }

    /// `sync hartwell --case ID --json` to its end.
    pub fn sync_case(&self, case: &str) -> Finished {
        self.host.run(&["sync", "hartwell", "--case", case, "--json"])
    }

    /// `connect hartwell ID --json` to its end.
    pub fn connect(&self, id: u64) -> Finished {
        self.host.run(&["connect", "hartwell", &id.to_string(), "--json"])
    }

    /// Writes a migration, `scripts/work.rhai`, or another text for it.
    pub fn script(&self, text: &str) {
        self.host.folder("scripts");
        self.host.write("scripts/work.rhai", text);
    }

    /// `run work.rhai --firm hartwell --json` with these flags besides, under way.
    pub fn start_script(&self, flags: &[&str]) -> Running {
        self.host.start(&[&["run", "work.rhai", "--firm", "hartwell", "--json"], flags].concat())
    }

    /// The same to its end.
    pub fn run_script(&self, flags: &[&str]) -> Finished {
        self.start_script(flags).wait()
    }
}
