//! `check` and `schema`: all faults of all files in one go, each with its place; secrets masked; bombs refused.

use serde_json::Value;

use crate::support::host::Scene;
use crate::support::json::{mentions, values_of};
use crate::support::rules::{Rules, line_of};
use crate::support::vendors::{Vendors, World};

/// A firm file line by line; with a faulty line stands what must be said of it besides its place, if anything must.
const LINES: [(&str, Option<&str>); 21] = [
    ("name: Osprey", None),
    ("connections:", None),
    ("  casepeer: { base_url: \"http://127.0.0.1:1\", key: \"${env:OSPREY_MISSING_KEY}\" }", Some("OSPREY_MISSING_KEY")),
    ("  case_status: { base_url: \"http://127.0.0.1:1\", key: \"${env:OSPREY_CASE_STATUS_KEY}\" }", None),
    ("  case_statsu: { base_url: \"http://127.0.0.1:1\" }", Some("case_status")),
    ("stages:", None),
    ("  map:", None),
    ("    - { casepeer: Intake, to: 13 }", Some("12")),
    ("    - { casepeer: Treating, to: 3 }", None),
    ("    - { casepeer: Treating, to: 4 }", Some("Treating")),
    ("    - { casepeer: Litigation, to: 0 }", Some("12")),
    ("    - { casepeer: Settlement, to: many }", Some("")),
    ("time_zone: America/New_Yrok", Some("")),
    ("schedule:", None),
    ("  nightly_sync: { cron: \"0 25 * * *\" }", Some("")),
    ("guard:", None),
    ("  max_stage_changes: 250%", Some("")),
    ("sync:", None),
    ("  reopen: sometimes", Some("")),
    ("  atributes: [stage]", Some("attributes")),
    ("limits: { concurency: 3 }", Some("concurrency")),
];

/// All of it as a file.
fn faulty() -> String {
    LINES.map(|(line, _)| format!("{line}\n")).concat()
}

/// The numbers of the faulty lines, each with what must be said of it.
fn faults() -> impl Iterator<Item = (usize, &'static str)> {
    (1..).zip(LINES).filter_map(|(number, (_, said))| Some((number, said?)))
}

fn scene() -> Scene {
    Scene::new(World::of([1]), &Rules::new())
}

/// Whether `text` has `rules/osprey.yaml:LINE:` and then a column.
fn places(text: &str, file: &str, line: usize) -> bool {
    let place = format!("{file}:{line}:");
    text.match_indices(&place).any(|(at, _)| text[at + place.len()..].starts_with(|next: char| ('1'..='9').contains(&next)))
}

