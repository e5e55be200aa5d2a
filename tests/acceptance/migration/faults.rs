//! Scripts with faults: found before they run, or told with file, line, firm and case; a vendor's no is one case's, a revoked key the run's.

use serde_json::json;

use crate::support::host::{Scene, has};
use crate::support::json::{mentions, values_of};
use crate::support::rules::Rules;
use crate::support::vendors::{Fault, Vendor, World, patch_of};

/// Ten connected cases and this script.
fn scene(script: &str) -> Scene {
    let scene = Scene::new(World::of(1..=10), &Rules::new());
    scene.script(script);
    scene
}

#[test]
fn a_fault_names_its_file_and_line_the_firm_and_the_case() {
    let faults = [
        ("let c = if casepeer.get_case(7).id == 7 { casepeer.get_case(7) } else { 1 };\nlet x = c.stge;", 2, "stge"),
        ("casepeer.get_case(7);\nthrow \"enough of it\";", 2, "enough of it"),
        ("fn look(id) {\n    let c = case_status.get_case(id);\n    c.client + 1 / 0\n}\nlook(7);", 3, "1 / 0"),
        ("casepeer.get_case(7);\ncase_status.update_case(7, #{ stge: 3 });", 2, "did you mean `stage`"),
        ("casepeer.get_case(7);\ncase_status.update_case(7, #{ stage: 13 });", 2, "1 to 12"),
        ("casepeer.get_case(7);\ncasepeer.get_case(\"seven\");", 2, "case number"),
        ("casepeer.get_case(7);\ncasepeer.list_cases(#{ conected: true });", 2, "connected"),
        ("let c = casepeer.get_case(7);\nc.stage = \"Intake\";", 2, "stage"),
        ("let n = casepeer.get_case(7).id;\nrun.max_effects(-n);", 2, "from 0"),
    ];
    for (script, line, word) in faults {
        let scene = scene(script);
        let run = scene.run_script(&[]).exits(1).run();

        assert_eq!(run.status(), "failed", "{script}");
        let reason = run.text("reason");
        let quoted = script.lines().nth(line - 1).unwrap().trim();
        for part in [&format!("scripts/work.rhai:{line}: "), quoted, word, "hartwell", "case 7"] {
            assert!(reason.contains(part), "{part} in {reason}");
        }
    }
}

#[test]
fn a_fault_in_a_module_names_the_module() {
    let scene = scene("import \"parts/words\" as words;\nwords::check(casepeer.get_case(7));");
    scene.host.folder("scripts/parts");
    scene.host.write("scripts/parts/words.rhai", "fn check(c) {\n    c.stage + 1 / 0\n}\n");
    let run = scene.run_script(&[]).exits(1).run();
    assert!(run.text("reason").contains("scripts/parts/words.rhai:2: "), "{}", run.text("reason"));
}

#[test]
fn a_faulty_script_is_not_begun() {
    let faulty = [
        ("let x = ;", 1, "Rhai"),
        ("let x = 1;\ncasepeer.list_case(#{});", 2, "did you mean `list_cases`"),
        ("let x = 1;\nlog.info(y);", 2, "`y`"),
        ("let x = 1;\nlet sync = 2;", 2, "reserved"),
        ("let c = casepeer.get_case(7);\nlet x = c.stge;", 2, "did you mean `stage`"),
        ("let x = 1;\neval(\"x\");", 2, "eval"),
        ("import \"../rules\" as rules;", 1, "scripts folder"),
    ];
    for (script, line, word) in faulty {
        let scene = scene(script);
        let finished = scene.run_script(&["--apply"]).exits(2);

        let told = finished.json();
        assert!(mentions(&told, "scripts/work.rhai") && mentions(&told, word), "{word} in {told:#}");
        assert_eq!(values_of(&told, "line"), [&json!(line)], "{told:#}");
        assert!(finished.stderr.contains(&format!("scripts/work.rhai:{line}:")), "{}", finished.stderr);
        assert_eq!(scene.vendors.journal().len(), 0);
        assert_eq!(scene.host.run(&["runs", "list", "--json"]).exits(0).json(), json!([]));
    }
}

#[test]
fn a_script_is_named_within_its_folder() {
    let scene = scene("1");
    scene.host.folder("scripts/parts");
    scene.host.write("scripts/parts/more.rhai", "2");
    scene.host.write("outside.rhai", "3");
    std::os::unix::fs::symlink(scene.host.path("outside.rhai"), scene.host.path("scripts/link.rhai")).unwrap();
    let run = |script: &str| scene.host.run(&["run", script, "--firm", "hartwell", "--json"]);

    for (named, answer) in [("work.rhai", "1"), ("scripts/work.rhai", "1"), ("./scripts/work.rhai", "1"), ("parts/more.rhai", "2")] {
        assert_eq!(run(named).exits(0).run().text("answer"), answer, "{named}");
    }
    let absolute = scene.host.path("outside.rhai").display().to_string();
    for named in ["../outside.rhai", "outside.rhai", "parts/../../outside.rhai", "link.rhai", &absolute] {
        run(named).exits(2);
    }
    assert!(run("wrok.rhai").exits(2).stderr.contains("did you mean `work.rhai`"));
}

