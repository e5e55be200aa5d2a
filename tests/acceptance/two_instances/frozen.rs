//! An instance that stands still while it writes, and wakes long after another one has taken its work over.

use std::time::{Duration, Instant};

use super::Two;

/// Longer than any claim holds.
const STILL: Duration = Duration::from_secs(30);

#[test]
fn one_that_stood_still_and_wakes_writes_nothing_more() {
    let two = Two::owing_a_night();
    let ([mut first, mut second], gate) = two.writing();
    let since = Instant::now();
    first.running.freeze();
    second.until("the other one has finished the run", || two.has_succeeded());
    second.until("the first one has stood still for long", || since.elapsed() >= STILL);
    let asked = two.scene.vendors.journal().len();

    // The answers that it waited for are there, too.
    gate.open();
    first.running.wake();
    let heard = first.running.stderr();
    first.until("it knows that it was taken for dead", || heard.text().contains("taken this over"));
    first.stop();
    second.stop();
    let after = two.scene.vendors.journal();
    assert!(after[asked..].iter().all(|entry| !entry.call.is_write()), "{:#?}", &after[asked..]);
    two.each_case_was_moved_once();
}
