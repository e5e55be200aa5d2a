//! Scripts in the console: read, run without writing, and then for real.

use crate::support::host::Scene;
use crate::support::http::{Answer, ask_with};
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Call, Fault, Gate, World};
use crate::support::visitor::{Page, SUPPORT, Visitor};

const MOVE: &str = r#"// Moves the listed cases.
let only = run.arg("only");
let moved = 0;
for row in run.input {
    let result = case_status.update_case(parse_int(row["case"]), #{ stage: parse_int(row["stage"]) });
    if result.ok { moved += 1; }
}
log.info(`only ${only}`);
`moved ${moved} cases`
"#;

fn scene(script: &str) -> Scene {
    let scene = Scene::new(World::of(1..=5), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    scene.script(script);
    scene
}

/// Sends the form of a script's page as a browser does that chose a file.
#[track_caller]
fn look(serving: &Serving, support: &Visitor, script: &str, fields: &[(&str, &str)], file: &str) -> Answer {
    let part = |(name, value): &(&str, &str)| format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let mut body: String = fields.iter().map(part).collect();
    body.push_str("--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"in.csv\"\r\ncontent-type: text/csv\r\n\r\n");
    body.push_str(&format!("{file}\r\n--cut--\r\n"));
    let cookie = format!("casebridge={}", support.session());
    let headers = [("cookie", cookie.as_str()), ("content-type", "multipart/form-data; boundary=cut")];
    ask_with(&serving.address, "POST", &format!("/scripts/{script}"), &headers, Some(&body)).expect("an answer")
}

/// Reads a run's page once the run has ended.
#[track_caller]
fn ended(serving: &mut Serving, support: &mut Visitor, run: &str) -> Page {
    let mut window = support.again();
    serving.until("the run ends", || window.page(run).html().contains("How it ended"));
    support.page(run)
}

#[test]
fn what_a_script_would_do_is_seen_and_then_done() {
    let scene = scene(MOVE);
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);

    support.page("/scripts").says("work.rhai Moves the listed cases.").says("in order").says("No script ran yet");
    support.page("/scripts/work.rhai").says("The script asks for only").says("The script reads its rows");
    let begun = look(&serving, &support, "work.rhai", &[("firm", "hartwell"), ("arguments", "only=all")], "case,stage\n1,4\n2,4\n");
    let dry = begun.answers(303).header("location").to_owned();

    let page = ended(&mut serving, &mut support, &dry);
    page.says("what it would do").says("work.rhai").says("only all").says("2 rows").says("moved 2 cases").says("only all");
    page.says("2 clients get a satisfaction survey").offers(&format!("{dry}/apply"));
    assert_eq!(scene.vendors.journal().writes().len(), 0);

    let real = support.sent(&format!("{dry}/apply"), &[]);
    assert_ne!(real, dry);
    ended(&mut serving, &mut support, &real).says("moved 2 cases").says("2 updated");
    assert_eq!(scene.vendors.journal().patches().len(), 2);
    support.page("/audit").says("run begun").says("nothing → script work.rhai");
    support.page("/scripts").says("(dry run)");

    // What was done for real is no look that could be applied.
    support.post(&format!("{real}/apply"), &[]).answers(409);
}

#[test]
fn what_is_applied_goes_on_with_its_input_after_a_kill() {
    let scene = scene(MOVE);
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let begun = look(&serving, &support, "work.rhai", &[("firm", "hartwell"), ("arguments", "only=all")], "case,stage\n1,4\n2,4\n3,4\n");
    let dry = begun.answers(303).header("location").to_owned();
    ended(&mut serving, &mut support, &dry);
    scene.vendors.after(1, u32::MAX, Fault::Hang { done: false }, Call::is_patch);
    let real = support.sent(&format!("{dry}/apply"), &[]);
    serving.until("one update is done and one in flight", || scene.vendors.journal().patches().len() == 2);
    serving.running.kill();
    scene.vendors.mend();
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::signed_in(&serving, SUPPORT);
    serving.until("it has come to its end", || support.page(&real).html().contains("moved 3 cases"));
    assert!(scene.vendors.journal().stages_applied().values().eq(&[1, 1, 1]));
}

#[test]
fn what_changed_since_it_was_looked_at_is_not_done() {
    let mut scene = scene(MOVE);
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let dry = |serving: &mut Serving, support: &mut Visitor| {
        let begun = look(serving, support, "work.rhai", &[("firm", "hartwell"), ("arguments", "only=all")], "case,stage\n1,4\n");
        let dry = begun.answers(303).header("location").to_owned();
        ended(serving, support, &dry);
        dry
    };
    let looked = dry(&mut serving, &mut support);
    scene.script(&MOVE.replace("moved += 1", "moved += 2"));
    let refused = Page(support.post(&format!("{looked}/apply"), &[]).answers(409));
    refused.says("the script, or one that it imports, changed since this look");

    let looked = dry(&mut serving, &mut support);
    let Scene { vendors, host } = &mut scene;
    host.firm("hartwell", vendors, &Rules::new().with("schedule", NOTHING_BY_ITSELF).with("name", "Hartwell and Sons"));
    serving.until("the rules are in use", || support.again().page("/firms/hartwell").html().contains("Hartwell and Sons"));
    Page(support.post(&format!("{looked}/apply"), &[]).answers(409)).says("the firm's rules changed since this look");
    assert!(vendors.journal().writes().is_empty());

    let looked = dry(&mut serving, &mut support);
    let real = support.sent(&format!("{looked}/apply"), &[]);
    ended(&mut serving, &mut support, &real).says("1 updated");
}

#[test]
fn a_form_that_is_refused_comes_back_as_it_was() {
    let scene = scene(MOVE);
    scene.host.write("rules/osprey.yaml", "name: [\n");
    let serving = Serving::start(&scene.host);
    let support = Visitor::support(&scene.host, &serving);
    let send = |firm: &str, arguments: &str, csv: &str| {
        let page = look(&serving, &support, "work.rhai", &[("firm", firm), ("arguments", arguments)], csv);
        (page.status, Page(page))
    };

    let (status, page) = send("", "only", "case,stage\n1\n");
    assert_eq!(status, 422);
    page.says("choose a firm").says("line 1: write NAME=VALUE").says("line 2: this is no CSV");
    assert_eq!(page.typed(), "only");
    assert!(page.html().contains("\ncase,stage\n1\n</textarea>"), "{}", page.html());

    let (status, page) = send("osprey", "only=all", "");
    assert_eq!(status, 409);
    page.says("the firm has no rules in use");
    assert_eq!(page.typed(), "only=all");

    let (status, page) = send("hartwell", "", &"x".repeat(20 * 1024 * 1024 + 1));
    assert_eq!(status, 422);
    page.says("larger than 20 MiB").says("Choose the file again");
    assert!(scene.host.run(&["runs", "list", "--json"]).exits(0).json().as_array().unwrap().is_empty());
}

#[test]
fn faults_are_shown_where_they_are_and_nothing_is_begun() {
    let scene = scene("// Has a fault.\ncasepeer.list_casse();\n");
    let serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);

    support.page("/scripts").says("1 fault").says("scripts/work.rhai:2:10").says("list_casse").says("did you mean");
    let page = support.page("/scripts/work.rhai");
    page.says("it cannot be run").says("scripts/work.rhai:2:10");
    assert!(page.html().contains("href=\"/scripts/work.rhai#line-2\"") && page.html().contains("id=\"line-2\" class=\"faulty\""));
    let refused = look(&serving, &support, "work.rhai", &[("firm", "hartwell"), ("arguments", "")], "");
    Page(refused.answers(422)).says("the script has faults").says("scripts/work.rhai:2:10");
    assert_eq!(scene.host.read("scripts/work.rhai"), "// Has a fault.\ncasepeer.list_casse();\n");
}

