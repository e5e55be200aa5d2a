//! How soon an edit of one firm's rules is in use where many firms are watched, and that it is the only one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::firms::{Firms, in_step};
use super::host::Host;
use super::store::{Receipt, Store};
use super::times::Times;

/// So many edits, each of one firm.
const EDITS: usize = 100;

/// So many saves of one file in a burst.
const SAVES: usize = 50;

/// How far apart the saves of a burst are.
const APART: Duration = Duration::from_millis(10);

/// The time that an edit should take at most, in 99 of a hundred cases.
const GOAL: Duration = Duration::from_millis(250);

/// An edit that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nothing runs by itself.
const OFF: &str = "schedule:
  nightly_sync: { enabled: false }
  stage_sync: { enabled: false }
  message_sync: { enabled: false }
  document_sync: { enabled: false }
";

/// Measures it with so many firms, and prints it.
pub async fn measure(count: usize) {
    let firms = Firms::new(count, OFF, in_step).await;
    let host = Host::start(&firms, &[]).await;
    let mut store = Store::open(&firms).await;
    println!("\n{count} firms watched, ready after {:.1?}", host.ready_after);
    single(&firms, &mut store).await;
    burst(&firms, &mut store).await;
    println!("  peak of memory {:.0} MB", host.peak_of_memory());
}

async fn single(firms: &Firms, store: &mut Store) {
    let before = store.revisions().await;
    let mut took = Vec::new();
    let mut edited = BTreeSet::new();
    for number in 0..EDITS {
        let firm = &firms.names[number % firms.names.len()];
        let rules = firms.rules(firm, &format!("edited {number}"), "");
        let last = store.last_receipt().await;
        let started = Instant::now();
        firms.save(firm, &rules);
        let receipt = only(until(store, last, |_| true).await);
        took.push(started.elapsed());
        assert_eq!((&receipt.firm, &*receipt.outcome), (firm, "applied"));
        edited.insert(firm.clone());
        // Not in step with anything that the host does now and then.
        tokio::time::sleep(Duration::from_millis((number * 37 % 150) as u64)).await;
    }
    let after = store.revisions().await;
    let moved: BTreeSet<String> = after.into_iter().filter(|(firm, is)| before.get(firm) != Some(is)).map(|(firm, _)| firm).collect();
    assert_eq!(moved, edited, "the revisions that moved are those of the firms that were edited");
    let took = Times::of(took);
    let (p50, p99, max) = (took.percentile(50), took.percentile(99), took.max());
    println!("  {EDITS} edits, from the save of a file to its receipt in the database: p50 {p50:.0?}, p99 {p99:.0?}, max {max:.0?}");
    println!("  goal: p99 under {GOAL:?}: {}; revisions of other firms that moved: 0", if p99 < GOAL { "met" } else { "MISSED" });
}

async fn burst(firms: &Firms, store: &mut Store) {
    let firm = &firms.names[firms.names.len() / 2];
    let before = store.revisions().await;
    let first = store.last_receipt().await;
    let text = |save: usize| firms.rules(firm, &format!("save {save} of a burst"), "");
    let mut beat = tokio::time::interval(APART);
    for save in 1..=SAVES {
        beat.tick().await;
        firms.save(firm, &text(save));
    }
    let saved = Instant::now();
    let last = format!("save {SAVES} of a burst");
    until(store, first, |receipt| receipt.text.contains(&last)).await;
    let took = saved.elapsed();
    // Whatever were to come after it would have come by then.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let receipts = store.receipts_after(first).await;
    let end = receipts.last().expect("a receipt");
    assert!(receipts.iter().all(|receipt| receipt.firm == *firm), "another firm's rules were touched");
    assert!(end.text.contains(&last), "the burst ends at another save than its last");
    let mut expected = before;
    expected.insert(firm.clone(), end.revision.clone());
    assert_eq!(store.revisions().await, expected, "the last revision is in use, and all others are what they were");
    println!("  {SAVES} saves of one file, {APART:?} apart: the last is in use {took:.0?} after it was saved; {} receipts", receipts.len());
}

/// The receipts after `last`, once there is one that is wanted.
async fn until(store: &mut Store, last: i64, is_wanted: impl Fn(&Receipt) -> bool) -> Vec<Receipt> {
    let started = Instant::now();
    loop {
        let receipts = store.receipts_after(last).await;
        if receipts.iter().any(&is_wanted) {
            return receipts;
        }
        assert!(started.elapsed() < PATIENCE, "an edit was lost");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn only(mut receipts: Vec<Receipt>) -> Receipt {
    let receipt = receipts.pop().expect("a receipt");
    assert!(receipts.is_empty(), "an edit of one firm left more than one receipt, before {}", receipt.id);
    receipt
}
