//! A night: the nightly sync of every firm is due, and four firms misbehave: one's CASEpeer answers only after a minute, one's key is
//! refused, one's hook loops for ever, one's file is broken.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use casebridge::sandbox::{Faults, Sandbox};
use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::firms::{Firms, moved, vendors};
use super::host::Host;
use super::store::{Ended, Store};
use super::times::Times;

/// When nightly syncs are due.
const NINE: &str = "2026-06-10T21:00:00-04:00[America/New_York]";

/// The other firms are done after this, or never.
const PATIENCE: Duration = Duration::from_secs(150);

/// Nothing but the nightly sync.
const NIGHTLY: &str = "schedule:
  stage_sync: { enabled: false }
  message_sync: { enabled: false }
  document_sync: { enabled: false }
";

const LOOPS: &str = "fn map_case(c, wanted) { loop { wanted.stage = 3; } wanted }";

/// How a night goes.
pub struct Night {
    called: &'static str,
    schedules: &'static str,
    spread: Option<&'static str>,
    /// So many times as fast as real ones its clock's seconds go by.
    speed: i64,
    /// Whether the end of the slow firm is waited for.
    to_the_end: bool,
}

/// Every firm at nine, and nothing else.
pub const AT_ONCE: Night =
    Night { called: "nightly syncs alone, all at once", schedules: NIGHTLY, spread: Some("0s"), speed: 1, to_the_end: true };

/// Everything as it is built in, by a clock that goes five times as fast, so that it does not take its minutes.
pub const SPREAD: Night = Night {
    called: "built-in schedules and spread, by a clock five times as fast",
    schedules: "",
    spread: None,
    speed: 5,
    to_the_end: false,
};

/// The firms that misbehave are the first four.
struct Odd<'f> {
    slow: &'f str,
    refused: &'f str,
    looping: &'f str,
    broken: &'f str,
}