#[test]
fn only_scripts_of_the_folder_are_shown_and_only_to_support() {
    let scene = scene("1");
    scene.host.folder("scripts/deals");
    scene.host.write("scripts/deals/a b.rhai", "// In a folder.\n2");
    scene.host.write("secret.rhai", "// Elsewhere.");
    scene.host.write("scripts/notes.txt", "no script");
    std::os::unix::fs::symlink(scene.host.path("secret.rhai"), scene.host.path("scripts/link.rhai")).expect("a link");
    let serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);

    support.page("/scripts/deals/a%20b.rhai").says("In a folder.");
    for elsewhere in ["..%2fsecret.rhai", "../secret.rhai", "%2fetc%2fpasswd", "notes.txt", "deals", "none.rhai"] {
        support.get(&format!("/scripts/{elsewhere}")).answers(404);
    }
    support.page("/scripts/link.rhai").says("is not in the scripts folder").is_silent_about("Elsewhere");
    let mut staff = Visitor::staff(&scene.host, &serving);
    staff.get("/scripts").answers(403);
    staff.get("/scripts/work.rhai").answers(403);
}

#[test]
fn an_empty_folder_and_hooks_are_said_to_be_so() {
    let mut scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    {
        let serving = Serving::start(&scene.host);
        Visitor::support(&scene.host, &serving).page("/scripts").says("No scripts").says("Put a script into it");
        serving.stop();
    }
    scene.host.folder("scripts");
    scene.host.write("scripts/own.rhai", "// The last word.\nfn validate(c) { [] }\n");
    let rules = Rules::new().with("schedule", NOTHING_BY_ITSELF).with("hooks", "own.rhai");
    scene.host.firm("hartwell", &scene.vendors, &rules);
    let serving = Serving::start(&scene.host);
    let mut support = Visitor::signed_in(&serving, crate::support::visitor::SUPPORT);
    support.page("/scripts").says("its hooks");
    let page = support.page("/scripts/own.rhai");
    page.says("asked about each case");
    assert!(!page.has_form("/scripts/own.rhai"));
}

