//! Several instances over one PostgreSQL: how much sooner two have synced many firms than one, and how a night of thousands of firms goes.
//! `cargo bench --features temporal --bench two_instances`, or one part and smaller:
//! `cargo bench --features temporal --bench two_instances -- --only night --firms 200 --cases 100`
//!
//! Every host is the real binary, PostgreSQL and Temporal are real servers of their own, and both vendors of all firms are a sandbox in this
//! process. What is not as it must be ends the program. Without the feature, schedules begin the runs and one instance has all of them.

#[path = "../serve/firms.rs"]
#[allow(dead_code, reason = "the other benches use the rest")]
mod firms;
#[path = "../serve/host.rs"]
#[allow(dead_code, reason = "the other benches use the rest")]
mod host;
#[path = "../../tests/acceptance/support/postgres/mod.rs"]
#[allow(dead_code, reason = "the acceptance tests use the rest")]
mod postgres;

mod measured;
mod requests;
mod temporal;

use std::time::Duration;

use clap::{Parser, ValueEnum};

use measured::{JobRequest, measure};

/// What is measured, and how much of it.
#[derive(Parser)]
struct Arguments {
    /// One part alone.
    #[arg(long)]
    only: Option<Part>,
    /// So many firms instead of 200, or of 2,000 in the night.
    #[arg(long)]
    firms: Option<usize>,
    /// So many cases a firm instead of 500, or of 1,000 in the night.
    #[arg(long)]
    cases: Option<usize>,
    /// So many instances in the night.
    #[arg(long, default_value_t = 2)]
    instances: usize,
    /// So many firms at once in each instance.
    #[arg(long, default_value_t = 16)]
    at_once: usize,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    Ratio,
    Night,
}

fn main() {
    let arguments = Arguments::parse();
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Servers end with the thread that started them.
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    if wanted(Part::Ratio) {
        ratio(&runtime, &arguments);
    }
    if wanted(Part::Night) {
        let asked = JobRequest {
            firms: arguments.firms.unwrap_or(2_000),
            cases: arguments.cases.unwrap_or(1_000),
            latency: Duration::from_millis(20),
            instances: arguments.instances,
            at_once: arguments.at_once,
        };
        measure(&runtime, &asked).print();
    }
}

fn ratio(runtime: &tokio::runtime::Runtime, arguments: &Arguments) {
    let asked = |instances| JobRequest {
        firms: arguments.firms.unwrap_or(200),
        cases: arguments.cases.unwrap_or(500),
        latency: Duration::from_millis(50),
        instances,
        at_once: arguments.at_once,
    };
    let [one, two] = [1, 2].map(|instances| {
        let measured = measure(runtime, &asked(instances));
        measured.print();
        measured.wall
    });
    println!("\ntwo instances are {:.2} times as fast as one", one.as_secs_f64() / two.as_secs_f64());
}
