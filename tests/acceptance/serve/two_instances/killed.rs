//! `kill -9` of the instance at work: the other one takes up what it left.

use super::{MOVED, Two};
use crate::support::serving::Serving;
use crate::support::vendors::{Call, Fault, Gate};

pub fn goes_on(two: &Two, first: Serving, mut second: Serving) {
    first.running.kill();
    two.scene.vendors.mend();
    second.until("the other one has finished the run", || two.has_succeeded());
    second.stop();
    two.each_case_was_moved_once();
}

pub fn reading(two: &Two) {
    let [first, second] = two.at(0, Fault::Wait(Gate::closed()), Call::lists_cases);
    goes_on(two, first, second);
}

pub fn writing(two: &Two) {
    let ([first, second], _gate) = two.writing();
    goes_on(two, first, second);
}

pub fn done_with_writing(two: &Two) {
    // All cases are moved, and the answer to the last write never comes.
    let last = u32::try_from(MOVED).unwrap() - 1;
    let [first, second] = two.at(last, Fault::DoneThenWait(Gate::closed()), Call::is_patch);
    assert_eq!(two.scene.vendors.journal().patches().len() as u64, MOVED);
    goes_on(two, first, second);
}

#[test]
fn while_it_reads() {
    reading(&Two::owing_a_night());
}

#[test]
fn while_it_writes() {
    writing(&Two::owing_a_night());
}

#[test]
fn after_its_last_write() {
    done_with_writing(&Two::owing_a_night());
}

#[test]
fn once_its_run_has_ended() {
    let two = Two::owing_a_night();
    let mut first = Serving::start(&two.scene.host);
    let mut second = Serving::start(&two.second);
    let done = "select cast(count(*) as text) from schedules where schedule = 'nightly_sync' and done = 1";
    first.until("its run has ended, and the night with it", || crate::support::store::number(&two.second, done, &[]) == 1);
    first.running.kill();
    // What the other one begins once it is in charge shows that it is.
    let owed = "update schedules set done = 0 where schedule = 'nightly_sync' and firm = $1";
    two.each_case_was_moved_once();
    crate::support::store::execute(&two.second, owed, &["hartwell"]);
    second.until("the other one is in charge", || two.runs().len() == 2);
    second.until("it has found nothing to do", || two.runs()[0]["status"] == "succeeded");
    second.stop();
    assert_eq!(two.runs()[0]["counts"]["unchanged"], MOVED);
    assert_eq!(two.scene.vendors.journal().patches().len() as u64, MOVED);
}