#[test]
fn what_a_vendor_refuses_is_one_cases_trouble() {
    let script =
        "for id in 1..=3 {\n    let done = case_status.update_case(id, #{ stage: 4 });\n    log.info(`${done.ok} ${done.result}`);\n}";
    let scene = scene(script);
    scene.vendors.always(Fault::Refused(422), patch_of(2));

    let run = scene.run_script(&["--apply"]).exits(1).run();

    assert_eq!(run.status(), "partial");
    run.counts(&[("attempted", 3), ("updated", 2), ("failed", 1)]);
    run.row(2).blames("422");
    let said: Vec<_> = run.0["log"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["true updated", "false failed", "true updated"]);
}

#[test]
fn what_a_listing_cannot_show_is_said() {
    let scene = scene("let n = casepeer.list_cases().len() + case_status.list_cases().len();\nn + case_status.list_messages().len()");
    {
        let mut world = scene.vendors.world();
        world.message(1, "from_client", "Hello");
        world.message(1, "from_client", "Hello?");
        world.peer(7)["client"] = json!("Jane");
        world.status(8)["stage"] = json!("three");
        world.messages[1]["direction"] = json!("sideways");
    }
    let run = scene.run_script(&[]).exits(0).run();
    assert_eq!(run.text("answer"), "19");
    let log = run.0["log"].as_array().unwrap();
    let texts: Vec<&str> = log.iter().filter(|line| line["level"] == "warn").map(|line| line["text"].as_str().unwrap()).collect();
    for (text, part) in texts.iter().zip(["7", "cs-8", "msg-2"]) {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(texts.len(), 3);
}

#[test]
fn what_cannot_be_read_can_be_caught() {
    let caught = "let n = 0;\ntry { n = casepeer.list_cases().len(); } catch (why) { log.warn(why); }\ncase_status.list_cases().len() + n";
    let mut scene = scene(caught);
    scene.host.firm("hartwell", &scene.vendors, &Rules::new().resigned());
    scene.vendors.always(Fault::Refused(500), |call| call.is(Vendor::Casepeer, "GET", "/cases"));

    let run = scene.run_script(&[]).exits(0).run();

    assert_eq!(run.text("answer"), "10");
    assert!(run.0["log"][0]["text"].as_str().unwrap().contains("500"), "{:#}", run.0);
}

#[test]
fn a_revoked_key_ends_the_run_whatever_the_script_catches() {
    let script = "for id in 1..=10 {\n    try { case_status.update_case(id, #{ stage: 4 }); } catch { }\n}\n\"all done\"";
    let scene = scene(script);
    // The key was good when the run began.
    scene.vendors.always(Fault::Unauthorized, patch_of(3));
    scene.vendors.after(1, u32::MAX, Fault::Unauthorized, |call| call.path == "/firm");

    let run = scene.run_script(&["--apply"]).exits(1).run();

    assert_eq!(run.status(), "failed");
    assert!(run.text("reason").contains("key") && run.0["answer"].is_null(), "{:#}", run.0);
    run.counts(&[("attempted", 3), ("updated", 2), ("failed", 1)]);
    let journal = scene.vendors.journal();
    let last: Vec<&str> = journal[journal.len() - 2..].iter().map(|entry| entry.call.path.as_str()).collect();
    assert_eq!(last, ["/cases/cs-3", "/firm"], "nothing is asked after it but for the proof of the key");
    // With a key that holds, the same run goes on.
    scene.vendors.mend();
    let again = scene.run_script(&["--apply"]).exits(0).run();
    assert_eq!(again.id(), run.id());
    again.counts(&[("attempted", 10), ("updated", 10)]);
    assert!(scene.vendors.journal().stages_applied().values().all(|times| *times == 1));
}

#[test]
fn keys_are_in_nothing_that_a_script_sees_or_says() {
    let mut scene = scene("");
    scene.host.set("RUST_LOG", "trace");
    scene.vendors.always(Fault::Unauthorized, |call| call.path.ends_with("/8"));
    let keys = {
        let world = scene.vendors.world();
        [world.casepeer_key.clone(), world.case_status_key.clone()]
    };
    let keeps = |script: &str| {
        scene.script(script);
        let finished = scene.run_script(&["--apply"]).exits(1);
        for key in &keys {
            assert!(!finished.said().contains(key), "{}", finished.said());
            for file in scene.host.files() {
                let bytes = std::fs::read(&file).unwrap();
                assert!(!has(&bytes, key), "a key is in {}", file.display());
            }
        }
    };
    keeps("log.info(`${firm} ${run} ${casepeer} ${case_status} ${log}`);\nlet c = casepeer.get_case(7);\nc.stage + 1 / 0");
    keeps("case_status.update_case(8, #{ stage: 4 });");
}
