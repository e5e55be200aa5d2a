//! Temporal's development server for one test: a file and ports of its own, gone with the test.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::host::Host;

/// After this, a server counts as stuck.
const DEADLINE: Duration = Duration::from_mins(1);

/// A server, up until dropped unless the test stops it.
pub struct Temporal {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Temporal {
    /// Starts one, and waits until it answers.
    #[track_caller]
    pub fn start() -> Temporal {
        let mut temporal = Temporal { folder: TempDir::new().expect("a folder"), port: free_port(), server: None };
        temporal.start_again();
        temporal
    }

    /// Starts it again where it was, with what it kept.
    #[track_caller]
    pub fn start_again(&mut self) {
        let [http, metrics] = [(); 2].map(|()| free_port().to_string());
        let mut command = Command::new(program());
        command.args(["server", "start-dev", "--headless", "--log-level", "never", "--ip", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--http-port", &http, "--metrics-port", &metrics]).arg("--db-filename").arg(self.folder.path().join("temporal.db"));
        // What is begun a moment after it was changed sees the change.
        command.args(["--dynamic-config-value", "system.forceSearchAttributesCacheRefreshOnRead=true"]);
        command.env("HOME", self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(command.spawn().expect("Temporal's development server"));
        until("it answers", || self.asks(&["operator", "namespace", "describe", "default"]).is_some());
    }

    /// Ends it in the way of a machine that loses its power.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Has a host's runs carried out by it.
    pub fn carries_runs_of(&self, host: &mut Host) {
        host.set("CASEBRIDGE_ENGINE_TEMPORAL_ADDRESS", &format!("127.0.0.1:{}", self.port));
    }

    /// Asks it something by its own command, and answers the JSON; `None` if it refuses.
    pub fn asks(&self, arguments: &[&str]) -> Option<Value> {
        let mut command = Command::new(program());
        command.args(arguments).args(["--address", &format!("127.0.0.1:{}", self.port), "--output", "json"]);
        let output = command.env("HOME", self.folder.path()).stdin(Stdio::null()).output().expect("Temporal's command");
        let text = String::from_utf8_lossy(&output.stdout);
        output.status.success().then(|| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// A schedule, as it has it; `None` if it has none.
    pub fn schedule(&self, id: &str) -> Option<Value> {
        self.asks(&["schedule", "describe", "--schedule-id", id])
    }

    /// Has a schedule start now.
    #[track_caller]
    pub fn trigger(&self, id: &str) {
        assert!(self.asks(&["schedule", "trigger", "--schedule-id", id]).is_some(), "{id} can be triggered");
    }

    /// The events of a workflow's history, by their types.
    pub fn events(&self, workflow: &str) -> Vec<String> {
        let shown = self.asks(&["workflow", "show", "--workflow-id", workflow]).unwrap_or_default();
        let events = shown["events"].as_array().cloned().unwrap_or_default();
        events.iter().map(|event| event["eventType"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Drop for Temporal {
    fn drop(&mut self) {
        self.kill();
    }
}

fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/temporal/bin/temporal");
    assert!(program.exists(), "{} is missing: `./test` installs it", program.display());
    program
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// Waits until it is so.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < DEADLINE, "Temporal: {what}: not within {DEADLINE:?}");
        sleep(Duration::from_millis(100));
    }
}
