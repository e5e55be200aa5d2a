//! A sync of 10,000 cases, 5% of them different, against a bare client that sends the same requests at the same concurrency: wall time
//! at no latency and at 20 ms, and the peak of memory. Prints ratios measured in one run. `cargo bench --bench sync`
//!
//! Each side is a process of its own against a sandbox in a third; which goes first alternates.

mod bare;
mod measured;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use casebridge::sandbox::{Config, Faults, Sandbox, data};
use measured::{Measured, median, run};

const CASES: usize = 10_000;
const DIFFERENT: usize = 500;
const CONCURRENCY: usize = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--sandbox") => serve(&arguments[2]),
        Some("--bare") => bare::replay(&arguments[2], &arguments[3], &arguments[4]),
        _ => compare(),
    }
}

fn compare() {
    println!("{CASES} cases, {DIFFERENT} different, {CONCURRENCY} requests at once; medians");
    for (latency, rounds) in [("0ms", 9), ("20ms", 5)] {
        let mut ours = Vec::new();
        let mut bare = Vec::new();
        for round in 0..rounds {
            if round % 2 == 0 {
                ours.push(sync(latency));
                bare.push(replay(latency));
            } else {
                bare.push(replay(latency));
                ours.push(sync(latency));
            }
        }
        let (our_time, bare_time) = (median(ours.iter().map(|run| run.wall)), median(bare.iter().map(|run| run.wall)));
        let peak = ours.iter().map(|run| run.peak_kib).max().unwrap_or_default() / 1024;
        println!(
            "latency {latency:>4}: casebridge {our_time:?}, bare client {bare_time:?}, ratio {:.2}, casebridge's peak {peak} MB",
            our_time.as_secs_f64() / bare_time.as_secs_f64()
        );
    }
}

/// A sandbox with a fresh firm, until it is dropped.
struct Vendors {
    process: Child,
    casepeer: String,
    case_status: String,
}

impl Vendors {
    fn start(latency: &str) -> Vendors {
        let mut process = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(["--sandbox", latency])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        let mut line = || lines.next().expect("it says where it listens").expect("in a line");
        Vendors { casepeer: line(), case_status: line(), process }
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(latency: &str) {
    let faults = Faults::parse(&format!("latency={latency}")).expect("a latency");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let firms = vec![data::generated("bench", 7, CASES, CASES, DIFFERENT)];
        let sandbox = Sandbox::start(Config { casepeer: anywhere, case_status: anywhere, firms, faults }).await.expect("free ports");
        println!("{}\n{}", sandbox.casepeer_url(), sandbox.case_status_url());
        std::io::stdout().flush().expect("a pipe");
        std::future::pending::<()>().await;
    });
}

/// Syncs a fresh firm with the real binary.
fn sync(latency: &str) -> Measured {
    let vendors = Vendors::start(latency);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    std::fs::write(folder.path().join("rules/bench.yaml"), rules(&vendors)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebridge"));
    command.current_dir(folder.path()).args(["sync", "bench", "--json"]).stdout(Stdio::null());
    command.env("BENCH_CASEPEER", "bench-casepeer").env("BENCH_CASE_STATUS", "bench-case-status");
    run(command)
}

/// The bare client against a fresh firm, sending what casebridge sends.
fn replay(latency: &str) -> Measured {
    let vendors = Vendors::start(latency);
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--bare", &vendors.casepeer, &vendors.case_status, &CONCURRENCY.to_string()]).stdout(Stdio::null());
    run(command)
}

fn rules(vendors: &Vendors) -> String {
    let Vendors { casepeer, case_status, .. } = vendors;
    format!(
        "name: Bench
connections:
  casepeer: {{ base_url: \"{casepeer}\", key: \"${{env:BENCH_CASEPEER}}\" }}
  case_status: {{ base_url: \"{case_status}\", key: \"${{env:BENCH_CASE_STATUS}}\" }}
stages:
  map:
    - {{ casepeer: [Intake, Signed Up], to: 1 }}
    - {{ casepeer: Treating, to: 3 }}
    - {{ casepeer: Demand Prep, to: 4 }}
    - {{ casepeer: Negotiation, to: 6 }}
    - {{ casepeer: Litigation, to: 7 }}
    - {{ casepeer: Settlement, to: 8 }}
practice_areas:
  map: [{{ casepeer: Auto Accident, to: Motor Vehicle }}]
limits: {{ concurrency: {CONCURRENCY}, requests_per_second: 100000 }}
"
    )
}

/// How long a run takes at the most before it counts as hung.
const PATIENCE: Duration = Duration::from_mins(2);
