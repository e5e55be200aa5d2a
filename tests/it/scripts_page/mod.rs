//! The examples of `docs/scripts.md` are run as they stand there, by the real binary against the sandbox: hooks are checked and a plan
//! goes through them, migrations are run dry and for real, tests of rules pass, and commands say what the page shows. A block that
//! nobody knows how to run is an error.

mod compare;
mod page;
mod scene;

use std::collections::BTreeMap;

use compare::Runs;
use page::{Example, HookOutcome, Kind, MigrationOutcome, Step};
use scene::{Ran, Scene};

const PAGE: &str = include_str!("../../../docs/scripts.md");

/// Runs every example of a page.
async fn run_page(text: &str) -> Result<Vec<Kind>, String> {
    let mut problems = Vec::new();
    let examples = page::read(text)?;
    for example in &examples {
        if let Err(problem) = run_example(example).await {
            problems.push(format!("line {}: {problem}", example.line));
        }
    }
    if problems.is_empty() { Ok(examples.into_iter().map(|example| example.kind).collect()) } else { Err(problems.join("\n\n")) }
}

async fn run_example(example: &Example) -> Result<(), String> {
    let scene = Scene::start(&example.files).await;
    match &example.kind {
        Kind::Hook(outcome) => {
            scene.write("scripts/hartwell.rhai", &example.script);
            run_hook(&scene, &example.script, *outcome)?;
        }
        Kind::Migration { name, arguments, outcome } => {
            scene.write(&format!("scripts/{name}"), &example.script);
            run_migration(&scene, name, arguments, *outcome)?;
        }
    }
    if example.steps.is_empty() {
        return Ok(());
    }
    // What the page shows begins with nothing done yet.
    let scene = Scene::start(&example.files).await;
    let path = match &example.kind {
        Kind::Hook(_) => "scripts/hartwell.rhai".to_owned(),
        Kind::Migration { name, .. } => format!("scripts/{name}"),
    };
    scene.write(&path, &example.script);
    let mut runs = Runs::default();
    for (line, step) in &example.steps {
        run_step(&scene, &mut runs, step).map_err(|problem| format!("the step at line {line}: {problem}"))?;
    }
    Ok(())
}

fn run_hook(scene: &Scene, script: &str, outcome: HookOutcome) -> Result<(), String> {
    let check = scene.run(&["check"]);
    if outcome == HookOutcome::Faulty {
        exits(&check, 1)?;
        return if check.stdout.contains("--> scripts/hartwell.rhai:") { Ok(()) } else { Err(check.said()) };
    }
    exits(&check, 0)?;
    let plan = scene.run(&["plan", "hartwell", "--json"]);
    exits(&plan, i32::from(outcome != HookOutcome::Passes))?;
    let plan = plan.json()?;
    let rows = plan["rows"].as_array().ok_or("no rows")?;
    let failed: Vec<_> = rows.iter().filter(|row| row["result"] == "failed").collect();
    let is_expected = |row: &&serde_json::Value| {
        let reason = row["reason"].as_str().unwrap_or_default();
        let broke = ["map_case", "validate"].iter().any(|hook| reason.starts_with(&format!("{hook} failed: ")));
        row["rule"].as_str().is_some_and(|rule| rule.starts_with("scripts/")) && broke == (outcome == HookOutcome::Broken)
    };
    if failed.is_empty() != (outcome == HookOutcome::Passes) || !failed.iter().all(is_expected) {
        return Err(format!("not {outcome:?}: {failed:?}"));
    }
    if script.contains("fn connect_case(") {
        exits(&scene.run(&["connect", "hartwell", "48213", "48221", "--dry-run"]), 0)?;
    }
    Ok(())
}

