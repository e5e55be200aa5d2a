//! A run is recorded with its job before it begins: it says why it waits, can be called off, and begins after a kill all the same.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::http::Answer;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, enable_all, token};
use crate::support::vendors::{Call, Fault, Vendors, World};

/// Two firms of which one run at a time is carried out. Hartwell's never ends before its vendors are mended.
struct Queue {
    scene: Scene,
    okafor: Vendors,
    support: String,
}

impl Queue {
    fn new(schedule: &str) -> Queue {
        let world = || {
            let mut world = World::of(1..=3);
            world.peer(1)["stage"] = json!("Negotiation");
            world
        };
        let rules = Rules::new().with("schedule", schedule).with("guard", "{ max_stage_changes: 100% }");
        let mut scene = Scene::new(world(), &rules);
        scene.host.write("casebridge.yaml", &scene.host.read("casebridge.yaml").replace("jobs: {", "jobs: { at_once: 1,"));
        let okafor = Vendors::boot(world());
        scene.host.firm("okafor", &okafor, &rules);
        let support = token(&scene.host, &["ops", "--role", "support"]);
        scene.vendors.always(Fault::Hang { done: false }, Call::is_patch);
        Queue { scene, okafor, support }
    }

    /// Hartwell's run is at work, and okafor's waits behind it.
    fn waiting(&self) -> (Serving, Answer, String) {
        let mut serving = Serving::start(&self.scene.host);
        let first = serving.send(&self.support, "POST", "/api/v1/firms/hartwell/sync", None).answers(202);
        serving.until("a write is in flight", || self.scene.vendors.journal().patches().len() == 1);
        let begun = serving.send(&self.support, "POST", "/api/v1/firms/okafor/sync", None).answers(202);
        let id = begun.json()["run_id"].as_str().expect("a run").to_owned();
        (serving, first, id)
    }

    fn statuses(&self) -> Vec<(String, String)> {
        let runs = self.scene.host.run(&["runs", "list", "--json"]).exits(0).json();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let mut all: Vec<_> = runs.as_array().expect("runs").iter().map(|run| (text(&run["firm"]), text(&run["status"]))).collect();
        all.sort();
        all
    }
}

#[test]
fn what_waits_says_why_and_begins_after_a_kill() {
    let queue = Queue::new(NOTHING_BY_ITSELF);
    let (serving, first, id) = queue.waiting();
    let run = serving.get_as(&queue.support, &format!("/api/v1/runs/{id}")).answers(200).json();
    assert_eq!((&run["status"], &run["reason"]), (&json!("queued"), &json!("waits for a place; 1 run is at work")));
    let listed = queue.scene.host.run(&["runs", "list"]).exits(0).stdout;
    assert!(listed.contains(&format!("{id} is queued: waits for a place; 1 run is at work")), "{listed}");
    assert_eq!(queue.okafor.journal().len(), 0);
    serving.get_as(&queue.support, &format!("/api/v1/runs/{id}/report.csv")).answers(404);
    // One run of a firm is queued at a time.
    serving.send(&queue.support, "POST", "/api/v1/firms/okafor/sync", None).answers(409);
    serving.running.kill();

    queue.scene.vendors.mend();
    let mut serving = Serving::start(&queue.scene.host);
    for id in [first.json()["run_id"].as_str().expect("a run"), &id] {
        let path = format!("/api/v1/runs/{id}");
        serving.until_answer("the run has ended well", &queue.support, &path, |answer| answer.json()["status"] == "succeeded");
    }
    serving.stop();
    assert_eq!(queue.statuses().len(), 2);
}

#[test]
fn what_waits_can_be_called_off() {
    let queue = Queue::new(NOTHING_BY_ITSELF);
    let (serving, first, id) = queue.waiting();
    queue.scene.host.run(&["runs", "cancel", &id]).exits(0);
    serving.running.kill();
    queue.scene.vendors.mend();
    let path = format!("/api/v1/runs/{}", first.json()["run_id"].as_str().expect("a run"));
    let mut serving = Serving::start(&queue.scene.host);
    serving.until_answer("the first run has ended", &queue.support, &path, |answer| answer.json()["status"] == "succeeded");
    // The place is free again, and nothing begins in it.
    serving.goes_on_for(std::time::Duration::from_secs(1));
    serving.stop();
    assert_eq!(queue.okafor.journal().len(), 0);
    assert_eq!(queue.statuses()[1], ("okafor".to_owned(), "cancelled".to_owned()));
}

#[test]
fn a_night_is_queued_before_it_begins_and_once_after_a_kill() {
    let mut queue = Queue::new("{ nightly_sync: { enabled: true, cron: '0 21 * * *' }, stage_sync: { enabled: false } }");
    enable_all(&queue.scene.host);
    // Of the two firms, one has the place.
    queue.okafor.always(Fault::Hang { done: false }, Call::is_patch);
    let mut serving = Serving::start_at(&mut queue.scene.host, "2026-06-10 20:59:58");
    let is_queued = |queue: &Queue| {
        let statuses = queue.statuses();
        statuses.iter().filter(|(_, status)| status == "running").count() == 1
            && statuses.iter().filter(|(_, status)| status == "queued").count() == 1
    };
    serving.until("one runs and one waits", || is_queued(&queue));
    serving.running.kill();

    queue.scene.vendors.mend();
    queue.okafor.mend();
    let mut serving = Serving::start_at(&mut queue.scene.host, "2026-06-11 07:00:00");
    let is_over = |queue: &Queue| {
        let mut statuses: Vec<_> = queue.statuses().into_iter().map(|(_, status)| status).collect();
        statuses.sort();
        statuses == ["interrupted", "succeeded", "succeeded"]
    };
    serving.until("both firms had their night, and nothing waits any more", || is_over(&queue));
    serving.stop();
}
