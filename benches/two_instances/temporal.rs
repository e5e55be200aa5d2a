//! Temporal's development server, which carries the runs where the program has the feature for it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server until it is dropped.
pub struct Temporal {
    server: Child,
    port: u16,
    _folder: TempDir,
}

impl Temporal {
    /// Starts it and waits until it listens; `None` where the program has no use for it.
    pub fn start() -> Option<Temporal> {
        if !cfg!(feature = "temporal") {
            return None;
        }
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/temporal/bin/temporal");
        assert!(program.exists(), "{} is missing: `./test` installs it", program.display());
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let mut command = Command::new(program);
        command.args(["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error", "--port", &port.to_string()]);
        // It keeps what it knows in memory: one machine's disk is not what is measured.
        command.env("HOME", folder.path());
        let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let temporal = Temporal { server, port, _folder: folder };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "Temporal never listened");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(temporal)
    }

    /// What a host's environment says to be carried by it.
    pub fn settings(&self) -> [(&'static str, String); 2] {
        [
            ("CASEBRIDGE_ENGINE_TEMPORAL_ADDRESS", format!("127.0.0.1:{}", self.port)),
            ("CASEBRIDGE_ENGINE_TEMPORAL_TASK_QUEUE", "casebridge".to_owned()),
        ]
    }
}

impl Drop for Temporal {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