fn run_migration(scene: &Scene, name: &str, arguments: &[String], outcome: MigrationOutcome) -> Result<(), String> {
    let mut command = vec!["run", name, "--firm", "hartwell", "--json"];
    command.extend(arguments.iter().map(String::as_str));
    let (dry_code, code, status) = match outcome {
        MigrationOutcome::Succeeds => (0, 0, "succeeded"),
        MigrationOutcome::Partial => (1, 1, "partial"),
        MigrationOutcome::Fails => (1, 1, "failed"),
        MigrationOutcome::Held => (0, 3, "held"),
        MigrationOutcome::Faulty => {
            let ran = scene.run(&command);
            exits(&ran, 2)?;
            return if ran.stderr.contains("--> scripts/") { Ok(()) } else { Err(ran.said()) };
        }
    };
    let dry = scene.run(&command);
    exits(&dry, dry_code)?;
    let told = dry.json()?;
    if told["dry_run"] != true || scene.writes() > 0 {
        return Err(format!("the dry run wrote {} times\n{}", scene.writes(), dry.said()));
    }
    if (told["would_hold"] == true) != (outcome == MigrationOutcome::Held) {
        return Err(format!("would hold: {}", told["would_hold"]));
    }
    command.push("--apply");
    let applied = scene.run(&command);
    exits(&applied, code)?;
    if applied.json()?["status"] == status { Ok(()) } else { Err(applied.said()) }
}

fn run_step(scene: &Scene, runs: &mut Runs, step: &Step) -> Result<(), String> {
    match step {
        Step::Meanwhile { case, stage } => {
            scene.move_case(*case, *stage);
            Ok(())
        }
        Step::RuleTests(tests) => {
            scene.write("rules/hartwell.test.yaml", tests);
            let tested = scene.run(&["test", "hartwell"]);
            exits(&tested, 0)?;
            if tested.stdout.contains(" 0 passed") { Err("there is no test".to_owned()) } else { Ok(()) }
        }
        Step::Console(text) => {
            let (before, commands) = text.split_once("$ ").ok_or("there is no command")?;
            if !before.is_empty() {
                return Err(format!("before the first command stands: {before}"));
            }
            for command in commands.split("\n$ ") {
                let (command, shown) = command.split_once('\n').unwrap_or((command, ""));
                let words = page::words(&runs.translated(command))?;
                let Some((program, arguments)) = words.split_first() else { return Err("an empty command".to_owned()) };
                if program != "casebridge" {
                    return Err(format!("`{command}` cannot be run here"));
                }
                let ran = scene.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
                runs.compare(shown, &ran.said()).map_err(|problem| format!("`{command}`: {problem}"))?;
            }
            Ok(())
        }
    }
}

