//! How soon pages come while the firms' syncs are under way: people with sessions of the console read page after page, each at their own
//! pace. `cargo bench --bench console`, or for a short run `cargo bench --bench console -- --firms 20 --users 40 --seconds 10`
//!
//! The host is the real binary, measured from outside; both vendors of all firms are a sandbox in this process. A page that is not there
//! ends the program.

#[path = "../serve/firms.rs"]
#[allow(dead_code, reason = "the measurements of `serve` use the rest")]
mod firms;
#[path = "../serve/host.rs"]
mod host;
mod people;
mod reading;
mod syncing;
#[path = "../serve/times.rs"]
mod times;

use std::time::Duration;

use clap::Parser;

use casebridge::sandbox::{SandboxFirm, data};
use firms::Firms;
use host::Host;
use reading::Read;
use times::Times;

/// How much of it.
#[derive(Parser)]
struct Arguments {
    /// So many firms sync, each again as soon as it is done.
    #[arg(long, default_value_t = 100)]
    firms: usize,
    /// So many people read pages.
    #[arg(long, default_value_t = 200)]
    users: usize,
    /// So long they do.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// So long each of them looks at a page, in milliseconds; with 0, the host is never left alone.
    #[arg(long, default_value_t = 1_000)]
    look: u64,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Nothing runs by itself.
const OFF: &str = "schedule:
  nightly_sync: { enabled: false }
  stage_sync: { enabled: false }
  message_sync: { enabled: false }
  document_sync: { enabled: false }
";

/// So many cases has a firm, all of them connected.
const CASES: usize = 100;

/// A firm whose cases are equal on both sides.
fn held(name: &str) -> SandboxFirm {
    let seed = name.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    data::generated(name, seed, CASES, CASES, 0)
}

fn main() {
    let arguments = Arguments::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().expect("threads").block_on(measure(&arguments));
}

async fn measure(arguments: &Arguments) {
    let time = Duration::from_secs(arguments.seconds);
    let firms = Firms::new(arguments.firms, OFF, held).await;
    let host = Host::start(&firms, &[]).await;
    let people = people::let_in(&firms, arguments.users).await;
    println!("\n{} people read pages, {} firms of {CASES} cases sync without a break, for {time:?}", people.len(), firms.names.len());
    let cpu = host.cpu_seconds();
    let syncing = syncing::without_a_break(&host, &firms, &people[0].cookie, time);
    let reading = reading::all(&host, people.clone(), Duration::from_millis(arguments.look), time);
    let (runs, reads) = tokio::join!(syncing, reading);
    let cpu = (host.cpu_seconds() - cpu) / time.as_secs_f64();
    print(&reads, time);
    println!(
        "  {runs} syncs ended meanwhile; {:.0}% of a core; memory {:.0} MB, at its peak {:.0} MB",
        cpu * 100.0,
        host.memory(),
        host.peak_of_memory()
    );
}

fn print(reads: &[Read], time: Duration) {
    let mut pages: Vec<&str> = reads.iter().map(|read| read.page).collect();
    pages.sort_unstable();
    pages.dedup();
    let line = |called: &str, times: Vec<Duration>| {
        let count = times.len();
        let times = Times::of(times);
        let [p50, p95, p99] = [50, 95, 99].map(|part| times.percentile(part));
        println!("  {called:<24} {count:>7} read; p50 {p50:>8.1?}, p95 {p95:>8.1?}, p99 {p99:>8.1?}, the slowest {:>8.1?}", times.max());
    };
    for page in pages {
        line(page, reads.iter().filter(|read| read.page == page).map(|read| read.took).collect());
    }
    line("all", reads.iter().map(|read| read.took).collect());
    let a_second = f64::from(u32::try_from(reads.len()).expect("a small number")) / time.as_secs_f64();
    println!("  {a_second:.0} pages a second");
}
