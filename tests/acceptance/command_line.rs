//! Settings and usage: file, environment and flags, and 2 for what nobody can mean.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::World;

fn scene() -> Scene {
    Scene::new(World::of([1]), &Rules::new())
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest() {
    let scene = scene();
    scene.host.write("casebridge.yaml", "data_dir: var\nrule_dir: rules\n");
    for command in [&["sync", "hartwell"][..], &["check"], &["firm", "list"]] {
        let finished = scene.host.run(command).exits(2);
        assert!(finished.stderr.contains("rule_dir") && finished.stderr.contains("rules_dir"), "{}", finished.stderr);
        assert!(finished.stderr.contains("casebridge.yaml:2:1"), "{}", finished.stderr);
    }
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn the_environment_has_precedence_over_the_file() {
    let mut scene = scene();
    scene.host.write("casebridge.yaml", "rules_dir: nowhere\ndata_dir: nowhere-either\n");
    scene.host.set("CASEBRIDGE_RULES_DIR", "rules");
    scene.host.set("CASEBRIDGE_DATA_DIR", "elsewhere");
    scene.host.set("CASEBRIDGE_DATABASE_URL", "sqlite://elsewhere/store.db");

    let run = scene.sync().exits(0).run();
    assert!(run.text("report").contains("elsewhere"), "{}", run.text("report"));
    assert!(scene.host.path("elsewhere/store.db").exists() && !scene.host.path("nowhere-either").exists());
}

#[test]
fn another_settings_file_is_named_by_a_flag() {
    let scene = scene();
    std::fs::create_dir(scene.host.path("etc")).unwrap();
    std::fs::rename(scene.host.path("casebridge.yaml"), scene.host.path("etc/other.yaml")).unwrap();
    std::fs::rename(scene.host.path("rules"), scene.host.path("firms")).unwrap();
    scene.host.write("etc/other.yaml", "rules_dir: firms\ndata_dir: var\n");

    scene.sync().exits(2);
    scene.host.run(&["--config", "etc/other.yaml", "sync", "hartwell", "--json"]).exits(0);
    scene.host.run(&["--config", "etc/none.yaml", "sync", "hartwell", "--json"]).exits(2);
}

#[test]
fn everything_is_optional() {
    let scene = scene();
    std::fs::remove_file(scene.host.path("casebridge.yaml")).unwrap();
    let run = scene.sync().exits(0).run();
    assert_eq!(run.counts(&[("attempted", 1), ("unchanged", 1)]), ());
    assert!(scene.host.path("var/casebridge.db").exists());
}

#[test]
fn wrong_usage_is_2() {
    let scene = scene();
    for arguments in
        [&["snyc", "hartwell"][..], &["sync"], &["sync", "hartwell", "--cases", "1"], &["explain", "hartwell"], &["runs", "show"]]
    {
        scene.host.run(arguments).exits(2);
    }
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn people_read_text_and_programs_json() {
    let scene = scene();
    scene.vendors.world().peer(1)["stage"] = json!("Negotiation");
    let text = scene.host.run(&["sync", "hartwell"]).exits(0).stdout;
    assert!(text.contains("updated") && serde_json::from_str::<serde_json::Value>(&text).is_err(), "{text}");
}
