//! Sealed secrets: set from standard input, opened by the key that sealed them, listed without their values, in no file as they are.

use serde_json::json;

use crate::support::host::{Host, Scene, has};
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::vendors::{Vendor, World};

const FILE: &str = "rules/hartwell.yaml";

/// A host with a key of its own to seal with, and a firm whose keys are to be sealed secrets and are not yet.
pub fn unsealed(rules: &Rules) -> Scene {
    let mut scene = Scene::new(World::of(1..=3), rules);
    let text = scene.host.read(FILE);
    let text = text.replace("${env:HARTWELL_CASEPEER_KEY}", "${secret:hartwell/casepeer}");
    scene.host.write(FILE, &text.replace("${env:HARTWELL_CASE_STATUS_KEY}", "${secret:hartwell/case-status}"));
    scene.host.unset("HARTWELL_CASEPEER_KEY");
    scene.host.unset("HARTWELL_CASE_STATUS_KEY");
    scene.host.set("CASEBRIDGE_SEAL_KEY", "${env:SEAL}");
    let key = new_key(&scene.host);
    scene.host.set("SEAL", &key);
    scene
}

/// The same, its secrets set.
pub fn sealed(rules: &Rules) -> Scene {
    let scene = unsealed(rules);
    let [casepeer, case_status] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    set(&scene.host, "hartwell/case-status", &case_status).exits(0);
    scene
}

/// The keys that the vendors take.
pub fn keys(scene: &Scene) -> [String; 2] {
    let world = scene.vendors.world();
    [world.casepeer_key.clone(), world.case_status_key.clone()]
}

pub fn set(host: &Host, name: &str, value: &str) -> Finished {
    host.run_with_input(&format!("{value}\n"), &["secret", "set", name])
}

fn new_key(host: &Host) -> String {
    host.run(&["secret", "new-key"]).exits(0).stdout.trim_end().to_owned()
}

/// Neither said nor in a file.
#[track_caller]
pub fn is_nowhere(host: &Host, value: &str, said: &[&Finished]) {
    for finished in said {
        assert!(!finished.said().contains(value), "{}", finished.said());
    }
    for (file, bytes) in host.kept() {
        assert!(!has(&bytes, value), "a secret is in {}", file.display());
    }
}

/// `check` finds a fault that says this, for each of the firm's two keys.
#[track_caller]
fn is_at_fault(scene: &Scene, words: &[&str]) {
    let checked = scene.host.run(&["check", "--json"]).exits(1);
    let value = checked.json();
    let faults = value["diagnostics"].as_array().unwrap();
    assert_eq!(faults.len(), 2, "{value:#}");
    for fault in faults {
        for word in words {
            assert!(fault.to_string().contains(word), "{word:?}: {fault:#}");
        }
        assert!(fault.to_string().contains("hartwell.yaml"), "{fault:#}");
    }
}

#[test]
fn commands_reach_the_vendors_by_sealed_keys() {
    let mut scene = sealed(&Rules::new());
    scene.host.set("RUST_LOG", "trace");
    let mut said = vec![scene.host.run(&["check"]).exits(0)];
    for arguments in
        [&["plan", "hartwell"][..], &["sync", "hartwell"], &["firm", "show", "hartwell"], &["firm", "show", "hartwell", "--json"]]
    {
        said.push(scene.host.run(arguments).exits(0));
    }
    // What the mapping lacks is another matter: both keys are proved.
    let verified = scene.host.run(&["firm", "verify", "hartwell", "--json"]);
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        assert!(scene.vendors.journal().iter().any(|entry| entry.call.vendor == vendor), "{vendor:?} was not asked");
    }
    assert!(scene.vendors.journal().iter().all(|entry| entry.status != Some(401)));
    said.push(verified);
    said.push(scene.host.run(&["secret", "list"]).exits(0));
    said.push(scene.host.run(&["secret", "list", "--json"]).exits(0));
    let said: Vec<&Finished> = said.iter().collect();
    keys(&scene).iter().for_each(|key| is_nowhere(&scene.host, key, &said));
}

