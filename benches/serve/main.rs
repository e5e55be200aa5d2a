//! `casebridge serve` with many firms: how soon an edit is in use, how a night goes in which some firms misbehave, and what a host costs
//! that has nothing to do. `cargo bench --bench serve`, or for a short run `cargo bench --bench serve -- --firms 100 --seconds 20`
//!
//! The host is the real binary, measured from outside; both vendors of all firms are a sandbox in this process. What is not as it must be
//! ends the program.

mod clock;
mod edits;
mod firms;
mod host;
mod idle;
mod night;
mod store;
mod times;

use std::time::Duration;

use clap::{Parser, ValueEnum};

/// What is measured, and how much of it.
#[derive(Parser)]
struct Arguments {
    /// So many firms in the night and at rest; a third of them, but at most 300, are edited.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(10..=10_000))]
    firms: u32,
    /// For so long an idle host is looked at.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// One part alone.
    #[arg(long)]
    only: Option<Part>,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    Edits,
    Night,
    Idle,
}

fn main() {
    let arguments = Arguments::parse();
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    let firms = usize::try_from(arguments.firms).expect("a small number");
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().expect("threads").block_on(async {
        if wanted(Part::Edits) {
            edits::measure(firms.div_ceil(3).min(300)).await;
        }
        if wanted(Part::Night) {
            night::measure(firms, &night::AT_ONCE).await;
            night::measure(firms, &night::SPREAD).await;
        }
        if wanted(Part::Idle) {
            idle::measure(firms, Duration::from_secs(arguments.seconds)).await;
        }
    });
}
