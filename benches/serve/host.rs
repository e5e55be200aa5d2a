//! `casebridge serve` as a process, and what the operating system says of it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::firms::Firms;

/// How long a host may take until it is ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// The kernel counts a process's time in hundredths of a second, on every machine that this runs on.
const TICKS: f64 = 100.0;

/// A host until it is dropped.
pub struct Host {
    process: Child,
    /// Where it listens: `127.0.0.1:…`.
    pub address: String,
    /// How long it took to be ready.
    pub ready_after: Duration,
}

impl Host {
    /// Starts it in the folder of these firms, with these in its environment, and waits until it is ready.
    pub async fn start(firms: &Firms, environment: &[(&str, String)]) -> Host {
        Host::start_as("serve", firms, environment).await
    }

    /// The same; its log is called so.
    pub async fn start_as(name: &str, firms: &Firms, environment: &[(&str, String)]) -> Host {
        let log_file = firms.path(&format!("{name}.log"));
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").to_string();
        let log = File::create(&log_file).expect("a file");
        let mut enable = Command::new(env!("CARGO_BIN_EXE_casebridge"));
        enable.args(["firm", "enable", "--all"]).current_dir(firms.folder.path()).env_clear();
        let enabled = enable.envs(environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null()).output().expect("it runs");
        assert_ne!(enabled.status.code(), Some(2), "{}", String::from_utf8_lossy(&enabled.stderr));
        let mut command = Command::new(env!("CARGO_BIN_EXE_casebridge"));
        command.arg("serve").current_dir(firms.folder.path()).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        command.env("CASEBRIDGE_LISTEN", &address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let started = Instant::now();
        let mut host = Host { process: command.spawn().expect("it starts"), address, ready_after: Duration::ZERO };
        let ready = format!("http://{}/readyz", host.address);
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        while !client.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
            let log = || fs::read_to_string(&log_file).unwrap_or_default();
            assert!(host.process.try_wait().is_ok_and(|ended| ended.is_none()), "the host ended: {}", log());
            assert!(started.elapsed() < PATIENCE, "the host is not ready: {}", log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        host.ready_after = started.elapsed();
        host
    }

    /// So many seconds of a processor it has used up.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = self.proc("stat");
        // The second field is the program's name in parentheses and may hold anything; the 14th and the 15th are its time and the kernel's.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().expect("a number"));
        ticks.sum::<f64>() / TICKS
    }

    /// How much memory it holds, in MB.
    pub fn memory(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// The most that it ever held, in MB.
    pub fn peak_of_memory(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, key: &str) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("the line");
        line.split_whitespace().next().expect("a number").parse::<f64>().expect("a number") / 1024.0
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.process.id())).expect("the host is running")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