#[test]
fn nothing_of_a_secret_is_in_a_file_or_an_answer() {
    let scene = unsealed(&Rules::new());
    let mut said = vec![set(&scene.host, "one", "plain-value-4711").exits(0)];
    said.push(scene.host.run_with_input("plain-value-4712", &["secret", "set", "one", "--json"]).exits(0));
    let again = said[1].json();
    assert_eq!(json!([again["name"], again["replaced"]]), json!(["one", true]));
    set(&scene.host, "two", "plain-value-4713").exits(0);

    let listed = scene.host.run(&["secret", "list", "--json"]).exits(0);
    let value = listed.json();
    let names: Vec<_> = value.as_array().unwrap().iter().map(|secret| json!([secret["name"], secret["fault"]])).collect();
    assert_eq!(names, [json!(["one", null]), json!(["two", null])]);
    assert_eq!(value[0]["set_at"], again["set_at"]);
    said.push(listed);
    said.push(scene.host.run(&["secret", "list"]).exits(0));
    assert!(said.last().unwrap().stdout.contains("two"));

    let removed = scene.host.run(&["secret", "remove", "two", "--json"]).exits(0);
    assert_eq!(removed.json(), json!({ "name": "two", "removed": true }));
    said.push(removed);
    scene.host.run(&["secret", "remove", "two"]).exits(2);
    scene.host.run(&["secret", "remove", "one"]).exits(0);
    assert_eq!(scene.host.run(&["secret", "list", "--json"]).exits(0).json(), json!([]));
    let said: Vec<&Finished> = said.iter().collect();
    for value in ["plain-value-4711", "plain-value-4712", "plain-value-4713"] {
        is_nowhere(&scene.host, value, &said);
    }
}

#[test]
fn who_set_and_removed_a_secret_is_written_down() {
    let scene = unsealed(&Rules::new());
    set(&scene.host, "one", "plain-value-4711").exits(0);
    set(&scene.host, "one", "plain-value-4712").exits(0);
    scene.host.run(&["secret", "remove", "one"]).exits(0);
    let asked = "select action, subject, case when before is null then 'first' else 'again' end from audit order by id";
    let lines = crate::support::store::lines(&scene.host, asked, &[]);
    assert_eq!(lines, [["secret_set", "one", "first"], ["secret_set", "one", "again"], ["secret_removed", "one", "first"]]);
}

#[test]
fn what_is_no_secret_is_refused_and_not_repeated() {
    let scene = unsealed(&Rules::new());
    for (value, name) in [("", "one"), ("two words", "one"), ("plain-4711\u{e9}", "one"), ("plain-4711", "Upper"), ("plain-4711", "")] {
        let refused = set(&scene.host, name, value).exits(2);
        assert!(
            refused.stdout.is_empty() && !refused.stderr.contains("4711") && !refused.stderr.contains("two words"),
            "{}",
            refused.said()
        );
    }
    // Whoever types it where others can read it is not shown it once more.
    for arguments in [&["secret", "set", "one", "plain-4711"][..], &["secret", "set", "plain-4711-IN-PLACE-OF-A-NAME"]] {
        let refused = scene.host.run(arguments).exits(2);
        assert!(!refused.said().contains("4711"), "{}", refused.said());
    }
    assert_eq!(scene.host.run(&["secret", "list", "--json"]).exits(0).json(), json!([]));
}

#[test]
fn a_new_key_is_printed_alone() {
    let host = Host::new();
    let printed = host.run(&["secret", "new-key"]).exits(0);
    assert_eq!(printed.stderr, "");
    let key = printed.stdout.strip_suffix('\n').unwrap();
    assert!(key.len() == 64 && key.bytes().all(|letter| letter.is_ascii_hexdigit()), "{key:?}");
    assert_ne!(new_key(&host), key);
    assert!(host.run(&["secret", "new-key", "--json"]).exits(0).json()["key"].is_string());
    // It is the operator's to keep.
    assert!(!host.path("var").exists());
}

