//! Scripts that would hang, fill memory or nest without end: each is ended soon after its time, small, with its line and a reason.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::host::Scene;
use crate::support::process::Finished;
use crate::support::rules::Rules;
use crate::support::run::Run;
use crate::support::vendors::{Call, Fault, Vendor, World};

const DEADLINE: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_secs(5);
const MOST_MEMORY: u64 = 300_000_000;

/// Some connected cases, strict limits, and this script.
fn scene(cases: u64, script: &str) -> Scene {
    let scene = Scene::new(World::of(1..=cases), &Rules::new());
    let settings = scene.host.read("casebridge.yaml");
    scene.host.write("casebridge.yaml", &format!("{settings}scripts: {{ deadline: 1s, memory: 64MB }}\n"));
    scene.script(script);
    scene
}

/// Runs it to its end, which must come in time and without much memory.
fn bounded(scene: &Scene, flags: &[&str]) -> Finished {
    let begun = Instant::now();
    let mut running = scene.start_script(flags);
    let mut peak = 0;
    while running.is_running() {
        peak = peak.max(running.peak_memory());
        assert!(begun.elapsed() < DEADLINE + GRACE, "still at it after {:?}", begun.elapsed());
        sleep(Duration::from_millis(2));
    }
    assert!((1_000_000..MOST_MEMORY).contains(&peak), "{peak} bytes at its peak");
    running.wait()
}

/// The run of a script that fails at one of these lines for one of these reasons.
fn ends(scene: &Scene, lines: &[usize], reasons: &[&str]) -> Run {
    let run = bounded(scene, &[]).exits(1).run();
    assert_eq!(run.status(), "failed");
    let reason = run.text("reason");
    assert!(lines.iter().any(|line| reason.starts_with(&format!("scripts/work.rhai:{line}: "))), "{reason}");
    assert!(reasons.iter().any(|word| reason.contains(word)), "{reason}");
    assert!(reason.contains("hartwell"), "{reason}");
    run
}

/// The same for a script that asks for nothing.
fn stopped(script: &str, line: usize, reasons: &[&str]) {
    ends(&scene(1, script), &[line], reasons);
}

const TIME: &str = "stopped after 1s";
const MEMORY: &str = "more than 64 MB";

#[test]
fn a_loop_without_end() {
    stopped("let n = 1;\n\nloop { }", 3, &[TIME]);
}

#[test]
fn a_loop_that_catches_everything() {
    stopped("loop {\n    try { throw 1; } catch { }\n}", 2, &[TIME]);
}

#[test]
fn a_text_that_doubles() {
    stopped("let text = \"x\";\nloop { text += text; }", 2, &["length of string larger"]);
    stopped("let text = \"x\";\nloop { text = `${text}${text}`; }", 2, &["length of string larger"]);
}

#[test]
fn texts_kept_for_good() {
    // No limit on a single value sees the sum.
    let script = "let text = \"x\";\nwhile text.len < 500000 { text += text; }\nlet kept = [];\nloop { let more = text + \"y\"; kept.push(|| more); }";
    stopped(script, 4, &[MEMORY]);
}

#[test]
fn a_map_that_grows() {
    let script = "let map = #{};\nlet n = 0;\nloop { n += 1; map[`${n}`] = `${n} ${n} ${n} ${n} ${n} ${n}`; }";
    stopped(script, 3, &[TIME, MEMORY, "larger"]);
}

#[test]
fn a_list_in_itself() {
    stopped("let list = [1];\nloop { list.push(list); }", 2, &[TIME, MEMORY, "larger"]);
    stopped("let list = [];\nloop { list = [list]; }", 2, &[TIME, MEMORY, "larger"]);
}

#[test]
fn functions_in_functions() {
    // Nested without limit at no cost, and dropped level by level.
    stopped("let f = || 1;\nloop { let g = f; f = || g; }", 2, &[TIME, MEMORY]);
    stopped("let f = [|| 1];\nloop { let g = f; f = [[[[[[[[[[[[|| g]]]]]]]]]]]]; }", 2, &[TIME, MEMORY]);
}

