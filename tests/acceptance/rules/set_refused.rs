//! What `firm set` refuses: the file stays as it is, faults have their places, and no secret is shown.

use crate::rules::set::{FILE, PAUSED, scene, set, stamp};
use crate::support::host::Scene;
use crate::support::json::mentions;
use crate::support::process::Finished;
use crate::support::rules::line_of;

/// The command is refused with this exit code, and the file is the same file as before.
#[track_caller]
fn is_refused(scene: &Scene, settings: &[&str], code: i32) -> Finished {
    let before = (scene.host.read(FILE), stamp(&scene.host));
    let finished = set(&scene.host, settings).exits(code);
    assert_eq!((scene.host.read(FILE), stamp(&scene.host)), before);
    assert_eq!(scene.vendors.journal().len(), 0);
    finished
}

#[test]
fn what_would_not_be_in_order_is_refused_with_its_place() {
    let scene = scene(PAUSED);
    let lines = scene.host.read(FILE).lines().count();
    let nightly = line_of(&scene.host.read(FILE), "nightly_sync");
    for (setting, line, word) in [
        ("guard.max_stage_changes=250%", lines + 3, "250%"),
        ("limits.concurrency=many", line_of(&scene.host.read(FILE), "limits"), "whole number"),
        ("schedule.nightly_sync.enabled=off", nightly, "true or false"),
        ("schedule.nightly_sync.enabled=", nightly, "true or false"),
        ("schedule.nightly_sync.cron=0 25 * * *", nightly, "cron"),
        ("schedule.nightly_synk.enabled=true", nightly + 1, "nightly_sync"),
        ("schedule.nightly_sync.enable=true", nightly, "enabled"),
        ("sync.attributes=[stage, sttus]", lines + 3, "status"),
        ("sync.attributes=[stage", lines + 3, "list"),
        ("time_zone=America/New_Yrok", lines + 2, "America/New_York"),
        ("stages.map.0.to=3", line_of(&scene.host.read(FILE), "map:"), "list"),
        ("name.first=Ann", line_of(&scene.host.read(FILE), "name:"), "text"),
    ] {
        for arguments in [&[setting][..], &[setting, "--json"], &["limits.attempts=3", setting]] {
            let said = is_refused(&scene, arguments, 1).said();
            assert!(
                said.contains(&format!("{FILE}:{line}:")) || said.contains(&format!("\"line\":{line},")),
                "{setting}: {line} in\n{said}"
            );
            assert!(said.contains(word), "{setting}: {word} in\n{said}");
        }
    }
    let told = is_refused(&scene, &["guard.max_stage_changes=250%", "--json"], 1).json();
    assert!(mentions(&told, "250%"), "{told:#}");
}

#[test]
fn an_edit_may_mend_a_file_but_not_leave_it_broken() {
    let scene = scene("guard: { max_stage_changes: 250%, from_cases: -1 }\n");
    let line = line_of(&scene.host.read(FILE), "guard");
    let said = is_refused(&scene, &["guard.max_stage_changes=25%"], 1).said();
    assert!(said.contains(&format!("{FILE}:{line}:")) && !said.contains("250%"), "{said}");
    set(&scene.host, &["guard.max_stage_changes=25%", "guard.from_cases=10"]).exits(0);
    scene.host.run(&["check"]).exits(0);
}

#[test]
fn a_key_is_never_written_out_and_never_shown() {
    let mut scene = scene("");
    for setting in [
        "connections.casepeer.key=plain-4711",
        "connections.casepeer.key=\"plain-4711\"",
        "connections.casepeer.kee=plain-4711",
        "connections.casepeer={ key: plain-4711 }",
        "connections.casepeer={ key: plain-4711",
        "connections.casepeer=plain-4711",
        "connections.casepeer.key.is=plain-4711",
        "connections.case_status.webhook_secret=[plain-4711]",
        "key=plain-4711",
    ] {
        for arguments in [&[setting][..], &[setting, "--json"]] {
            let said = is_refused(&scene, arguments, 1).said();
            assert!(!said.contains("plain-4711"), "{setting}\n{said}");
        }
    }
    // What is no KEY=VALUE is not shown either.
    for arguments in [&["connections.casepeer.key", "plain-4711"][..], &["connections.casepeer.key=x", "plain-4711"], &["=plain-4711"]] {
        let said = is_refused(&scene, arguments, 2).said();
        assert!(!said.contains("plain-4711"), "{said}");
    }
    is_refused(&scene, &["connections.casepeer.key=${env:HARTWELL_NOT_SET}"], 1);

    let before = scene.host.read(FILE);
    let key = scene.vendors.world().casepeer_key.clone();
    scene.host.set("HARTWELL_OTHER_KEY", &key);
    let said = set(&scene.host, &["connections.casepeer.key=${env:HARTWELL_OTHER_KEY}"]).exits(0).said();
    assert!(!said.contains(&key), "{said}");
    assert_eq!(scene.host.read(FILE), before.replace("${env:HARTWELL_CASEPEER_KEY}", "${env:HARTWELL_OTHER_KEY}"));
    scene.sync().exits(0);

    // A key that somebody wrote into the file can be replaced, and is not told as what was there.
    scene.host.write(FILE, &before.replace("${env:HARTWELL_CASEPEER_KEY}", "plain-4711"));
    let finished = set(&scene.host, &["connections.casepeer.key=${env:HARTWELL_OTHER_KEY}", "--json"]).exits(0);
    assert!(!finished.said().contains("plain-4711"), "{}", finished.said());
    assert_eq!(finished.json()["changes"][0]["after"], "${env:HARTWELL_OTHER_KEY}");
}

#[test]
fn an_unknown_firm_and_wrong_usage_are_2() {
    let scene = scene("");
    let said = scene.host.run(&["firm", "set", "hartwel", "name=X"]).exits(2).said();
    assert!(said.contains("hartwel") && said.contains("hartwell"), "{said}");
    for firm in ["../rules/hartwell", "_defaults", "hartwell.yaml"] {
        scene.host.run(&["firm", "set", firm, "name=X"]).exits(2);
    }
    for settings in [&[][..], &["name"], &["a..b=1"], &["a.\"b=1"]] {
        is_refused(&scene, settings, 2);
    }
    is_refused(&scene, &["name=X", "name=Z"], 1);
    scene.host.run(&["--rules-dir", "nowhere", "firm", "set", "hartwell", "name=X"]).exits(2);
}
