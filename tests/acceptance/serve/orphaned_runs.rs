//! What programs and people asked for goes on under its id when the process that was at it is gone, as what schedules ask for does.

use std::collections::BTreeMap;
use std::thread;

use serde_json::json;

use crate::support::host::Scene;
use crate::support::http::{Answer, ask_with};
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::store::execute;
use crate::support::vendors::{Call, Fault, Vendor, World};

const CASES: u64 = 40;
const MOVED: u64 = 11;

struct Asking {
    scene: Scene,
    support: String,
}

impl Asking {
    /// A firm of which these cases are to be moved, and somebody of support.
    fn new(guard: &str) -> Asking {
        let mut world = World::of(1..=CASES);
        (1..=MOVED).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
        let rules = Rules::new()
            .with("schedule", NOTHING_BY_ITSELF)
            .with("guard", guard)
            .with("limits", "{ requests_per_second: 100000, concurrency: 2 }");
        let scene = Scene::new(world, &rules);
        let support = token(&scene.host, &["ops", "--role", "support"]);
        Asking { scene, support }
    }

    /// Asks for something that writes, and waits until there were so many writes: four are done, and two more have no answer.
    fn half_way(&self, path: &str, writes: usize) -> (Serving, Answer) {
        self.scene.vendors.after(4, u32::MAX, Fault::Hang { done: false }, Call::is_patch);
        let mut serving = Serving::start(&self.scene.host);
        let begun = serving.send(&self.support, "POST", path, None).answers(202);
        serving.until("two writes are in flight", || self.scene.vendors.journal().patches().len() == writes);
        (serving, begun)
    }

    /// Whatever was begun ends under its id at the next start.
    fn ended(&self, begun: &Answer) {
        self.scene.vendors.mend();
        let mut serving = Serving::start(&self.scene.host);
        let path = format!("/api/v1/runs/{}", begun.json()["run_id"].as_str().expect("a run"));
        let has_ended = |answer: &Answer| answer.json()["status"] == "succeeded";
        serving.until_answer("the run has ended well", &self.support, &path, has_ended);
        serving.stop();
    }

    /// The same, and each case has moved once.
    fn ends(&self, begun: &Answer) {
        self.ended(begun);
        let once: BTreeMap<String, u32> = (1..=MOVED).map(|id| (id.to_string(), 1)).collect();
        assert_eq!(self.scene.vendors.journal().stages_applied(), once);
        assert_eq!(self.scene.host.run(&["runs", "list", "--json"]).exits(0).json().as_array().expect("runs").len(), 1);
    }
}

#[test]
fn a_sync_goes_on_after_a_kill() {
    let asking = Asking::new("{ max_stage_changes: 100% }");
    let (serving, begun) = asking.half_way("/api/v1/firms/hartwell/sync", 6);
    serving.running.kill();
    asking.ends(&begun);
}

#[test]
fn what_was_approved_goes_on_after_a_stop() {
    let asking = Asking::new("{ max_stage_changes: 10% }");
    let held = asking.scene.sync().exits(3).run().id().to_owned();
    let (serving, begun) = asking.half_way(&format!("/api/v1/runs/{held}/approve"), 6);
    serving.stop();
    asking.ends(&begun);
}

#[test]
fn an_undo_goes_on_too() {
    let asking = Asking::new("{ max_stage_changes: 100% }");
    let moved = asking.scene.sync().exits(0).run().id().to_owned();
    let (serving, begun) = asking.half_way(&format!("/api/v1/runs/{moved}/undo"), 17);
    serving.running.kill();
    asking.ended(&begun);
    assert!(asking.scene.vendors.world().existing.iter().all(|held| held["stage"] != 6));
}