fn exits(ran: &Ran, code: i32) -> Result<(), String> {
    if ran.code == code { Ok(()) } else { Err(format!("it ended with {} instead of {code}\n{}", ran.code, ran.said())) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_page_does_what_the_page_says() {
    let run = run_page(PAGE).await.unwrap_or_else(|problems| panic!("{problems}"));
    let hooks = run.iter().filter(|kind| matches!(kind, Kind::Hook(_))).count();
    assert!(hooks >= 4 && run.len() >= hooks + 8, "examples are missing: {run:?}");
    // Whatever else stands on the page, each of its Rhai blocks was one of these, or a module that one of them imports.
    let blocks = PAGE.lines().filter(|line| line.starts_with("```rhai")).count();
    let modules = PAGE.lines().filter(|line| line.starts_with("```rhai module")).count();
    assert_eq!(blocks, run.len() + modules);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tests_that_the_rules_reference_shows_pass() {
    const SHOWN: &str = "```yaml\n# rules/hartwell.test.yaml\n";
    let (_, tests) = include_str!("../../../docs/rules.md").split_once(SHOWN).expect("docs/rules.md shows tests");
    let (tests, _) = tests.split_once("\n```\n").expect("the block ends");
    let scene = Scene::start(&BTreeMap::default()).await;
    scene.write("rules/hartwell.test.yaml", tests);
    let tested = scene.run(&["test", "hartwell"]);
    assert_eq!((tested.code, tested.stdout.as_str()), (0, "hartwell: 4 passed\n"), "{}", tested.said());
}

/// A page of these lines must be found wrong, for this reason.
async fn is_found_wrong(lines: &[&str], why: &str) {
    let problem = run_page(&lines.join("\n")).await.expect_err(why);
    assert!(problem.contains(why), "{problem}");
}

#[tokio::test]
async fn a_block_that_nobody_can_run_is_an_error() {
    is_found_wrong(&["```rhai", "1", "```"], "line 1: nobody knows how to run").await;
    is_found_wrong(&["text", "```rhai hok", "1", "```"], "line 2: nobody knows how to run").await;
    is_found_wrong(&["```text", "1", "```"], "nobody knows how to run").await;
    is_found_wrong(&["```rhai migration perhaps", "1", "```"], "no migration comes out").await;
    is_found_wrong(&["  ```rhai hook", "1", "  ```"], "does not begin its line").await;
    is_found_wrong(&["```rhai migration", "1"], "does not end").await;
    is_found_wrong(&["```console", "$ casebridge check", "```"], "no script before it").await;
    is_found_wrong(&["```rhai module lib/a.rhai", "fn a() { 1 }", "```"], "no script of the page imports").await;
    is_found_wrong(&["```csv a.csv", "a", "```"], "no script follows").await;
    is_found_wrong(&["```csv a.csv", "a", "```", "```csv a.csv", "b", "```"], "a.csv is here twice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_does_otherwise_is_an_error() {
    is_found_wrong(&["```rhai hook", "fn map_cases(c, wanted) { wanted }", "```"], "did you mean `map_case`?").await;
    is_found_wrong(&["```rhai hook", "fn map_case(c, wanted) { 7 }", "```"], "ended with 1 instead of 0").await;
    is_found_wrong(&["```rhai hook refuses", "fn map_case(c, wanted) { 7 }", "```"], "not Refuses").await;
    is_found_wrong(&["```rhai hook broken", "fn map_case(c, wanted) { wanted }", "```"], "ended with 0 instead of 1").await;
    is_found_wrong(&["```rhai hook faulty", "fn validate(c) { [] }", "```"], "ended with 0 instead of 1").await;
    is_found_wrong(&["```rhai migration", "throw 1;", "```"], "ended with 1 instead of 0").await;
    is_found_wrong(&["```rhai migration fails", "log.info(1);", "```"], "ended with 0 instead of 1").await;
    is_found_wrong(&["```rhai migration held", "log.info(1);", "```"], "would hold: false").await;
    is_found_wrong(&["```rhai migration faulty", "log.info(1);", "```"], "ended with 0 instead of 2").await;
    let hook = ["```rhai hook", "fn validate(c) { [] }", "```", "```yaml rules/hartwell.test.yaml"];
    let test = ["- name: a", "  case: { stage: Treating }", "  existing: { stage: 1 }", "  expect: { changes: { stage: 9 } }", "```"];
    is_found_wrong(&[&hook[..], &test[..]].concat(), "- stage: 9").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_differs_is_an_error() {
    let migration =
        ["```rhai migration", "log.info(`for ${firm.id}`);", "\"done\"", "```", "```console", "$ casebridge run page.rhai --firm hartwell"];
    let rest = [
        "  run 20261124-001705-x7k2, rules 0123456789ab, CSV var/reports/20261124-001705-x7k2.csv",
        "  Clients would notice nothing.",
        "```",
    ];
    let page = |shown: &[&'static str]| [&migration[..], shown, &rest[..]].concat();
    let first = "hartwell migration: succeeded, nothing written — no cases";
    run_page(&page(&["for hartwell", first, "  done"]).join("\n")).await.expect("as shown");
    run_page(&page(&["…", "  d…e"]).join("\n")).await.expect("as shown, shortened");
    is_found_wrong(&page(&["for hartwell", first, "  gone"]), "it did not say:   gone").await;
    is_found_wrong(&page(&["for hartwell", first]), "it did not say:   run").await;
    is_found_wrong(&page(&["…", "  d…o"]), "it did not say:   d…o").await;
    is_found_wrong(&[&page(&["…"])[..], &["```console", "$ ls", "```"]].concat(), "`ls` cannot be run here").await;
}
