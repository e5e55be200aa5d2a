//! `/metrics`: what Prometheus' own checker has nothing to say against, and the numbers that it should have.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::store::owe_a_nightly_sync;
use crate::support::vendors::{Vendors, World};

/// A host that has worked: a nightly sync that was held, and a firm that never had good rules.
fn worked() -> (Scene, Serving) {
    let mut world = World::of(1..=40);
    (1..=40).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let mut scene = Scene::new(world, &Rules::new().with("schedule", NIGHTLY_ALONE));
    let others = Vendors::boot(World::new());
    scene.host.firm("osprey", &others, &Rules::new().with("name", "7: 7"));
    owe_a_nightly_sync(&scene.host, "hartwell");
    let mut serving = Serving::start(&scene.host);
    let address = serving.address.clone();
    serving.until("a run was counted", || {
        let answer = crate::support::http::ask(&address, "GET", "/metrics", &[]);
        answer.is_some_and(|answer| answer.body.contains("casebridge_runs_total") && answer.body.contains("state=\"rejected\"} 1"))
    });
    (scene, serving)
}

#[test]
fn they_say_what_has_happened() {
    let (_scene, serving) = worked();
    let text = serving.get("/metrics").answers(200);
    assert_eq!(text.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        "casebridge_runs_total{kind=\"sync\",status=\"held\"} 1",
        "casebridge_cases_total{kind=\"sync\",result=\"held\"} 40",
        "casebridge_firms{state=\"active\"} 1.0",
        "casebridge_firms{state=\"rejected\"} 1.0",
        "casebridge_rules_edits_total{outcome=\"rejected\"} 1",
        "casebridge_runs_held 1.0",
        "casebridge_letters 0.0",
        "casebridge_job_duration_seconds_count{schedule=\"nightly_sync\"} 1",
    ] {
        assert!(text.body.lines().any(|found| found == line), "{line}\n{}", text.body);
    }
    // Numbers, and nobody's name.
    assert!(!text.body.contains("hartwell") && !text.body.contains("osprey"), "{}", text.body);

    let open = serving.ask("GET", "/metrics", &[("accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")]).answers(200);
    assert!(open.header("content-type").starts_with("application/openmetrics-text"), "{open:#?}");
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
}

#[test]
fn promtool_has_nothing_to_say_against_them() {
    let Some(promtool) = promtool() else {
        assert!(std::env::var_os("CI").is_none(), "promtool is missing; ./test fetches it");
        eprintln!("not checked: promtool is missing; ./test fetches it");
        return;
    };
    let (_scene, serving) = worked();
    let text = serving.get("/metrics").answers(200).body;
    let mut checking = Command::new(promtool);
    checking.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = checking.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let checked = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()).into_owned();
    assert!(checked.status.success() && said.is_empty(), "{said}\n{text}");
}

/// Where `./test` puts it, or wherever the machine has it.
fn promtool() -> Option<PathBuf> {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/prometheus/usr/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(fetched).chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join("promtool")).find(|program| program.is_file())
}
