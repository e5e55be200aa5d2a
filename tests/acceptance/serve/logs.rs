//! The log of `serve`: a JSON value a line, with the run, the firm and the case that it is about, and nothing of a client's or a key's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::http::ask;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, NOTHING_BY_ITSELF, Serving, token};
use crate::support::store::{self, owe_a_nightly_sync};
use crate::support::vendors::{Fault, World, patch_of, phone, surname};

/// Three cases that are written, one that the vendor refuses, one whose answer never makes sense.
fn troubled() -> Scene {
    let mut world = World::of(1..=30);
    (1..=5).for_each(|id| world.peer(id)["description"] = json!(format!("Call {} at {}", surname(id), phone(id))));
    let scene = Scene::new(world, &Rules::new().resigned().with("schedule", NIGHTLY_ALONE));
    scene.vendors.always(Fault::Refused(500), patch_of(1));
    scene.vendors.always(Fault::Refused(422), patch_of(2));
    owe_a_nightly_sync(&scene.host, "hartwell");
    scene
}

#[test]
fn it_names_runs_firms_and_cases_and_no_client_and_no_key() {
    for filter in ["casebridge=debug", "trace"] {
        let mut scene = troubled();
        scene.host.set("RUST_LOG", filter);
        let support = token(&scene.host, &["ops", "--role", "support"]);
        let mut serving = Serving::start(&scene.host);
        let ended =
            serving.until_answer("the sync has ended", &support, "/api/v1/runs", |answer| answer.json()["runs"][0]["status"] == "partial");
        let run = ended.json()["runs"][0]["run_id"].as_str().unwrap().to_owned();
        for path in [&format!("/api/v1/runs/{run}"), &format!("/api/v1/runs/{run}/report.csv"), "/api/v1/firms/hartwell"] {
            serving.get_as(&support, path).answers(200);
        }
        let finished = serving.stop();

        let log = finished.stderr;
        let entries: Vec<Value> =
            log.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let about = |entry: &&Value| entry["run"] == run.as_str() && entry["firm"] == "hartwell";
        let messages: Vec<&str> = entries.iter().filter(about).filter_map(|entry| entry["message"].as_str()).collect();
        assert!(messages.contains(&"run started") && messages.contains(&"run finished"), "{log}");
        for (case, result) in [("1", "failed"), ("2", "failed"), ("3", "updated")] {
            let found = entries.iter().filter(about).any(|entry| entry["case"] == case && entry["result"] == result);
            assert!(found, "{case} {result}: {log}");
        }
        // Requests are found by their ids, and by the name of the token.
        assert!(entries.iter().any(|entry| entry["message"] == "answered" && entry["span"]["token"] == "ops"), "{log}");

        let keys = {
            let world = scene.vendors.world();
            [world.casepeer_key.clone(), world.case_status_key.clone(), support]
        };
        for secret in keys {
            assert!(!log.contains(&secret), "{filter}: {log}");
        }
        for id in 1..=30 {
            assert!(!log.contains(&surname(id)) && !log.contains(&phone(id)[1..]), "{filter}: {log}");
        }
    }
}

#[test]
fn a_background_task_that_fails_says_so_once_and_once_that_it_works_again() {
    let scene = Scene::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let mut serving = Serving::start(&scene.host);
    let address = serving.address.clone();
    let fails = || {
        let numbers = ask(&address, "GET", "/metrics", &[])?.body;
        let line = numbers.lines().find_map(|line| line.strip_prefix("casebridge_task_failing{task=\"sealed_secrets\"} "))?;
        Some(line == "1")
    };
    serving.until("it is looked for secrets", || fails() == Some(false));
    store::execute(&scene.host, "alter table sealed_secret_changes rename to elsewhere", &[]);
    serving.until("looking for secrets fails", || fails() == Some(true));
    // It is tried each second.
    serving.goes_on_for(Duration::from_secs(3));
    store::execute(&scene.host, "alter table elsewhere rename to sealed_secret_changes", &[]);
    serving.until("looking for secrets works again", || fails() == Some(false));
    let log = serving.stop().stderr;
    for line in ["background task failed", "background task works again"] {
        let lines: Vec<&str> = log.lines().filter(|said| said.contains(line) && said.contains("sealed_secrets")).collect();
        assert_eq!(lines.len(), 1, "{line}:\n{log}");
    }
}