#[test]
fn a_function_that_calls_itself() {
    ends(&scene(1, "fn deeper(n) {\n    1 + deeper(n + 1)\n}\ndeeper(1)"), &[2, 4], &["too deep"]);
    ends(&scene(1, "fn wider(n) {\n    if n < 60 { wider(n + 1); wider(n + 1); }\n}\nwider(1)"), &[2, 4], &[TIME]);
}

#[test]
fn a_million_variables() {
    let declared = |count: usize| (0..count).map(|number| format!("let v{number} = {number};\n")).collect::<String>();
    ends(&scene(1, &declared(1_000)), &(490..510).collect::<Vec<_>>(), &["more variables"]);

    // As many as a script can hold: whether they are read in time depends on the machine.
    assert!(declared(45_000).len() < 1 << 20);
    let many = bounded(&scene(1, &declared(45_000)), &[]);
    assert!(matches!(many.code, Some(1 | 2)), "{}", many.said());
    assert!(["to read the script", "more variables"].iter().any(|word| many.said().contains(word)), "{}", many.said());
    assert!(many.said().contains("scripts/work.rhai"), "{}", many.said());

    let refused = bounded(&scene(1, &declared(1_000_000)), &[]).exits(2);
    assert!(refused.stderr.contains("scripts/work.rhai is larger than 1 MiB"), "{}", refused.stderr);
}

#[test]
fn a_text_that_replaces_itself() {
    let script = "let text = \"x\";\nwhile text.len < 500000 { text += text; }\ntext.replace(\"x\", text);";
    stopped(script, 3, &["length of string larger"]);
    stopped("let text = \"x\";\ntext.pad(1000000000, \"y\");", 2, &["length of string larger"]);
    stopped("let list = [];\nlist.pad(1000000000, 1);\nblob(1000000000)", 2, &["size of array/blob larger"]);
}

#[test]
fn listings_in_listings() {
    let script = "let kept = [];\nfor a in casepeer.list_cases() {\n    for b in case_status.list_cases() {\n        \
                  kept.push(|| casepeer.list_cases());\n        let all = casepeer.list_cases();\n        kept.push(|| all);\n    }\n}";
    let scene = scene(450, script);
    ends(&scene, &[2, 3, 4, 5, 6], &[TIME, MEMORY]);
    assert!(scene.vendors.journal().iter().filter(|entry| entry.call.lists_cases()).count() >= 3);
}

#[test]
fn a_large_text_for_every_case() {
    // What would be written is kept until the guard has looked.
    let script = "let text = \"x\";\nwhile text.len < 500000 { text += text; }\n\
                  for id in 1..=450 { case_status.update_case(id, #{ description: text }); }";
    ends(&scene(450, script), &[3], &[MEMORY, TIME]);
}

#[test]
fn what_was_sent_is_no_longer_held() {
    // A hundred megabytes in all.
    let script = "let text = \"x\";\nwhile text.len < 500000 { text += text; }\n\
                  for n in 0..200 { casepeer.add_document(1, `${n}.txt`, text); }";
    let scene = scene(1, script);
    scene.host.write("casebridge.yaml", &scene.host.read("casebridge.yaml").replace("deadline: 1s", "deadline: 1m"));
    scene.run_script(&[]).exits(0).run().counts(&[("attempted", 1), ("updated", 1)]);
}

#[test]
fn a_vendor_that_does_not_answer() {
    let scene = scene(450, "let n = 0;\ntry { n = casepeer.list_cases().len(); } catch { }\nloop { n += 1; }");
    scene.vendors.always(Fault::Hang { done: false }, |call| call.query.contains_key("cursor"));
    ends(&scene, &[2], &[TIME]);
}

