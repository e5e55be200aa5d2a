//! Migrations: without `--apply` nothing is written and all is said; with it, what was said is done.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::vendors::World;

/// 20 connected cases and five that are not, of which one has no phone.
fn scene(script: &str) -> Scene {
    let mut world = World::of(1..=20);
    (21..=25).for_each(|id| world.unconnected(id));
    world.peer(25)["client"]["phones"] = json!([]);
    world.peer(20)["status"] = json!("closed");
    world.peer(20)["closed_on"] = json!("2026-10-30");
    let scene = Scene::new(world, &Rules::new());
    scene.script(script);
    scene
}

/// Two stages, a closing, a description, and connecting whoever is not.
const EVERYTHING: &str = r#"
for id in 1..=2 { case_status.update_case(id, #{ stage: 4 }); }
case_status.update_case(3, #{ description: "Offer made" });
case_status.update_case(4, #{ stage: 3 });
case_status.close_case(20);
let connected = 0;
for c in casepeer.list_cases(#{ connected: false }) {
    let result = case_status.connect_case(c.id);
    if result.ok { connected += 1; } else { log.warn(`${c.id}: ${result.reason}`); }
    run.progress(connected);
}
`connected ${connected} cases`
"#;

#[test]
fn a_dry_run_writes_nothing_and_reports_as_the_real_one_does() {
    let scene = scene(EVERYTHING);

    let dry = scene.run_script(&[]).exits(1).run();

    assert_eq!(scene.vendors.journal().writes().len(), 0);
    assert_eq!((&dry.0["dry_run"], dry.text("kind"), dry.text("answer")), (&json!(true), "migration", "connected 4 cases"));
    dry.counts(&[("attempted", 10), ("created", 4), ("updated", 4), ("unchanged", 1), ("failed", 1)]);
    assert_eq!(dry.0["client_notices"], json!({ "stage_moves": 2, "closures": 1, "invitations": 4 }));
    assert_eq!(dry.0["would_hold"], false);
    dry.row(25).blames("phone");

    let real = scene.run_script(&["--apply"]).exits(1).run();

    assert_ne!(real.id(), dry.id());
    assert_eq!((real.status(), &real.0["dry_run"], real.text("answer")), ("partial", &json!(false), "connected 4 cases"));
    for key in ["counts", "rows", "log"] {
        assert_eq!(real.0[key], dry.0[key], "{key}");
    }
    assert_eq!(dry.report(&scene.host), real.report(&scene.host));
    let journal = scene.vendors.journal();
    let bodies: Vec<&Value> = journal.patches().iter().map(|entry| &entry.call.body).collect();
    let closing = json!({ "status": "closed", "closed_date": "2026-10-30" });
    assert_eq!(bodies, [&json!({ "stage": 4 }), &json!({ "stage": 4 }), &json!({ "description": "Offer made" }), &closing]);
    assert_eq!((journal.posts().len(), journal.marks().len()), (4, 4));
}

#[test]
fn doing_it_again_finds_nothing_left_to_do() {
    let scene = scene(EVERYTHING);
    let first = scene.run_script(&["--apply"]).exits(1).run();
    scene.vendors.take_journal();

    // Case 25 alone is still in the listing.
    let again = scene.run_script(&["--apply"]).exits(1).run();

    assert_ne!(again.id(), first.id());
    again.counts(&[("attempted", 6), ("unchanged", 5), ("failed", 1)]);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

#[test]
fn a_listing_that_the_script_changes_skips_nothing() {
    let mut world = World::new();
    // Three pages: a script that asked for the second one after it connected the first would miss as many.
    (1..=450).for_each(|id| world.unconnected(id));
    let scene = Scene::new(world, &Rules::new().with("guard", "{ max_invitations: 450 }"));
    scene.script("for c in casepeer.list_cases(#{ connected: false }) { case_status.connect_case(c.id); }");

    let run = scene.run_script(&["--apply"]).exits(0).run();

    run.counts(&[("attempted", 450), ("created", 450)]);
    assert_eq!(run.reported(&scene.host, "created").len(), 450);
    let world = scene.vendors.world();
    assert!((1..=450).all(|id| world.mark(id) == Some(format!("cs-{id}").as_str())));
}

#[test]
fn a_later_read_sees_what_was_done_before_in_a_dry_run_too() {
    let script = r#"
case_status.update_case(1, #{ stage: 4, description: () });
let c = case_status.get_case(1);
log.info(`${c.stage} ${c.description == ()} ${case_status.list_cases()[0].stage}`);
case_status.close_case(2);
log.info(`${case_status.list_cases(#{ status: "closed" }).len()} closed`);
case_status.connect_case(21);
let c = case_status.get_case(21);
log.info(`${c.client}, stage ${c.stage}, ${casepeer.get_case(21).connected}`);
log.info(`${casepeer.list_cases(#{ connected: false }).len()} left, ${case_status.list_cases().len()} in all`);
log.info(`${case_status.update_case(21, #{ stage: 4 }).changes}, ${case_status.connect_case(21).result}`);
"#;
    let scene = scene(script);
    let said = |flags: &[&str]| {
        let run = scene.run_script(flags).exits(0).run();
        assert_eq!(run.row(21).result(), "created");
        run.0["log"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let expected = ["4 true 4", "1 closed", "Jane Zyskowski21, stage 3, true", "4 left, 21 in all", "stage: 3 → 4, unchanged"];
    assert_eq!(said(&[]), expected);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
    assert_eq!(said(&["--apply"]), expected);
}

#[test]
fn a_script_is_told_for_whom_it_runs_and_what_it_is_given() {
    let script = r#"
log.info(`${firm.id}, ${firm.name}, ${firm.time_zone}, ${run.dry_run}`);
log.warn(`${run.arg("colour")} ${run.arg("size") == ()}`);
for row in run.input { log.info(`${row.number}: ${row.note}`); }
run.id
"#;
    let scene = scene(script);
    scene.host.write("cases.csv", "\u{feff}number,note\n1,\"good, very\"\n 2 ,\n");
    let flags = ["--arg", "colour=blue=green", "--input", "cases.csv"];

    let finished = scene.run_script(&flags).exits(0);

    let run = finished.run();
    let said = [
        ("info", "hartwell, Hartwell Injury Law, America/New_York, true"),
        ("warn", "blue=green true"),
        ("info", "1: good, very"),
        ("info", "2: "),
    ];
    assert_eq!(run.0["log"], json!(said.map(|(level, text)| json!({ "level": level, "text": text }))));
    assert_eq!(run.text("answer"), run.id());
    for (level, text) in said {
        let line = if level == "warn" { format!("warning: {text}") } else { text.to_owned() };
        assert_eq!(finished.stderr.lines().filter(|said| *said == line).count(), 1, "{line} in\n{}", finished.stderr);
    }
    let shown = scene.host.run(&["runs", "show", run.id(), "--json"]).exits(0).run();
    assert_eq!(shown, run);
    // A real run looks first, and says what it says once all the same.
    let applied = scene.run_script(&[&flags[..], &["--apply"]].concat()).exits(0);
    assert_eq!(applied.stderr.matches("warning: blue=green true").count(), 1, "{}", applied.stderr);
}

#[test]
fn what_it_is_given_must_be_readable() {
    let scene = scene("run.input.len()");
    scene.host.write("odd.csv", "case,note\n1,good\n2,good,very\n");
    assert!(scene.run_script(&["--input", "odd.csv"]).exits(2).said().contains("odd.csv:3"));
    scene.run_script(&["--input", "nowhere.csv"]).exits(2);
    scene.run_script(&["--arg", "colour"]).exits(2);
    scene.run_script(&["--new"]).exits(2);
    assert_eq!(scene.vendors.journal().len(), 0);
}

#[test]
fn max_effects_ends_a_run_before_it_does_more() {
    let scene = scene("run.max_effects(3);\nfor id in 1..=5 {\n    case_status.update_case(id, #{ description: `Case ${id}` });\n}");
    for flags in [&[][..], &["--apply"]] {
        let run = scene.run_script(flags).exits(1).run();
        assert_eq!(run.status(), "failed");
        assert!(run.text("reason").contains("scripts/work.rhai:3") && run.text("reason").contains("at most 3"), "{}", run.text("reason"));
    }
    // The real run looks first: what it may not do in full it does not begin.
    assert_eq!(scene.vendors.journal().writes().len(), 0);

    scene.script("run.max_effects(3);\nfor id in 1..=3 {\n    case_status.update_case(id, #{ description: `Case ${id}` });\n}");
    scene.run_script(&["--apply", "--new"]).exits(0).run().counts(&[("attempted", 3), ("updated", 3)]);
}

#[test]
fn what_is_said_is_bounded_and_harmless() {
    let scene = scene("for n in 0..1200 { log.info(`line ${n}`); }\nlog.warn(\"late\");");
    let run = scene.run_script(&[]).exits(0).run();
    assert_eq!(run.0["log"].as_array().map(Vec::len), Some(1_000));

    scene.script(
        "let text = \"x\";\nwhile text.len < 500000 { text += text; }\nlog.info(\"\\u001b[31mred\\nblue\");\nlog.info(text);\ntext",
    );
    let finished = scene.run_script(&[]).exits(0);
    assert!(finished.stderr.lines().any(|line| line == " [31mred blue"), "{}", finished.stderr);
    let longest = |text: &Value| text.as_str().unwrap().chars().count();
    let told = finished.json();
    assert_eq!((longest(&told["log"][1]["text"]), longest(&told["answer"])), (2_000, 2_000));
}

#[test]
fn listings_take_filters() {
    let script = r#"
fn ids(cases) { cases.map(|c| c.id) }
log.info(ids(casepeer.list_cases(#{ status: "closed" })));
log.info(ids(casepeer.list_cases(#{ connected: false, status: "open" })));
log.info(ids(casepeer.list_cases(#{ updated_since: "2026-11-02" })));
log.info(ids(case_status.list_cases(#{ status: "on_hold" })));
log.info(case_status.list_messages().map(|m| `${m.case_id} ${m.body}`));
log.info(case_status.list_messages(#{ direction: "from_client", case_id: 2 }).map(|m| m.body));
log.info(case_status.list_messages(#{ sent_since: "2026-11-02T12:03:00Z" }).map(|m| m.sender_name));
log.info(case_status.list_staff().filter(|s| !s.active).map(|s| s.email));
log.info(case_status.list_practice_areas().map(|a| `${a.name} ${a.stages.len()}`));
log.info(`${casepeer.get_case(99) == ()} ${case_status.get_case(99) == ()}`);
"#;
    let scene = scene(script);
    {
        let mut world = scene.vendors.world();
        world.peer(7)["updated_at"] = json!("2026-11-02T00:00:00Z");
        world.status(8)["status"] = json!("on_hold");
        for (id, direction, body) in [(1, "from_client", "one"), (2, "from_client", "two"), (2, "from_firm", "three")] {
            world.message(id, direction, body);
        }
    }
    let run = scene.run_script(&[]).exits(0).run();
    let said: Vec<&str> = run.0["log"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
    let expected = [
        "[20]",
        "[21, 22, 23, 24, 25]",
        "[7]",
        "[8]",
        "[\"1 one\", \"2 two\", \"2 three\"]",
        "[\"two\"]",
        "[\"A B\"]",
        "[\"carl@hartwell.example\"]",
        "[\"Motor Vehicle 8\", \"Dog Bite 8\", \"Slip and Fall 8\", \"Workers Comp 3\"]",
        "true true",
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_is_given_costs_nothing_to_look_at() {
    let scene =
        scene("let n = 0;\nfor row in run.input { if run.dry_run && run.arg(\"a\") == \"b\" && firm.id == \"hartwell\" { n += 1; } }\nn");
    scene.host.write("many.csv", &format!("number,note\n{}", "1,something to say\n".repeat(5_000)));
    let settings = scene.host.read("casebridge.yaml");
    // By the square of the rows, it would take longer on any machine.
    scene.host.write("casebridge.yaml", &format!("{settings}scripts: {{ deadline: 10s }}\n"));
    let run = scene.run_script(&["--input", "many.csv", "--arg", "a=b"]).exits(0).run();
    assert_eq!(run.text("answer"), "5000");
}