#[test]
fn good_rules_have_no_fault() {
    let scene = scene();
    scene.host.run(&["check"]).exits(0);
    scene.host.run(&["check", "hartwell"]).exits(0);
    scene.host.run(&["check", "--json"]).exits(0).json();
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn every_fault_of_every_file_is_told_with_its_place() {
    let mut scene = scene();
    scene.host.set("OSPREY_CASE_STATUS_KEY", "csk-of-osprey");
    scene.host.write("rules/osprey.yaml", &faulty());
    scene.host.write("rules/merlin.yaml", "name: Merlin\nnmae: Merlin\n");
    scene.host.write("rules/_defaults.yaml", "guard:\n  from_cases: plenty\n");

    let said = scene.host.run(&["check"]).exits(1).said();
    for (line, word) in faults() {
        assert!(places(&said, "rules/osprey.yaml", line), "line {line}, {word}, in\n{said}");
        assert!(said.contains(word), "{word} in\n{said}");
    }
    assert!(said.contains("rules/merlin.yaml:2:1"), "{said}");
    assert!(places(&said, "rules/_defaults.yaml", 2), "{said}");
    assert!(!said.contains("rules/hartwell.yaml"), "{said}");
}

#[test]
fn a_program_reads_the_same_faults() {
    let mut scene = scene();
    scene.host.set("OSPREY_CASE_STATUS_KEY", "csk-of-osprey");
    scene.host.write("rules/osprey.yaml", &faulty());
    scene.host.write("rules/merlin.yaml", "name: Merlin\nnmae: Merlin\n");

    let told = scene.host.run(&["check", "--json"]).exits(1).json();
    let lines: Vec<&Value> = values_of(&told, "line");
    let texts = told.to_string();
    for (line, word) in faults() {
        assert!(lines.iter().any(|told| **told == line) || places(&texts, "rules/osprey.yaml", line), "line {line}, {word}, in\n{told:#}");
        assert!(mentions(&told, word), "{word} in\n{told:#}");
    }
    assert!(mentions(&told, "rules/osprey.yaml") && mentions(&told, "rules/merlin.yaml"), "{told:#}");
}

#[test]
fn a_key_twice_is_a_fault() {
    let scene = scene();
    scene
        .host
        .write("rules/osprey.yaml", "name: Osprey\nguard: { from_cases: 5 }\ntime_zone: America/New_York\nguard: { from_cases: 6 }\n");
    let said = scene.host.run(&["check", "osprey"]).exits(1).said();
    assert!(places(&said, "rules/osprey.yaml", 4) && said.contains("guard"), "{said}");
}

#[test]
fn the_faulty_line_is_quoted_and_its_secrets_are_not() {
    let scene = scene();
    scene.host.write(
        "rules/osprey.yaml",
        "name: Osprey\nconnections:\n  casepeer: { base_url: 17, key: plain-key-4711, webhook_secret: plain-secret-4712, kee: 1 }\n",
    );
    for arguments in [&["check"][..], &["check", "--json"]] {
        let said = scene.host.run(arguments).exits(1).said();
        assert!(said.contains("kee"), "{said}");
        assert!(!said.contains("plain-key-4711") && !said.contains("plain-secret-4712"), "{said}");
    }
}

#[test]
fn secrets_stand_in_for_values_in_secret_fields_and_nowhere_else() {
    let mut scene = scene();
    scene.host.set("OSPREY_NAME", "plain-value-4713");
    let others = Vendors::boot(World::new());
    scene.host.firm("osprey", &others, &Rules::new().with("name", "\"${env:OSPREY_NAME}\""));
    let finished = scene.host.run(&["firm", "show", "osprey", "--json"]);
    assert!(!finished.said().contains("plain-value-4713"), "{}", finished.said());
}

#[test]
fn a_missing_secret_is_a_fault_and_a_file_may_hold_one() {
    let mut scene = scene();
    scene.host.unset("HARTWELL_CASEPEER_KEY");
    let said = scene.host.run(&["check"]).exits(1).said();
    let rules = scene.host.read("rules/hartwell.yaml");
    assert!(places(&said, "rules/hartwell.yaml", line_of(&rules, "HARTWELL_CASEPEER_KEY")), "{said}");

    let key = scene.vendors.world().casepeer_key.clone();
    std::fs::create_dir(scene.host.path("secrets")).unwrap();
    scene.host.write("secrets/hartwell-peer", &format!("{key}\n"));
    scene.host.write("rules/hartwell.yaml", &rules.replace("${env:HARTWELL_CASEPEER_KEY}", "${file:hartwell-peer}"));
    scene.host.set("CASEBRIDGE_SECRETS_DIR", "secrets");
    scene.host.run(&["check"]).exits(0);
    scene.sync().exits(0);

    // Nothing outside that folder is a secret.
    scene.host.write("rules/hartwell.yaml", &rules.replace("${env:HARTWELL_CASEPEER_KEY}", "${file:../casebridge.yaml}"));
    scene.host.run(&["check"]).exits(1);
}

#[test]
fn an_alias_bomb_is_refused() {
    let scene = scene();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{below}]\n");
    }
    scene.host.write("rules/osprey.yaml", &bomb);
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(said.contains("rules/osprey.yaml"), "{said}");
    assert!(said.len() < 100_000, "{} bytes said", said.len());
}

#[test]
fn a_file_over_a_mebibyte_is_refused() {
    let scene = scene();
    let rules = scene.host.read("rules/hartwell.yaml");
    let padded = |size: usize| format!("{rules}# {}\n", "x".repeat(size - rules.len() - 3));
    scene.host.write("rules/hartwell.yaml", &padded(1 << 20));
    scene.host.run(&["check"]).exits(0);
    scene.host.write("rules/hartwell.yaml", &padded((1 << 20) + 1));
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(said.contains("rules/hartwell.yaml") && said.contains("MiB"), "{said}");
}

#[test]
fn faulty_rules_are_not_run_and_stop_no_other_firm() {
    let mut scene = scene();
    let others = Vendors::boot(World::of([1]));
    scene.host.firm("osprey", &others, &Rules::new().with("guard", "{ max_stage_changes: 250% }"));

    let finished = scene.host.run(&["sync", "osprey", "--json"]);
    assert!(matches!(finished.code, Some(1 | 2)), "{}", finished.said());
    assert!(finished.stderr.contains("rules/osprey.yaml:"), "{}", finished.stderr);
    assert_eq!(others.journal().len(), 0);
    scene.sync().exits(0);
    scene.host.run(&["check", "hartwell"]).exits(0);
    scene.host.run(&["check", "osprey"]).exits(1);
}

#[test]
fn the_schema_knows_the_keys_of_a_firm_file() {
    let scene = scene();
    let schema = scene.host.run(&["schema"]).exits(0).json();
    let properties = schema["properties"].as_object().expect("properties");
    for key in ["name", "connections", "sync", "stages", "practice_areas", "validation", "schedule", "guard", "limits"] {
        assert!(properties.contains_key(key), "{key} in {schema:#}");
    }
    assert!(!values_of(&schema, "by_case_type").is_empty(), "{schema:#}");
}
