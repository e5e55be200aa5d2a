//! Messages over two instances, one of which is killed: each is sent once, and each becomes one note.

use std::collections::BTreeMap;

use super::Two;
use crate::support::rules::Rules;
use crate::support::serving::Serving;
use crate::support::vendors::{Call, Fault, Gate, World};
use crate::webhooks::sent::rules;

pub const TYPED: u64 = 24;

/// Two instances, staff of whose firm typed messages in CASEpeer, and the messages' ids.
pub fn typed(rules: &Rules) -> (Two, Vec<String>) {
    let mut world = World::of(1..=4);
    let typed = (0..TYPED).map(|number| world.outbound(1 + number % 4, &format!("message {number}"))).collect();
    (Two::new(world, rules), typed)
}

#[test]
fn what_staff_typed_is_sent_once_though_the_instance_that_sends_it_is_killed() {
    let (two, typed) = typed(&rules());
    let gate = Gate::closed();
    // The sixth is sent, and the answer to it never comes.
    two.scene.vendors.after(5, u32::MAX, Fault::DoneThenWait(gate), Call::is_message);
    let mut first = Serving::start(&two.scene.host);
    let mut second = Serving::start(&two.second);
    for (number, message) in (0..).zip(&typed) {
        // CASEpeer reaches whichever of the two answers.
        let serving = if number % 2 == 0 { &first } else { &second };
        serving.told(&two.scene.send_requested(number, message)).answers(202);
    }
    first.until("it is in the middle", || two.scene.vendors.journal().messages_sent().len() >= 6);
    first.running.kill();
    two.scene.vendors.mend();
    second.until("all are done", || two.scene.events("done") == i64::try_from(TYPED).unwrap());
    second.stop();
    each_was_sent_once(&two);
}

/// How often each message was sent.
pub fn sent(two: &Two) -> BTreeMap<String, u32> {
    let mut sent: BTreeMap<String, u32> = BTreeMap::new();
    for case in 1..=4 {
        for message in two.scene.vendors.world().sent(case) {
            *sent.entry(message["body"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    sent
}

/// Each message that staff typed was sent once.
#[track_caller]
pub fn each_was_sent_once(two: &Two) {
    assert_eq!(sent(two), (0..TYPED).map(|number| (format!("message {number}"), 1)).collect());
}
