//! Files that cannot be read as they are.

use std::path::Path;

use casebridge::rules::ResolveContext;
use casebridge::ruleset::{RulesFolder, build, build_from, read_folder};
use casebridge::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};
use insta::assert_snapshot;

use super::{WithKeys, check, firm, generation, rendered, with_scripts};

fn surroundings() -> (WithKeys, RhaiConditions, RhaiHooks) {
    let hooks = RhaiHooks { folder: ScriptFolder::shipped("scripts", &[]), limits: ScriptLimits::default() };
    (WithKeys::default(), RhaiConditions::default(), hooks)
}

#[test]
fn syntax() {
    let broken = [
        "name: [a\n",
        "name: a\n\tsync: {}\n",
        "name: a\n  b: c\n d: e\n",
        "name: \"a\n",
        "a: &x [*x]\n",
        "- a\n- b\n",
        "just text\n",
        "a: 1\n---\nb: 2\n",
    ];
    let faults: Vec<String> = broken.iter().map(|text| format!("{text:?}\n{}", check(text))).collect();
    assert_snapshot!(faults.join("\n"));
}

#[test]
fn an_alias_bomb() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    assert_snapshot!(check(&bomb));
}

#[test]
fn aliases_that_help_are_no_bomb() {
    assert_eq!(
        check(&firm(
            "stages:\n  map:\n    - { casepeer: &first [Intake], to: 1 }\npractice_areas:\n  map: [{ casepeer: *first, to: X }]\n"
        )),
        ""
    );
}

#[test]
fn nesting_without_end() {
    assert_snapshot!(check(&format!("a: {}{}\n", "[".repeat(200), "]".repeat(200))));
}

#[test]
fn what_a_folder_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("large.yaml", &vec![b'#'; 1024 * 1024 + 1]);
    write("latin.yaml", b"name: Ram\xedrez\n");
    write("old.yml", b"name: Old\n");
    write("Upper Case.yaml", b"name: Upper\n");
    write("_more.yaml", b"name: More\n");
    write("notes.txt", b"no rules\n");
    write("hartwell.test.yaml", b"- name: a test\n");
    write(".hidden.yaml", b"name: [\n");
    let files: Vec<_> = read_folder(&RulesFolder::on_disk(folder.path()))
        .unwrap()
        .into_iter()
        .map(|(path, text)| (Path::new("rules").join(path.file_name().unwrap()), text))
        .collect();
    let (secrets, conditions, hooks) = surroundings();
    let generation = build_from(
        &files,
        &ResolveContext { secrets: &secrets, conditions: &conditions, hooks: &hooks, vendor_hosts: None, since: &|_| None },
    );
    let shown = rendered(&generation.diagnostics()).replace(&folder.path().display().to_string(), "rules");
    assert_snapshot!(shown);
}

#[test]
fn no_folder() {
    let (secrets, conditions, hooks) = surroundings();
    let surroundings = ResolveContext { secrets: &secrets, conditions: &conditions, hooks: &hooks, vendor_hosts: None, since: &|_| None };
    assert_snapshot!(rendered(&build(&RulesFolder::on_disk("no/such/folder"), &surroundings).diagnostics()));
}

#[test]
fn a_fault_of_the_defaults_is_told_once() {
    let generation = generation(&[
        ("rules/_defaults.yaml", "sync: { reopen: maybe }\nschedule: { nightly_sync: { cron: never } }\n"),
        ("rules/hartwell.yaml", &firm("")),
        ("rules/okafor.yaml", &firm("").replace("HARTWELL_KEY", "OKAFOR_KEY")),
    ]);
    assert!(generation.firms.values().all(|firm| firm.rules.is_none()));
    assert_snapshot!(rendered(&generation.diagnostics()));
}

#[test]
fn the_shipped_rules_have_no_fault_but_their_missing_keys() {
    let shipped = [
        ("rules/_defaults.yaml", include_str!("../../../rules/_defaults.yaml")),
        ("rules/hartwell.yaml", include_str!("../../../rules/hartwell.yaml")),
        ("rules/okafor.yaml", include_str!("../../../rules/okafor.yaml")),
    ];
    let scripts = &[("hartwell.rhai", include_str!("../../../scripts/hartwell.rhai"))];
    assert_snapshot!(rendered(&with_scripts(&shipped, scripts).diagnostics()));
}
