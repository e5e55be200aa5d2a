//! PostgreSQL goes away in the middle of a run and comes back: the run waits for it, or is taken up again.

use super::Two;
use crate::http::ask;
use crate::serving::Serving;

fn comes_through(gone: impl FnOnce(&Two)) {
    let two = Two::owing_a_night();
    let ([mut first, mut second], gate) = two.writing();
    gone(&two);
    gate.open();
    let status = |serving: &Serving| ask(&serving.address, "GET", "/readyz", &[]).map(|answer| answer.status);
    let addresses = [&first, &second].map(|serving| serving.address.clone());
    let both_are =
        |wanted: u16| addresses.iter().all(|address| ask(address, "GET", "/readyz", &[]).map(|answer| answer.status) == Some(wanted));
    first.until("neither is ready", || both_are(503));
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
    comes_through(|two| two.postgres.stop());
}

#[test]
fn killed_and_started() {
    comes_through(|two| two.postgres.kill());
}