#[test]
fn a_firm_at_work_and_a_run_that_was_cut_off_are_said_at_the_form() {
    let scene = scene("for id in 1..=5 { case_status.update_case(id, #{ description: `Case ${id}` }); }");
    let gate = Gate::closed();
    scene.vendors.after(2, 1, Fault::Wait(gate.clone()), Call::is_patch);
    let mut cut_off = scene.start_script(&["--apply"]);
    cut_off.until("two are written", || scene.vendors.journal().patches().len() == 3);
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let form = [("firm", "hartwell"), ("arguments", "")];

    // A look is nobody's hindrance; what writes waits for its turn.
    let dry = look(&serving, &support, "work.rhai", &form, "").answers(303).header("location").to_owned();
    ended(&mut serving, &mut support, &dry).is_silent_about("did not come to its end").offers(&format!("{dry}/apply"));
    let refused = Page(support.post(&format!("{dry}/apply"), &[]).answers(409));
    refused.says("another run of this firm is under way").offers(&format!("{dry}/apply"));
    cut_off.kill();
    gate.open();

    let page = support.page(&dry);
    page.says("did not come to its end").says("Go on with that run").says("Start anew");
    let real = support.sent(&format!("{dry}/apply"), &[("afresh", "false")]);
    assert!(page.html().contains(&format!("href=\"{real}\"")), "it goes on with {real}");
    ended(&mut serving, &mut support, &real);
    assert_eq!(scene.vendors.journal().patches().iter().filter(|entry| entry.applied).count(), 5);

    // The same came to its end now, and begins as a run of its own.
    let again = support.sent(&format!("{dry}/apply"), &[("afresh", "true")]);
    assert_ne!(again, real);
}

#[test]
fn a_script_that_somebody_stopped_is_gone_on_with() {
    let scene = scene("for id in 1..=5 { case_status.update_case(id, #{ description: `Case ${id}` }); }");
    let gate = Gate::closed();
    scene.vendors.after(2, 1, Fault::Wait(gate.clone()), Call::is_patch);
    let mut stopped = scene.start_script(&["--apply"]);
    stopped.until("two are written", || scene.vendors.journal().patches().len() == 3);
    stopped.interrupt();
    gate.open();
    stopped.wait().exits(130);
    let mut serving = Serving::start(&scene.host);
    let mut support = Visitor::support(&scene.host, &serving);
    let dry =
        look(&serving, &support, "work.rhai", &[("firm", "hartwell"), ("arguments", "")], "").answers(303).header("location").to_owned();
    ended(&mut serving, &mut support, &dry).says("Go on with that run");
    let real = support.sent(&format!("{dry}/apply"), &[("afresh", "false")]);
    ended(&mut serving, &mut support, &real).says("succeeded");
    assert_eq!(scene.vendors.journal().patches().iter().filter(|entry| entry.applied).count(), 5);
}
