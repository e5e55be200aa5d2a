//! The same where Temporal carries the runs: whichever instance is left is given what the other one was at. And Temporal itself is restarted.

use std::sync::Mutex;

use serde_json::json;

use super::database_restarted::comes_through;
use super::frozen::frozen;
use super::killed::{done_with_writing, goes_on, reading, writing};
use super::messages::{TYPED, each_was_sent_once, sent, typed};
use super::{MOVED, Two};
use crate::support::rules::Rules;
use crate::support::serving::{Serving, token};
use crate::support::vendors::{Call, Fault, Gate};
use crate::temporal::Temporal;

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
fn killed_while_it_sends_messages() {
    let nothing_else = "nightly_sync: { enabled: false }, stage_sync: { enabled: false }, document_sync: { enabled: false }";
    let rules = Rules::new().with("schedule", &format!("{{ message_sync: {{ cron: \"0 3 1 1 *\" }}, {nothing_else} }}"));
    let two = carries(typed(&rules).0);
    // The sixth is sent, and the answer to it never comes.
    two.scene.vendors.after(5, u32::MAX, Fault::DoneThenWait(Gate::closed()), Call::is_message);
    let mut first = Serving::start(&two.scene.host);
    let schedule = "casebridge/hartwell/message_sync";
    let temporal = two.temporal.as_ref().expect("Temporal").lock().expect("Temporal");
    let is_set = || temporal.schedule(schedule).is_some_and(|known| known.to_string().contains("in step"));
    first.until("the schedule is set", is_set);
    temporal.trigger(schedule);
    first.until("it is in the middle", || two.scene.vendors.journal().messages_sent().len() >= 6);
    let mut second = Serving::start(&two.second);
    first.running.kill();
    two.scene.vendors.mend();
    // That some run has ended says nothing of the messages.
    second.until("the other one has sent the rest", || sent(&two).len() as u64 == TYPED);
    second.until("its run has ended", || two.runs().iter().any(|run| run["status"] == "succeeded"));
    second.stop();
    each_was_sent_once(&two);
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

#[test]
fn killed_while_it_takes_a_run_back() {
    let two = carries(Two::guarded("{ from_cases: 1000 }"));
    let mut first = two.start_first();
    first.until("all cases are moved", || two.has_succeeded());
    let undone = two.runs()[0]["run_id"].as_str().expect("an id").to_owned();
    two.scene.vendors.take_journal();
    two.scene.vendors.after(10, u32::MAX, Fault::DoneThenWait(Gate::closed()), Call::is_patch);
    let support = two.support.as_deref().expect("a token");
    first.send(support, "POST", &format!("/api/v1/runs/{undone}/undo"), Some(&json!({}))).answers(202);
    first.until("two writes are in flight", || two.scene.vendors.journal().patches().len() == 12);
    let mut second = Serving::start(&two.second);
    first.running.kill();
    two.scene.vendors.mend();
    second.until("the other one has finished it", || two.runs().iter().all(|run| run["status"] == "succeeded"));
    second.stop();
    let runs = two.runs();
    let undo = runs.iter().find(|run| run["kind"] == "undo").expect("the undo");
    assert_eq!(json!([runs.len(), undo["counts"]["attempted"]]), json!([2, MOVED]), "{runs:#?}");
    assert!(two.scene.vendors.journal().stages_applied().values().all(|times| *times == 1));
    assert!(two.scene.vendors.world().existing.iter().all(|held| held["stage"] != 6), "all are back");
}
