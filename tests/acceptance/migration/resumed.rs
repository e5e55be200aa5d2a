//! A migration that was cut off, kindly or unkindly, is taken up where it was: the rest is done, and nothing twice.

use std::collections::BTreeMap;

use crate::support::host::Scene;
use crate::support::json::values_of;
use crate::support::rules::Rules;
use crate::support::vendors::{Call, Fault, Journal, Weather, World, any_message, any_post};

const CONNECT: &str = "for c in casepeer.list_cases(#{ connected: false }) { case_status.connect_case(c.id); }";
const UPDATE: &str = "for id in 1..=40 { case_status.update_case(id, #{ description: `Case ${id}` }); }";
const MESSAGES: &str = "for id in 1..=30 { case_status.send_message(id, `News of case ${id}`); }";

/// Connected cases, and then some that are not.
fn scene(connected: u64, more: u64, rules: &Rules, script: &str) -> Scene {
    let mut world = World::of(1..=connected);
    (connected + 1..=connected + more).for_each(|id| world.unconnected(id));
    let scene = Scene::new(world, rules);
    scene.script(script);
    scene
}

/// How often each case got what matches.
fn applied(journal: &Journal, what: impl Fn(&Call) -> bool) -> BTreeMap<String, u32> {
    let mut times = BTreeMap::new();
    for entry in journal.iter().filter(|entry| entry.applied && what(&entry.call)) {
        let created = entry.call.body["integration_id"].as_str();
        *times.entry(created.unwrap_or(entry.case()).to_owned()).or_default() += 1;
    }
    times
}

/// Each of these cases once.
fn once(ids: impl IntoIterator<Item = u64>) -> BTreeMap<String, u32> {
    ids.into_iter().map(|id| (id.to_string(), 1)).collect()
}

/// Starts the script for real, and kills it once this many requests that match were carried out.
fn killed(scene: &Scene, at: usize, what: impl Fn(&Call) -> bool + Copy) {
    let mut running = scene.start_script(&["--apply"]);
    running.until("enough is done", || scene.vendors.journal().iter().filter(|entry| entry.applied && what(&entry.call)).count() >= at);
    running.kill();
}

/// The id of the one run there is, which reads as interrupted.
fn interrupted(scene: &Scene) -> String {
    let runs = scene.host.run(&["runs", "list", "--json"]).exits(0).json();
    assert_eq!(values_of(&runs, "status"), ["interrupted"], "{runs:#}");
    values_of(&runs, "run_id")[0].as_str().unwrap().to_owned()
}

#[test]
fn two_hundred_of_six_hundred_cases_are_connected_under_faults_by_two_processes() {
    let scene = scene(400, 200, &Rules::new().impatient().with("guard", "{ max_invitations: 200 }"), CONNECT);
    // Less than a storm: a script asks one thing after another, and waits out every fault.
    let faults = Weather { seed: 3, too_many: 0.001, refused: 0.002, done_then_500: 0.003, cut_off: 0.002, hang: 0.001 };
    scene.vendors.weather(faults);
    // Creations and marks whose answers are lost are what it is about, and not left to chance.
    scene.vendors.after(20, 3, Fault::DoneThen(500), any_post);
    scene.vendors.after(130, 3, Fault::CutOff, any_post);
    scene.vendors.after(40, 3, Fault::DoneThen(500), Call::is_mark);
    killed(&scene, 100, any_post);
    let run = interrupted(&scene);

    let again = scene.run_script(&["--apply"]).exits(0).run();

    assert_eq!((again.id(), again.status()), (run.as_str(), "succeeded"));
    again.counts(&[("attempted", 200), ("created", 200)]);
    let journal = scene.vendors.journal();
    assert_eq!(applied(&journal, any_post), once(401..=600));
    assert!(journal.posts().iter().any(|entry| entry.applied && entry.status == Some(500)), "no fault was met");
    let world = scene.vendors.world();
    assert_eq!(world.existing.len(), 600);
    assert!((401..=600).all(|id| world.mark(id) == Some(format!("cs-{id}").as_str())));
    drop(world);
    scene.vendors.mend();
    scene.vendors.take_journal();
    scene.run_script(&["--apply"]).exits(0).run().counts(&[]);
    assert_eq!(scene.vendors.journal().writes().len(), 0);
}

