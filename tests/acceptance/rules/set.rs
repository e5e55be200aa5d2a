//! `firm set`: keys of a firm's file change in place, and only to what its rules can be.

use std::fs;

use serde_json::json;

use crate::support::host::{Host, Scene};
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::World;

/// The firm's file.
pub const FILE: &str = "rules/hartwell.yaml";

/// A firm whose file has comments wherever people put them, and these lines at its end.
pub fn scene(rest: &str) -> Scene {
    let scene = Scene::new(World::of([1]), &Rules::new().without("messages"));
    let rules = scene.host.read(FILE);
    scene.host.write(FILE, &format!("# Hartwell, since 2024\n\n{rules}{rest}"));
    scene
}

/// A schedule and a message prefix, with comments about both.
pub const PAUSED: &str = "
schedule:
  nightly_sync: { enabled: false, cron: \"0 22 * * *\" }  # paused at the firm's request

  # and this stays
messages:
  note_prefix: \"[Case Status] \"   # agreed with reyes
";

/// `firm set hartwell …` to its end.
pub fn set(host: &Host, settings: &[&str]) -> Finished {
    host.run(&[&["firm", "set", "hartwell"], settings].concat())
}

/// When the file was written, and which it is.
pub fn stamp(host: &Host) -> (std::time::SystemTime, u64) {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(host.path(FILE)).unwrap();
    (metadata.modified().unwrap(), metadata.ino())
}

fn revision(host: &Host) -> String {
    let told = host.run(&["check", "hartwell", "--json"]).exits(0).json();
    told["firms"][0]["revision"].as_str().unwrap().to_owned()
}

#[test]
fn a_value_changes_and_nothing_beside_it() {
    let scene = scene(PAUSED);
    let before = scene.host.read(FILE);
    let finished = set(&scene.host, &["schedule.nightly_sync.enabled=true", "--json"]).exits(0);
    assert_eq!(scene.host.read(FILE), before.replace("enabled: false", "enabled: true"));
    assert_eq!(
        finished.json(),
        json!({
            "firm": "hartwell",
            "changes": [{ "key": "schedule.nightly_sync.enabled", "before": false, "after": true }],
            "revision": revision(&scene.host),
        })
    );
    let shown = scene.host.run(&["firm", "show", "hartwell", "--json"]).exits(0).json();
    assert_eq!(shown["schedule"]["nightly_sync"], json!({ "enabled": true, "cron": "0 22 * * *", "catch_up": "6h" }));
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn several_keys_change_at_once_and_missing_ones_are_added() {
    let scene = scene(PAUSED);
    let before = scene.host.read(FILE);
    let settings = [
        "guard.max_stage_changes=10%",
        "guard.from_cases=5",
        "schedule.nightly_sync.catch_up=2h",
        "messages.note_prefix=[CS] ",
        "limits.attempts=3",
    ];
    let said = set(&scene.host, &settings).exits(0).stdout;
    for told in ["rules/hartwell.yaml", "guard.max_stage_changes", "10%", "\"[Case Status] \" → \"[CS] \"", "catch_up", "limits.attempts"]
    {
        assert!(said.contains(told), "{told} in\n{said}");
    }
    let after = before
        .replace("\"0 22 * * *\" }", "\"0 22 * * *\", catch_up: 2h }")
        .replace("[Case Status] ", "[CS] ")
        .replace("{ requests_per_second: 100000 }", "{ requests_per_second: 100000, attempts: 3 }");
    let added = "\nguard:\n  max_stage_changes: 10%\n  from_cases: 5\n";
    assert_eq!(scene.host.read(FILE), format!("{after}{added}"));
    scene.host.run(&["check"]).exits(0);
}

#[test]
fn what_is_set_is_what_runs_go_by() {
    let scene = scene("");
    scene.vendors.world().peer(1)["description"] = json!("Another");
    scene.vendors.world().peer(1)["case_number"] = json!("PI-9");
    set(&scene.host, &["sync.attributes=[stage, description]"]).exits(0);
    assert!(scene.host.read(FILE).ends_with("\nsync:\n  attributes: [stage, description]\n"));
    let run = scene.sync().exits(0).run();
    assert_eq!(run.counts(&[("attempted", 1), ("updated", 1)]), ());
    assert!(run.row(1).changes().contains("description"));
    assert!(!run.row(1).changes().contains("readable_id"));
}

#[test]
fn the_same_value_touches_nothing() {
    let scene = scene(PAUSED);
    let before = (scene.host.read(FILE), stamp(&scene.host));
    for setting in ["schedule.nightly_sync.enabled=false", "messages.note_prefix=[Case Status] ", "messages.note_prefix='[Case Status] '"] {
        let said = set(&scene.host, &[setting]).exits(0).stdout;
        assert!(said.contains("already"), "{said}");
        let told = set(&scene.host, &[setting, "--json"]).exits(0).json();
        assert_eq!(told, json!({ "firm": "hartwell", "changes": [], "revision": revision(&scene.host) }));
    }
    assert_eq!((scene.host.read(FILE), stamp(&scene.host)), before);
}

#[test]
fn links_and_modes_stay_and_nothing_is_left_behind() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let scene = scene("");
    scene.host.folder("shared");
    let (link, target) = (scene.host.path(FILE), scene.host.path("shared/hartwell-rules"));
    fs::rename(&link, &target).unwrap();
    symlink("../shared/hartwell-rules", &link).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();

    set(&scene.host, &["name=Hartwell & Co."]).exits(0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&target).unwrap().contains("name: Hartwell & Co.\n"));
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    set(&scene.host, &["name="]).exits(1);
    for (folder, names) in [("rules", ["hartwell.yaml"]), ("shared", ["hartwell-rules"])] {
        let found: Vec<_> = fs::read_dir(scene.host.path(folder)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(found, names);
    }
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    let scene = scene(PAUSED);
    let before = format!("\u{feff}{}", scene.host.read(FILE).replace('\n', "\r\n"));
    scene.host.write(FILE, &before);
    set(&scene.host, &["schedule.nightly_sync.enabled=true", "guard.from_cases=5"]).exits(0);
    let after = before.replace("enabled: false", "enabled: true");
    assert_eq!(scene.host.read(FILE), format!("{after}\r\nguard:\r\n  from_cases: 5\r\n"));
}

#[test]
fn edits_at_the_same_time_are_all_kept() {
    let scene = scene(PAUSED);
    let settings = [
        "guard.max_stage_changes=10%",
        "guard.from_cases=5",
        "limits.attempts=3",
        "limits.timeout=5s",
        "schedule.nightly_sync.enabled=true",
        "schedule.stage_sync.enabled=false",
        "messages.skip_own=false",
        "sync.reopen=true",
    ];
    let running: Vec<_> = settings.iter().map(|setting| scene.host.start(&["firm", "set", "hartwell", setting])).collect();
    for running in running {
        running.wait().exits(0);
    }
    let before = scene.host.read(FILE);
    set(&scene.host, &settings).exits(0);
    assert_eq!(scene.host.read(FILE), before);
}