/// Lets such a night pass with so many firms, and prints how it went.
pub async fn measure(count: usize, night: &Night) {
    let firms = Firms::new(count, night.schedules, moved).await;
    let [slow, refused, looping, broken] = [0, 1, 2, 3].map(|place| firms.names[place].as_str());
    let odd = Odd { slow, refused, looping, broken };
    let _slow_vendor = misbehave(&firms, &odd).await;
    let others = &firms.names[4..];

    // The host must be ready before nine.
    let lead = Duration::from_millis(8_000 + 10 * count as u64);
    let host = Host::start(&firms, &environment(night, lead)).await;
    assert!(host.ready_after < lead, "not ready before nine");
    let started = Instant::now();
    println!("\na night of {count} firms, {}; ready after {:.1?}", night.called, host.ready_after);
    tokio::time::sleep(lead.saturating_sub(host.ready_after)).await;
    let (cpu, requests) = (host.cpu_seconds(), firms.vendors.journal().len());
    let mut store = Store::open(&firms).await;
    let mut cpu_of_others = None;
    let ended = loop {
        let ended = store.ended().await;
        let done = others.iter().filter(|firm| ended.contains_key(*firm)).count();
        if done == others.len() && cpu_of_others.is_none() {
            cpu_of_others = Some(host.cpu_seconds() - cpu);
        }
        // A firm whose key is refused to its messages before nine is left alone by nine.
        let is_refused = !store.paused().await.is_empty();
        let are_odd_over = is_refused && ended.contains_key(looping) && (!night.to_the_end || ended.contains_key(slow));
        let is_over = done == others.len() && are_odd_over;
        if is_over || started.elapsed() > PATIENCE {
            break ended;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let requests = firms.vendors.journal().len() - requests;
    let are_well = print_others(&firms, others, &ended, night);
    println!("  until then {:.1} s of a core", cpu_of_others.unwrap_or_default());
    println!("  {requests} requests to vendors; memory at its peak {:.0} MB", host.peak_of_memory());
    print_odd(&firms, &odd, &ended, &mut store, night).await;
    assert!(are_well, "firms were kept from their night by others");
}

/// Gives the four firms what makes them misbehave; the answer is the slow one's CASEpeer.
async fn misbehave(firms: &Firms, odd: &Odd<'_>) -> Sandbox {
    let slow = vendors(vec![moved(odd.slow)], Faults { latency: Duration::from_mins(1), ..Faults::none() }).await;
    firms.save(odd.slow, &firms.rules_at(&slow.casepeer_url(), odd.slow, odd.slow, "limits: { timeout: 90s }\n"));
    firms.set_key(odd.refused, "case-status", "revoked");
    fs::write(firms.path("scripts/loops.rhai"), LOOPS).expect("a file");
    firms.save(odd.looping, &firms.rules(odd.looping, odd.looping, "hooks: loops.rhai\n"));
    firms.save(odd.broken, &firms.rules(odd.broken, odd.broken, "limits: { concurrency: none }\n"));
    slow
}

fn environment(night: &Night, lead: Duration) -> Vec<(&'static str, String)> {
    let lead = SignedDuration::try_from(lead).expect("a short time");
    let mut environment = clock::from(nine() - lead * i32::try_from(night.speed).expect("a small number"), night.speed);
    environment.extend(night.spread.map(|spread| ("CASEBRIDGE_JOBS_SPREAD", spread.to_owned())));
    environment
}

fn nine() -> Timestamp {
    NINE.parse().expect("a time")
}

/// How long after nine, in real time.
fn after_nine(ended: &Ended, night: &Night) -> Duration {
    let passed = (ended.at - nine().as_millisecond()) / night.speed;
    Duration::from_millis(u64::try_from(passed).expect("no firm is done before nine"))
}

/// Answers whether all of them finished well.
fn print_others(firms: &Firms, others: &[String], ended: &BTreeMap<String, Ended>, night: &Night) -> bool {
    let well: Vec<&Ended> = others.iter().filter_map(|firm| ended.get(firm)).filter(|ended| ended.status == "succeeded").collect();
    let in_step = others.iter().filter(|firm| firms.is_in_step(firm)).count();
    let times = Times::of(well.iter().map(|ended| after_nine(ended, night)).collect());
    let (p50, last) = (times.percentile(50), times.max());
    println!("  {} of the {} other firms finished well, {in_step} have every case at its stage", well.len(), others.len());
    println!("  after nine: half of them within {p50:.1?}, the last within {last:.1?}");
    well.len() == others.len() && in_step == others.len()
}

async fn print_odd(firms: &Firms, odd: &Odd<'_>, ended: &BTreeMap<String, Ended>, store: &mut Store, night: &Night) {
    let how = |firm: &str| match ended.get(firm) {
        Some(ended) => {
            let reason = ended.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{} after {:.1?}{reason}", ended.status, after_nine(ended, night))
        }
        None => "no nightly sync has ended by then".to_owned(),
    };
    let in_step = if firms.is_in_step(odd.slow) { "every case at its stage" } else { "a case not yet at its stage" };
    println!("  CASEpeer answers after a minute: {}, {in_step}", how(odd.slow));
    let paused = if store.paused().await == [odd.refused] { "left alone, and no other" } else { "NOT LEFT ALONE" };
    println!("  key refused: {}; {paused}", how(odd.refused));
    let results = store.results(odd.looping).await;
    let results: Vec<String> =
        results.into_iter().map(|(result, cases, why)| format!("{cases} {result}: {}", why.unwrap_or_default())).collect();
    println!("  hook loops: {}; {}", how(odd.looping), results.join("; "));
    let receipts = store.receipts_after(0).await;
    let outcome = receipts.iter().find(|receipt| receipt.firm == odd.broken).map_or("NO RECEIPT", |receipt| &receipt.outcome);
    println!("  file broken: {outcome}, {}", if ended.contains_key(odd.broken) { "AND YET RUN" } else { "and not run" });
}