#[test]
fn a_write_without_an_answer_is_waited_for_a_little_and_settled_by_the_next_run() {
    let scene = scene(3, "for id in 1..=3 { case_status.update_case(id, #{ stage: 4 }); }");
    scene.vendors.next(1, Fault::Hang { done: true }, |call| call.is_patch() && call.path.ends_with("-2"));

    let run = bounded(&scene, &["--apply"]).exits(1).run();

    assert!(run.text("reason").contains("scripts/work.rhai:1: ") && run.text("reason").contains(TIME), "{}", run.text("reason"));
    run.counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);
    assert!(run.row(2).reason().contains("time was over"), "{}", run.row(2).reason());
    let again = scene.run_script(&["--apply"]).exits(0).run();
    assert_eq!(again.id(), run.id());
    again.counts(&[("attempted", 3), ("updated", 3)]);
    let journal = scene.vendors.journal();
    assert!(journal.stages_applied().values().all(|times| *times == 1), "{:?}", journal.stages_applied());
}

#[test]
fn a_hook_has_its_own_time_and_memory() {
    let limits = |limits: &str, what: &str| {
        let scene = Scene::new(World::of(1..=2), &Rules::new().with("hooks", "hartwell.rhai"));
        let settings = scene.host.read("casebridge.yaml");
        scene.host.write("casebridge.yaml", &format!("{settings}scripts: {{ {limits} }}\n"));
        scene.script("for id in 1..=2 { case_status.sync_case(id); }");
        let script = format!("fn map_case(c, wanted) {{\n    if c.id == 1 {{ {what} }}\n    wanted\n}}\n");
        scene.host.write("scripts/hartwell.rhai", &script);
        let run = bounded(&scene, &[]).exits(1).run();
        run.counts(&[("attempted", 2), ("unchanged", 1), ("failed", 1)]);
        assert!(run.row(1).rule().starts_with("scripts/hartwell.rhai:"), "{}", run.row(1).rule());
        run.row(1).reason().to_owned()
    };
    let plenty = "hook_deadline: 1s, operations: 1000000000000";
    let chain = "let f = || 1; loop { let g = f; f = || g; }";
    assert!(limits(plenty, "loop { }").contains("stopped after 1s"));
    assert!(limits(plenty, "loop { try { loop { } } catch { } }").contains("stopped after 1s"));
    assert!(limits("hook_deadline: 10s, operations: 100000", "loop { }").contains("operations"));
    let said = limits("hook_deadline: 10s, operations: 1000000000000", chain);
    assert!(said.contains("holds more than"), "{said}");
    let said = limits(plenty, "let list = []; loop { list = [list]; }");
    assert!(said.contains("stopped after 1s") || said.contains("larger"), "{said}");
}

#[test]
fn nothing_is_asked_of_a_vendor_once_the_time_is_over() {
    let scene = scene(3, "loop { try { case_status.get_case(1); } catch { } }");
    ends(&scene, &[1], &[TIME]);
    let asked = scene.vendors.journal().len();
    assert!(asked > 3 && scene.vendors.journal().iter().all(|entry| entry.call.is(Vendor::CaseStatus, "GET", "/cases")), "{asked}");
    scene.script("loop { case_status.update_case(1, #{ description: `${timestamp()}` }); }");
    scene.vendors.take_journal();
    bounded(&scene, &["--apply"]).exits(1);
    assert!(!scene.vendors.journal().iter().any(|entry| Call::is_patch(&entry.call)), "it was stopped while it was looked at");
}

