//! Open, closed, on hold: what staff did in Case Status by hand stays unless the firm's rules say otherwise.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::World;

/// Syncs one case that has these statuses in CASEpeer and in Case Status; answers the body written, if any.
fn synced(casepeer: &str, case_status: &str, rules: &Rules) -> Option<Value> {
    let mut world = World::of([1]);
    world.peer(1)["status"] = json!(casepeer);
    if casepeer == "closed" {
        world.peer(1)["closed_on"] = json!("2026-10-30");
    }
    world.status(1)["status"] = json!(case_status);
    if case_status == "closed" {
        world.status(1)["closed_date"] = json!("2026-09-01");
    }
    let scene = Scene::new(world, rules);
    let run = scene.sync().exits(0).run();
    let journal = scene.vendors.journal();
    let bodies: Vec<Value> = journal.writes().into_iter().map(|entry| entry.call.body.clone()).collect();
    assert!(bodies.len() <= 1, "{bodies:?}");
    assert_eq!(run.row(1).result(), if bodies.is_empty() { "unchanged" } else { "updated" });
    if !bodies.is_empty() {
        let status = |side: &str| bodies[0][side].clone();
        assert_eq!(scene.vendors.world().status(1)["status"], status("status"));
    }
    bodies.into_iter().next()
}

#[test]
fn a_case_closed_in_casepeer_is_closed_with_its_date() {
    let closing = json!({ "status": "closed", "closed_date": "2026-10-30" });
    assert_eq!(synced("closed", "open", &Rules::new()), Some(closing.clone()));
    assert_eq!(synced("closed", "on_hold", &Rules::new().with("sync", "{ release_hold: true }")), Some(closing));
}

#[test]
fn a_hold_stays_by_default() {
    assert_eq!(synced("open", "on_hold", &Rules::new()), None);
    assert_eq!(synced("open", "on_hold", &Rules::new().with("sync", "{ reopen: true }")), None);
}

#[test]
fn a_case_closed_in_case_status_stays_closed_by_default() {
    assert_eq!(synced("open", "closed", &Rules::new()), None);
    assert_eq!(synced("open", "closed", &Rules::new().with("sync", "{ release_hold: true }")), None);
}

#[test]
fn a_hold_is_released_where_the_rules_say_so() {
    let body = synced("open", "on_hold", &Rules::new().with("sync", "{ release_hold: true }")).expect("a write");
    assert_eq!(body, json!({ "status": "open" }));
}

#[test]
fn a_closed_case_is_reopened_where_the_rules_say_so() {
    let body = synced("open", "closed", &Rules::new().with("sync", "{ reopen: true }")).expect("a write");
    assert_eq!(body["status"], "open");
    // A date of closing may be taken away with it, and nothing else may go.
    assert!(body.as_object().unwrap().iter().all(|(name, value)| name == "status" || (name == "closed_date" && value.is_null())), "{body}");
}
