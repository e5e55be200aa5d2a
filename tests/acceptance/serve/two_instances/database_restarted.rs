//! PostgreSQL goes away in the middle of a run and comes back: the run waits for it, or is taken up again.

use std::time::{Duration, Instant};

use super::{MOVED, Two};
use crate::serve::stop::WITHIN;
use crate::support::http::ask;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Call, Fault, Gate, World};

/// How long it is away besides.
fn away() -> Duration {
    Duration::from_secs(std::env::var("CASEBRIDGE_OUTAGE_SECONDS").map_or(0, |seconds| seconds.parse().expect("a number")))
}

pub fn comes_through(two: &Two, gone: impl FnOnce(&Two)) {
    let ([mut first, mut second], gate) = two.writing();
    gone(two);
    gate.open();
    let status = |serving: &Serving| ask(&serving.address, "GET", "/readyz", &[]).map(|answer| answer.status);
    let addresses = [&first, &second].map(|serving| serving.address.clone());
    let both_are =
        |wanted: u16| addresses.iter().all(|address| ask(address, "GET", "/readyz", &[]).map(|answer| answer.status) == Some(wanted));
    first.until("neither is ready", || both_are(503));
    first.goes_on_for(away());
    two.postgres.start_again();
    first.until("both are ready again", || both_are(200));
    second.until("the run has ended", || two.has_succeeded());
    assert_eq!([&first, &second].map(status), [Some(200), Some(200)]);
    first.stop();
    second.stop();
    two.each_case_was_moved_once();
}

#[test]
fn stopped_and_started() {
    comes_through(&Two::owing_a_night(), |two| two.postgres.stop());
}

#[test]
fn killed_and_started() {
    comes_through(&Two::owing_a_night(), |two| two.postgres.kill());
}

#[test]
fn a_command_says_that_it_waits_and_goes_on() {
    let two = Two::to_be_moved();
    let gate = Gate::closed();
    two.scene.vendors.after(10, 2, Fault::DoneThenWait(gate.clone()), Call::is_patch);
    let mut sync = two.scene.host.start(&["sync", "hartwell", "--json"]);
    sync.until("two writes are in flight", || two.scene.vendors.journal().patches().len() == 12);
    two.postgres.stop();
    gate.open();
    let stderr = sync.stderr();
    sync.until("it says that it waits", || stderr.text().contains("runs wait for it up to 10 min"));
    std::thread::sleep(away());
    two.postgres.start_again();
    assert_eq!(sync.wait().exits(0).run().count("updated"), MOVED);
    let moved = two.scene.vendors.journal().stages_applied();
    assert!(moved.len() as u64 == MOVED && moved.values().all(|times| *times == 1), "{moved:?}");
}

#[test]
fn a_command_comes_through_whatever_statement_an_outage_breaks_off() {
    let two = Two::to_be_moved();
    two.scene.vendors.after(0, u32::MAX, Fault::Slow(Duration::from_millis(40)), Call::is_patch);
    let mut sync = two.scene.host.start(&["sync", "hartwell", "--json"]);
    for round in 1..=3 {
        sync.until("it writes", || two.scene.vendors.journal().patches().len() >= 12 * round);
        if round == 2 {
            two.postgres.kill();
        } else {
            two.postgres.stop();
        }
        two.postgres.start_again();
    }
    assert_eq!(sync.wait().exits(0).run().count("updated"), MOVED);
    let moved = two.scene.vendors.journal().stages_applied();
    assert!(moved.len() as u64 == MOVED && moved.values().all(|times| *times == 1), "{moved:?}");
}

#[test]
fn an_instance_says_that_its_rules_may_be_old_and_stops_while_it_is_away() {
    let mut two = Two::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    two.scene.host.run(&["rules", "push"]).exits(0);
    two.scene.host.set("CASEBRIDGE_RULES_SOURCE", "store");
    let mut serving = Serving::start(&two.scene.host);
    let address = serving.address.clone();
    let lags = || {
        let numbers = ask(&address, "GET", "/metrics", &[])?.body;
        let lag = numbers.lines().find_map(|line| line.strip_prefix("casebridge_rules_lag_seconds "))?;
        Some(lag != "0.0")
    };
    serving.until("its rules are the newest", || lags() == Some(false));
    two.postgres.stop();
    serving.until("nobody can say whether they are", || lags() == Some(true));
    let began = Instant::now();
    let stopped = serving.stop();
    assert!(began.elapsed() < WITHIN, "{:?}\n{}", began.elapsed(), stopped.stderr);
}
