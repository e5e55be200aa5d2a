//! A sync of a firm, 5% of whose cases differ: processor time from 1,000 to 100,000 cases, with SQLite and with PostgreSQL; wall time at no
//! latency and at 20 ms against a bare client that sends the same requests at the same concurrency; the peak of memory.
//! `cargo bench --bench sync`
//!
//! Each side is a process of its own against vendors in a third, which serve what they have rendered before; which goes first alternates. The
//! last column says how much of casebridge's processor time the vendors took: if it were much, the vendors would be what is measured.

mod bare;
mod measured;
#[path = "../../tests/acceptance/support/postgres/mod.rs"]
#[allow(dead_code, reason = "the acceptance tests use the rest")]
mod postgres;
mod vendor;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use measured::{Measured, median, processor_of, run};
use postgres::Postgres;

const CONCURRENCY: usize = 8;

/// So many of a firm's cases differ.
fn different(cases: usize) -> usize {
    cases / 20
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--vendor") => vendor::serve(&arguments[2], &arguments[3]),
        Some("--bare") => bare::sync(&arguments[2], &arguments[3], &arguments[4], &arguments[5]),
        _ => {
            growth();
            compare();
        }
    }
}

/// Processor time and memory by the number of cases.
fn growth() {
    let postgres = Postgres::start();
    println!("processor time, medians                  SQLite  its threads   the rest  PostgreSQL   peak  peak with PostgreSQL  vendors");
    for (cases, rounds) in [(1_000, 9), (10_000, 5), (100_000, 3)] {
        let (mut sqlite, mut shared, mut vendors) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let (measured, of_vendors) = sync(0, cases, None);
            sqlite.push(measured);
            vendors.push(of_vendors.as_secs_f64() / measured.processor.as_secs_f64());
            let database = postgres.database(&format!("bench_{cases}_{round}"));
            shared.push(sync(0, cases, Some(&database)).0);
        }
        vendors.sort_by(f64::total_cmp);
        let peak = |runs: &[Measured]| runs.iter().map(Measured::peak).max().unwrap_or_default();
        println!(
            "{cases:>7} cases, {:>5} different  {:>12.0?} {:>12.0?} {:>10.0?} {:>11.0?} {:>3} MB {:>18} MB {:>7.0}%",
            different(cases),
            median(sqlite.iter().map(|run| run.processor)),
            median(sqlite.iter().map(|run| run.sqlite)),
            median(sqlite.iter().map(|run| run.processor.saturating_sub(run.sqlite))),
            median(shared.iter().map(|run| run.processor)),
            peak(&sqlite),
            peak(&shared),
            vendors[vendors.len() / 2] * 100.0,
        );
    }
}

/// Wall time against the bare client's.
fn compare() {
    let cases = 10_000;
    println!("wall time, {cases} cases, {CONCURRENCY} requests at once, medians");
    for (latency, rounds) in [(0, 9), (20, 5)] {
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            if round % 2 == 0 {
                ours.push(sync(latency, cases, None).0);
                bare.push(bare_client(latency, cases));
            } else {
                bare.push(bare_client(latency, cases));
                ours.push(sync(latency, cases, None).0);
            }
        }
        let wall = |runs: &[Measured]| median(runs.iter().map(|run| run.wall));
        let processor = |runs: &[Measured]| median(runs.iter().map(|run| run.processor));
        println!(
            "latency {latency:>2} ms: casebridge {:.0?} (processor {:.0?}), bare client {:.0?} (processor {:.0?}), ratio {:.2}",
            wall(&ours),
            processor(&ours),
            wall(&bare),
            processor(&bare),
            wall(&ours).as_secs_f64() / wall(&bare).as_secs_f64()
        );
    }
}

/// Both vendors with a fresh firm, until dropped.
struct Vendors {
    process: Child,
    casepeer: String,
    case_status: String,
}

impl Vendors {
    fn start(latency: u32, cases: usize) -> Vendors {
        let mut process = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(["--vendor", &latency.to_string(), &cases.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the vendors start");
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

/// Syncs a fresh firm with the real binary, on a store without a run; beside it, what the vendors took meanwhile.
fn sync(latency: u32, cases: usize, database: Option<&str>) -> (Measured, Duration) {
    let vendors = Vendors::start(latency, cases);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("rules")).expect("a folder");
    std::fs::write(folder.path().join("rules/bench.yaml"), rules(&vendors)).expect("a file");
    let casebridge = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casebridge"));
        command.current_dir(folder.path()).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command.env("BENCH_CASEPEER", "bench-casepeer").env("BENCH_CASE_STATUS", "bench-case-status");
        if let Some(database) = database {
            command.env("CASEBRIDGE_DATABASE_URL", database);
        }
        command
    };
    // A host makes its store's tables once, and syncs each night.
    run(casebridge(&["runs", "list"]));
    let before = processor_of(vendors.process.id());
    let measured = run(casebridge(&["sync", "bench", "--json"]));
    (measured, processor_of(vendors.process.id()).saturating_sub(before))
}

/// The bare client against a fresh firm.
fn bare_client(latency: u32, cases: usize) -> Measured {
    let vendors = Vendors::start(latency, cases);
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--bare", &vendors.casepeer, &vendors.case_status, &CONCURRENCY.to_string(), &different(cases).to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null());
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