#[test]
fn one_case_is_synced_or_connected_once_whoever_waited_for_it() {
    for (action, is_done) in [("sync", false), ("connect", false), ("sync", true), ("connect", true)] {
        let asking = Asking::new("{ max_stage_changes: 100% }");
        if action == "connect" {
            asking.scene.vendors.world().unconnected(1);
        }
        asking.scene.vendors.always(Fault::Hang { done: is_done }, |call| call.vendor == Vendor::CaseStatus && call.method != "GET");
        let mut serving = Serving::start(&asking.scene.host);
        let (address, bearer) = (serving.address.clone(), format!("Bearer {}", asking.support));
        let path = format!("/api/v1/firms/hartwell/cases/1/{action}");
        let waits = thread::spawn(move || ask_with(&address, "POST", &path, &[("authorization", &bearer)], None));
        serving.until("the write is in flight", || asking.scene.vendors.journal().writes().len() == 1);
        serving.running.kill();
        assert!(waits.join().expect("whoever waits").is_none());
        let run = asking.scene.host.run(&["runs", "list", "--json"]).exits(0).json()[0]["run_id"].clone();
        asking.scene.vendors.mend();
        let mut serving = Serving::start(&asking.scene.host);
        let path = format!("/api/v1/runs/{}", run.as_str().expect("a run"));
        serving.until_answer("the run has ended well", &asking.support, &path, |answer| answer.json()["status"] == "succeeded");
        serving.stop();
        let world = asking.scene.vendors.world();
        let held: Vec<_> = world.existing.iter().filter(|held| held["integration_id"] == "1").map(|held| held["stage"].clone()).collect();
        assert_eq!(held, [json!(if action == "sync" { 6 } else { 3 })], "{action}, {is_done}");
        drop(world);
        let moved = asking.scene.vendors.journal().stages_applied();
        assert_eq!(moved.get("1").copied(), (action == "sync").then_some(1), "{action}, {is_done}");
    }
}

#[test]
fn one_that_is_called_off_or_whose_firm_was_disabled_is_left() {
    for leave in [&["runs", "cancel"][..], &["runs", "undo"], &["firm", "disable", "hartwell", "--reason", "wrong stages"]] {
        let asking = Asking::new("{ max_stage_changes: 100% }");
        let (serving, begun) = asking.half_way("/api/v1/firms/hartwell/sync", 6);
        serving.running.kill();
        let id = begun.json()["run_id"].as_str().expect("a run").to_owned();
        asking.scene.vendors.mend();
        let run = if leave[0] == "runs" { Some(&*id) } else { None };
        asking.scene.host.run(&[leave, run.as_slice()].concat()).exits(0);
        let written = asking.scene.vendors.journal().patches().len();
        let mut serving = Serving::start_with_new_firms(&asking.scene.host);
        serving.goes_on_for(std::time::Duration::from_secs(3));
        let status = serving.get_as(&asking.support, &format!("/api/v1/runs/{id}")).answers(200).json()["status"].clone();
        assert_eq!(status, if run.is_some() { "cancelled" } else { "interrupted" });
        assert_eq!(asking.scene.vendors.journal().patches().len(), written);
    }
}

#[test]
fn an_approval_and_an_undo_wait_for_a_vendor_that_cannot_name_the_account() {
    let asking = Asking::new("{ max_stage_changes: 10% }");
    let held = asking.scene.sync().exits(3).run().id().to_owned();
    let (serving, begun) = asking.half_way(&format!("/api/v1/runs/{held}/approve"), 6);
    serving.running.kill();
    asking.scene.vendors.mend();
    asking.scene.vendors.always(Fault::Refused(400), Call::is_proof);
    let status = || asking.scene.host.run(&["runs", "show", &held, "--json"]).exits(0).json()["status"].clone();
    for act in ["approve", "undo"] {
        asking.scene.host.run(&["runs", act, &held]).exits(1);
        assert_eq!(status(), "interrupted", "{act}");
    }
    asking.ended(&begun);
    assert!(asking.scene.vendors.journal().stages_applied().values().all(|times| *times == 1));
}

#[test]
fn what_was_asked_for_days_ago_is_left_as_it_is() {
    let asking = Asking::new("{ max_stage_changes: 100% }");
    let (serving, begun) = asking.half_way("/api/v1/firms/hartwell/sync", 6);
    serving.running.kill();
    execute(&asking.scene.host, "update runs set job_at = job_at - 2 * 86400000", &[]);
    asking.scene.vendors.mend();
    let mut serving = Serving::start(&asking.scene.host);
    let stderr = serving.running.stderr();
    serving.until("it says so", || stderr.text().contains("more than a day ago"));
    let path = format!("/api/v1/runs/{}", begun.json()["run_id"].as_str().expect("a run"));
    assert_eq!(serving.get_as(&asking.support, &path).answers(200).json()["status"], "interrupted");
    assert_eq!(asking.scene.vendors.journal().patches().len(), 6);
}