#[test]
fn a_secret_that_is_not_there_is_a_fault_at_its_line() {
    let scene = unsealed(&Rules::new());
    is_at_fault(&scene, &["is sealed in the store", "casebridge secret set hartwell/case"]);
    // Looking for it makes no store where that is a file.
    assert!(!scene.host.path("var/casebridge.db").exists());
    scene.sync().exits(2);
    scene.host.write(FILE, &scene.host.read(FILE).replace("secret:hartwell/case", "secret:hartwell/Case "));
    is_at_fault(&scene, &["no secret can be called"]);
}

#[test]
fn another_seal_key_opens_nothing_and_says_so() {
    let mut scene = sealed(&Rules::new());
    let (right, other) = (new_key(&scene.host), new_key(&scene.host));
    scene.host.set("SEAL", &other);
    is_at_fault(&scene, &["was sealed with another key: set it again"]);
    let listed = scene.host.run(&["secret", "list", "--json"]).exits(0).json();
    assert!(listed[0]["fault"].as_str().unwrap().contains("another key"), "{listed:#}");

    // Set again, they open by the new one.
    let [casepeer, case_status] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    set(&scene.host, "hartwell/case-status", &case_status).exits(0);
    scene.host.run(&["check"]).exits(0);

    for (key, words) in [("abcd", "is no key"), (&right[1..], "is no key"), ("", "SEAL is empty")] {
        scene.host.set("SEAL", key);
        is_at_fault(&scene, &["`seal_key`", words]);
        let refused = set(&scene.host, "one", "plain-4711").exits(2);
        assert!(refused.stderr.contains(words), "{}", refused.said());
    }
    scene.host.unset("SEAL");
    is_at_fault(&scene, &["`seal_key`", "SEAL is not set"]);
    scene.host.unset("CASEBRIDGE_SEAL_KEY");
    is_at_fault(&scene, &["no `seal_key` is set", "casebridge secret new-key"]);
    assert!(set(&scene.host, "one", "plain-4711").exits(2).stderr.contains("no `seal_key` is set"));
}

#[test]
fn the_seal_key_may_be_in_a_file_and_must_not_be_in_the_settings() {
    let mut scene = unsealed(&Rules::new());
    let key = new_key(&scene.host);
    scene.host.unset("CASEBRIDGE_SEAL_KEY");
    let settings = scene.host.read("casebridge.yaml");
    scene.host.write("casebridge.yaml", &format!("{settings}secrets_dir: secrets\nseal_key: \"${{file:seal}}\"\n"));
    scene.host.folder("secrets");
    scene.host.write("secrets/seal", &format!("{key}\n"));
    let [casepeer, case_status] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    set(&scene.host, "hartwell/case-status", &case_status).exits(0);
    scene.sync().exits(0);

    scene.host.write("casebridge.yaml", &format!("{settings}seal_key: {key}\n"));
    let refused = scene.host.run(&["check"]).exits(2);
    assert!(refused.stderr.contains("`seal_key`") && !refused.said().contains(&key), "{}", refused.said());
    scene.host.write("casebridge.yaml", &settings);
    scene.host.set("CASEBRIDGE_SEAL_KEY", &key);
    let refused = scene.host.run(&["check"]).exits(2);
    assert!(refused.stderr.contains("CASEBRIDGE_SEAL_KEY") && !refused.said().contains(&key), "{}", refused.said());
}

#[test]
fn a_row_that_is_moved_to_another_name_does_not_open() {
    let scene = sealed(&Rules::new());
    let swap = "update sealed_secrets set sealed = (select sealed from sealed_secrets where name = 'hartwell/casepeer')";
    crate::support::store::execute(&scene.host, swap, &[]);
    let checked = scene.host.run(&["check", "--json"]).exits(1).json();
    let faults = checked["diagnostics"].as_array().unwrap();
    assert_eq!(faults.len(), 1, "{checked:#}");
    assert!(faults[0]["message"].as_str().unwrap().contains("`hartwell/case-status` was altered"), "{checked:#}");
}

#[test]
fn a_look_at_rules_leaves_no_store_behind() {
    let scene = Scene::new(World::of([1]), &Rules::new());
    scene.host.run(&["check"]).exits(0);
    assert!(!scene.host.path("var/casebridge.db").exists());
}
