//! What the API says of runs: pages of them, newest first; one with its rows; its CSV.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Vendors, World};

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

/// A firm with so many runs, the oldest first.
fn scene(runs: usize) -> (Scene, String, Vec<String>) {
    let mut world = World::of(1..=3);
    world.peer(1)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &rules());
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let runs = (0..runs).map(|_| scene.sync().exits(0).run().id().to_owned()).collect();
    (scene, support, runs)
}

fn ids(page: &Value) -> Vec<&str> {
    page["runs"].as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap()).collect()
}

#[test]
fn runs_come_in_pages_and_newest_first() {
    let (mut scene, support, runs) = scene(5);
    let others = Vendors::boot(World::of([1]));
    scene.host.firm("osprey", &others, &rules());
    let osprey = scene.host.run(&["sync", "osprey", "--json"]).exits(0).run();
    let newest: Vec<&str> = runs.iter().rev().map(String::as_str).collect();
    let serving = Serving::start(&scene.host);
    let get = |path: &str| serving.get_as(&support, path).answers(200).json();

    let all = get("/api/v1/runs");
    assert_eq!(ids(&all), [&[osprey.id()], &newest[..]].concat());
    assert_eq!(all["next"], Value::Null);
    assert_eq!(all["runs"], scene.host.run(&["runs", "list", "--json"]).exits(0).json());
    let first = &all["runs"][5];
    assert_eq!(json!([first["firm"], first["kind"], first["status"]]), json!(["hartwell", "sync", "succeeded"]));
    assert_eq!(json!([first["counts"]["attempted"], first["counts"]["updated"], first["dry_run"]]), json!([3, 1, false]));

    let mut walked: Vec<String> = Vec::new();
    let mut path = "/api/v1/runs?firm=hartwell&limit=2".to_owned();
    let mut pages = 0;
    loop {
        let page = get(&path);
        pages += 1;
        walked.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(ids(&page).len(), 2);
        path = format!("/api/v1/runs?firm=hartwell&limit=2&before={next}");
    }
    assert_eq!((pages, walked), (3, newest.iter().map(|id| (*id).to_owned()).collect()));

    // A run that begins meanwhile moves nothing on later pages.
    scene.sync().exits(0);
    assert_eq!(ids(&get(&format!("/api/v1/runs?firm=hartwell&limit=2&before={}", newest[1]))), newest[2..4]);
    assert_eq!(ids(&get(&format!("/api/v1/runs?before={}", runs[0]))), [""; 0]);
    assert_eq!(ids(&get("/api/v1/runs?limit=200")).len(), 7);
}

#[test]
fn a_long_csv_comes_whole() {
    let (scene, support) = long();
    let run = scene.sync().exits(0).run();
    let serving = Serving::start(&scene.host);
    let csv = serving.get_as(&support, &format!("/api/v1/runs/{}/report.csv", run.id())).answers(200);
    assert_eq!(csv.body, scene.host.read(run.text("report")));
    assert_eq!(csv.body.lines().count(), 2_502);
}

/// A firm of more cases than are in memory at once.
fn long() -> (Scene, String) {
    let scene = Scene::new(World::of(1..=2_501), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    (scene, support)
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let (scene, support, _) = scene(1);
    let serving = Serving::start(&scene.host);
    for query in
        ["limit=0", "limit=201", "limit=-1", "limit=two", "limit=", "before=", "before=../x", "before=1", "page=2", "limit=1&limit=2"]
    {
        let refused = serving.get_as(&support, &format!("/api/v1/runs?{query}")).answers(400);
        assert_eq!(refused.header("content-type"), "application/problem+json", "{query}");
    }
    for query in ["firm=nobody", "firm=", "firm=No%20Body"] {
        serving.get_as(&support, &format!("/api/v1/runs?{query}")).answers(404);
    }
}

#[test]
fn a_run_is_as_the_command_shows_it_and_its_csv_as_it_was_written() {
    let (scene, support, runs) = scene(2);
    let plan = scene.host.run(&["plan", "hartwell", "--json"]).exits(0).run();
    let serving = Serving::start(&scene.host);
    for run in runs.iter().map(String::as_str).chain([plan.id()]) {
        let shown = serving.get_as(&support, &format!("/api/v1/runs/{run}")).answers(200).json();
        assert_eq!(shown, scene.host.run(&["runs", "show", run, "--json"]).exits(0).json());
        let csv = serving.get_as(&support, &format!("/api/v1/runs/{run}/report.csv")).answers(200);
        assert_eq!(csv.body, scene.host.read(shown["report"].as_str().unwrap()));
        assert!(csv.header("content-type").starts_with("text/csv"), "{csv:#?}");
        assert_eq!(csv.header("content-disposition"), format!("attachment; filename=\"{run}.csv\""));
    }

    // Another instance has no such file; the rows are in the store.
    let gone = format!("var/reports/{}.csv", runs[0]);
    let written = scene.host.read(&gone);
    std::fs::remove_file(scene.host.path(gone)).unwrap();
    let anew = serving.get_as(&support, &format!("/api/v1/runs/{}/report.csv", runs[0])).answers(200);
    assert_eq!(anew.body, written);
    let shown = serving.get_as(&support, &format!("/api/v1/runs/{}", runs[0])).answers(200).json();
    assert_eq!(shown["report"], Value::Null);
    for odd in ["20000101-000000-aaaa", "..%2f..%2fcasebridge", "%2e%2e", "x.csv"] {
        serving.get_as(&support, &format!("/api/v1/runs/{odd}")).answers(404);
        serving.get_as(&support, &format!("/api/v1/runs/{odd}/report.csv")).answers(404);
    }
}
