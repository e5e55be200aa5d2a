//! Scripts of hooks that cannot be used, shown where the script has them.

use insta::assert_snapshot;

use super::{firm, rendered, with_scripts};

/// What `casebridge check` shows of a firm with this script.
fn check(scripts: &'static [(&'static str, &'static str)]) -> String {
    rendered(&with_scripts(&[("rules/hartwell.yaml", &firm("hooks: hartwell.rhai\n"))], scripts).diagnostics())
}

#[test]
fn no_such_script() {
    assert_snapshot!(check(&[("hartwel.rhai", "")]));
}

#[test]
fn a_script_out_of_the_folder() {
    let generation = with_scripts(&[("rules/hartwell.yaml", &firm("hooks: ../hartwell.rhai\n"))], &[]);
    assert_snapshot!(rendered(&generation.diagnostics()));
}

#[test]
fn misspelt_and_wrongly_shaped_hooks() {
    const SCRIPT: &str = "fn map_cases(c, wanted) { wanted }\nfn validate(c, d) { [] }\nfn on_connect(c) { c }\nprivate fn mine() { 1 }\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT)]));
}

#[test]
fn syntax_and_reserved_words() {
    const BROKEN: &str = "fn validate(c) {\n    let x = ;\n}\n";
    const RESERVED: &str = "fn validate(case) { [] }\n";
    assert_snapshot!([check(&[("hartwell.rhai", BROKEN)]), check(&[("hartwell.rhai", RESERVED)])].join("\n"));
}

#[test]
fn unknown_functions_and_variables() {
    const FUNCTION: &str = "fn validate(c) {\n    if c.stage.contans(\"x\") { [] } else { [] }\n}\n";
    const VARIABLE: &str = "fn validate(c) {\n    if cas.stage == \"x\" { [] } else { [] }\n}\n";
    const EVAL: &str = "fn validate(c) { eval(\"1\"); [] }\n";
    assert_snapshot!([FUNCTION, VARIABLE, EVAL].map(|text| check(Box::leak(Box::new([("hartwell.rhai", text)])))).join("\n"));
}

#[test]
fn a_top_level_that_does_something() {
    const SCRIPT: &str = "const LIMIT = 3;\nlet seen = 0;\nfn validate(c) { [] }\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT)]));
}

#[test]
fn faults_of_a_module_are_shown_in_the_module() {
    const SCRIPT: &str = "import \"words\" as words;\nfn validate(c) { words::check(c) }\n";
    const MODULE: &str = "fn check(c) {\n    let sync = 1;\n    []\n}\n";
    assert_snapshot!(check(&[("hartwell.rhai", SCRIPT), ("words.rhai", MODULE)]));
}

#[test]
fn modules_that_import_each_other_or_lead_out_of_the_folder() {
    const CIRCLE: &str = "import \"words\" as words;\nfn validate(c) { [] }\n";
    const OUT: &str = "import \"../words\" as words;\nfn validate(c) { [] }\n";
    let circle = check(&[("hartwell.rhai", CIRCLE), ("words.rhai", "import \"words\" as again;\n")]);
    assert_snapshot!([circle, check(&[("hartwell.rhai", OUT)])].join("\n"));
}
