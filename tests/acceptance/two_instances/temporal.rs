//! The same where Temporal carries the runs: whichever instance is left is given what the other one was at. And Temporal itself is restarted.

use std::sync::Mutex;

use super::Two;
use super::database_restarted::comes_through;
use super::frozen::frozen;
use super::killed::{done_with_writing, goes_on, reading, writing};
use crate::serving::{Serving, token};
use crate::temporal::Temporal;
use crate::vendors::{Call, Fault, Gate};

/// A sync that is to move all cases, and is asked for as soon as the first instance serves.
fn carried() -> Two {
    carries(Two::to_be_moved())
}

fn carries(mut two: Two) -> Two {
    let temporal = Temporal::start();
    temporal.carries_runs_of(&mut two.scene.host);
    temporal.carries_runs_of(&mut two.second);
    two.temporal = Some(Mutex::new(temporal));
    two.support = Some(token(&two.scene.host, &["ops", "--role", "support"]));
    two
}

#[test]
fn killed_while_it_reads() {
    reading(&carried());
}

#[test]
fn killed_while_it_writes() {
    writing(&carried());
}

#[test]
fn killed_after_its_last_write() {
    done_with_writing(&carried());
}

#[test]
fn killed_while_it_writes_what_was_approved() {
    let two = carries(Two::guarded("{ max_stage_changes: 10%, from_cases: 10 }"));
    let mut first = two.start_first();
    first.until("the run is held", || two.runs()[0]["status"] == "held");
    let run = two.runs()[0]["run_id"].as_str().expect("an id").to_owned();
    two.scene.vendors.after(10, u32::MAX, Fault::DoneThenWait(Gate::closed()), Call::is_patch);
    let support = two.support.as_deref().expect("a token");
    first.send(support, "POST", &format!("/api/v1/runs/{run}/approve"), None).answers(202);
    first.until("two writes are in flight", || two.scene.vendors.journal().patches().len() == 12);
    let second = Serving::start(&two.second);
    goes_on(&two, first, second);
}

#[test]
fn frozen_while_it_writes() {
    frozen(&carried());
}

#[test]
fn postgresql_is_restarted() {
    comes_through(&carried(), |two| two.postgres.kill());
}

#[test]
fn temporal_is_restarted() {
    let two = carried();
    let ([first, mut second], gate) = two.writing();
    let mut temporal = two.temporal.as_ref().expect("Temporal").lock().expect("Temporal");
    temporal.kill();
    gate.open();
    temporal.start_again();
    second.until("the run has ended", || two.has_succeeded());
    first.stop();
    second.stop();
    two.each_case_was_moved_once();
}