/// Calls of every function that calls one of the script's, which is `$`.
const CALL_BACK: [&str; 26] = [
    "[2, 1].sort(|a, b| $)",
    "[2, 1].sort_by(|a, b| $)",
    "[2, 1].order(|a, b| $)",
    "[2, 1].order_by(|a, b| $)",
    "[2, 1].dedup(|a, b| $)",
    "[2, 1].filter(|a| $)",
    "[2, 1].some(|a| $)",
    "[2, 1].all(|a| $)",
    "[2, 1].find(|a| $)",
    "[2, 1].find(|a| $, 1)",
    "[2, 1].index_of(|a| $)",
    "[2, 1].index_of(|a| $, 1)",
    "[2, 1].drain(|a| $)",
    "[2, 1].retain(|a| $)",
    "#{ a: 1 }.filter(|a| $)",
    "#{ a: 1 }.drain(|a| $)",
    "#{ a: 1 }.retain(|a| $)",
    // These take any answer.
    "[2, 1].find_map(|a| $)",
    "[2, 1].find_map(|a| $, 1)",
    "[2, 1].for_each(|a| $)",
    "[2, 1].map(|a| $)",
    "[2, 1].reduce(|a, b| $)",
    "[2, 1].reduce(|a, b| $, 0)",
    "[2, 1].reduce_rev(|a, b| $)",
    "[2, 1].zip([1], |a, b| $)",
    "#{ a: 1 }.map(|a| $)",
];
const OF_TRUTH: usize = 17;

#[test]
fn nothing_that_a_called_function_raises_or_answers_is_let_go() {
    let mut asked: Vec<(String, &str)> = Vec::new();
    for (place, call) in CALL_BACK.iter().enumerate() {
        asked.push((call.replace('$', "{ throw \"boom\" }"), "boom"));
        asked.push((call.replace('$', "{ [][5] }"), "out of bounds"));
        asked.push((format!("try {{ {} }} catch {{ }}", call.replace('$', "deeper(1)")), "too deep"));
        asked.push((format!("try {{ {} }} catch {{ }}", call.replace('$', "double()")), "larger than a script may make one"));
        if place < OF_TRUTH {
            asked.push((call.replace('$', "{ }"), "answers nothing: expected"));
            asked.push((call.replace('$', "{ \"yes\" }"), "answers a value of type string: expected"));
        }
    }
    let lines: String = asked.iter().zip(1..).map(|((call, _), id)| format!("    if c.id == {id} {{ {call}; }}\n")).collect();
    let own = "private fn deeper(n) { 1 + deeper(n + 1) }\nprivate fn double() { let s = \"x\"; loop { s += s; } }\n";
    let world = World::of(1..=asked.len() as u64 + 1);
    let scene = Scene::new(world, &Rules::new().with("hooks", "hartwell.rhai"));
    scene.script("");
    // What a script catches on purpose goes on.
    let caught = format!("    if c.id == {} {{ try {{ [2, 1].sort(|a, b| {{ throw 1 }}); }} catch {{ }} }}\n", asked.len() + 1);
    scene.host.write("scripts/hartwell.rhai", &format!("fn map_case(c, wanted) {{\n{lines}{caught}    wanted\n}}\n{own}"));

    let run = scene.sync().exits(1).run();

    let faulty = asked.len() as u64;
    run.counts(&[("attempted", faulty + 1), ("failed", faulty), ("unchanged", 1)]);
    for ((call, why), id) in asked.iter().zip(1..) {
        let reason = run.row(id).reason().to_owned();
        assert!(reason.contains(why), "{call}: {reason}");
    }
}

#[test]
fn a_comparer_cannot_let_go_of_the_end_of_its_run() {
    for what in ["l.sort(|a, b| { loop { } })", "l.dedup(|a, b| { loop { } })", "l.for_each(|a| { loop { } })"] {
        stopped(&format!("let l = [2, 1];\ntry {{\n    {what};\n}} catch {{ }}"), 3, &[TIME]);
    }
    let script = "run.max_effects(1);\nlet l = [1, 2, 3];\ntry {\n    l.sort(|a, b| { case_status.close_case(a); case_status.close_case(b); 1 });\n} catch { }";
    let scene = scene(3, script);
    let run = scene.start_script(&["--apply"]).wait().exits(1).run();
    assert_eq!(run.status(), "failed");
    assert!(run.text("reason").contains("at most 1 things"), "{}", run.text("reason"));
}
