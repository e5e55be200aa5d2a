//! `serve` as those see it who watch over it: whether it is up, whether it is ready, that there is one of it, and that commands work beside.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;

fn scene() -> Scene {
    let mut world = World::of(1..=3);
    world.peer(1)["stage"] = json!("Negotiation");
    Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF))
}

#[test]
fn it_is_up_and_ready() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    assert_eq!(serving.get("/healthz").answers(200).body, "ok\n");
    assert_eq!(serving.get("/readyz").answers(200).body, "ready\n");

    serving.stop();
}

#[test]
fn a_data_folder_has_one_serve() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let refused = scene.host.run(&["serve"]).exits(2);
    assert!(refused.stderr.contains("another casebridge serves"), "{}", refused.stderr);
    serving.get("/readyz").answers(200);
    serving.stop();
    // It leaves nothing behind that would keep the next one out, and neither does one that is killed.
    Serving::start(&scene.host).running.kill();
    Serving::start(&scene.host).stop();
}

#[test]
fn an_address_that_is_taken_is_wrong_configuration() {
    let mut scene = scene();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    scene.host.set("CASEBRIDGE_LISTEN", &taken.local_addr().unwrap().to_string());
    let refused = scene.host.run(&["serve"]).exits(2);
    assert!(refused.stderr.contains("listen"), "{}", refused.stderr);
}

#[test]
fn commands_work_beside_it() {
    let scene = scene();
    let serving = Serving::start(&scene.host);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let run = scene.sync().exits(0).run();
    run.counts(&[("attempted", 3), ("updated", 1), ("unchanged", 2)]);
    scene.host.run(&["check"]).exits(0);
    scene.host.run(&["runs", "show", run.id()]).exits(0);
    scene.host.run(&["messages", "hartwell"]).exits(0);
    scene.host.run(&["rules", "receipts", "hartwell"]).exits(0);
    let listed = serving.get_as(&support, "/api/v1/runs").answers(200).json();
    assert!(listed["runs"].as_array().unwrap().iter().any(|listed| listed["run_id"] == run.id()), "{listed:#}");
    serving.stop();
}