/// A process dies while the 15th request that matches has no answer, carried out or not, and another one goes on.
fn taken_up(script: &str, what: fn(&Call) -> bool, is_done: bool) -> (Scene, Journal) {
    let is_connect = script == CONNECT;
    let total = if script == MESSAGES { 30 } else { 40 };
    // Both processes together do no more than the script allows.
    let text = format!("run.max_effects({total});\n{script}");
    let scene = if is_connect { scene(10, 40, &Rules::new(), &text) } else { scene(40, 0, &Rules::new(), &text) };
    scene.vendors.after(14, 1, Fault::Hang { done: is_done }, what);
    let mut running = scene.start_script(&["--apply"]);
    let asked = || scene.vendors.journal().iter().filter(|entry| what(&entry.call) && (entry.applied || !is_done)).count();
    running.until("the 15th is asked for", || asked() >= 15);
    running.kill();
    let run = interrupted(&scene);
    // A day later: a key no longer keeps Case Status from doing something twice.
    scene.vendors.world().answered.clear();

    let again = scene.run_script(&["--apply"]).exits(0).run();

    assert_eq!(again.id(), run);
    again.counts(&[("attempted", total), (if is_connect { "created" } else { "updated" }, total)]);
    let shown = scene.host.run(&["runs", "show", &run, "--json"]).exits(0).run();
    assert_eq!(shown, again);
    let journal = scene.vendors.journal();
    (scene, journal)
}

#[test]
fn a_creation_without_an_answer_is_found_and_marked() {
    for is_done in [true, false] {
        let (scene, journal) = taken_up(CONNECT, any_post, is_done);
        assert_eq!(applied(&journal, any_post), once(11..=50));
        let world = scene.vendors.world();
        assert!((11..=50).all(|id| world.mark(id).is_some()));
    }
}

#[test]
fn a_mark_without_an_answer_is_made_good() {
    for is_done in [true, false] {
        let (scene, journal) = taken_up(CONNECT, Call::is_mark, is_done);
        assert_eq!(applied(&journal, any_post), once(11..=50));
        let world = scene.vendors.world();
        assert!((11..=50).all(|id| world.mark(id).is_some()));
    }
}

#[test]
fn an_update_without_an_answer_is_written_once() {
    for is_done in [true, false] {
        let (_, journal) = taken_up(UPDATE, Call::is_patch, is_done);
        assert_eq!(applied(&journal, Call::is_patch), once(1..=40));
    }
}

#[test]
fn a_message_without_an_answer_is_sent_once() {
    for is_done in [true, false] {
        let (scene, journal) = taken_up(MESSAGES, any_message, is_done);
        assert_eq!(applied(&journal, any_message), once(1..=30));
        let world = scene.vendors.world();
        assert!((1..=30).all(|id| world.sent(id).len() == 1));
    }
}

#[test]
fn new_begins_anew() {
    let scene = scene(30, 0, &Rules::new(), MESSAGES);
    killed(&scene, 10, any_message);
    let run = interrupted(&scene);
    let before = scene.vendors.take_journal().messages_sent().iter().filter(|entry| entry.applied).count();

    let anew = scene.run_script(&["--apply", "--new"]).exits(0).run();

    assert_ne!(anew.id(), run);
    anew.counts(&[("attempted", 30), ("updated", 30)]);
    assert_eq!(applied(&scene.vendors.journal(), any_message), once(1..=30));
    assert_eq!(scene.vendors.world().messages.len(), 30 + before);
    // What began anew is over, and what was left is left.
    assert_ne!(scene.run_script(&["--apply"]).exits(0).run().id(), run);
}

#[test]
fn other_arguments_are_other_work_and_a_mended_script_is_the_same() {
    let scene = scene(30, 0, &Rules::new(), MESSAGES);
    killed(&scene, 10, any_message);
    let run = interrupted(&scene);

    // A dry run says what is left, and takes nothing up.
    let dry = scene.run_script(&[]).exits(0).run();
    assert_ne!(dry.id(), run);
    scene.script("for id in 1..=2 { case_status.update_case(id, #{ stage: 4 }); }");
    let other = scene.run_script(&["--apply", "--arg", "colour=blue"]).exits(0).run();
    assert_ne!(other.id(), run);
    scene.vendors.take_journal();
    scene.script(&format!("// Mended.\n{MESSAGES}\n\"all told\""));
    let finished = scene.run_script(&["--apply"]).exits(0);
    assert!(finished.stderr.contains(&run), "{}", finished.stderr);
    let again = finished.run();
    assert_eq!((again.id(), again.text("answer")), (run.as_str(), "all told"));
    let world = scene.vendors.world();
    assert!((1..=30).all(|id| world.sent(id).len() == 1));
}
