//! What a migration does to cases: only what differs and what the rules allow; what clients or staff would see twice, once a run.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::{Rules, line_of};
use crate::support::vendors::{ANN, BOB, CARL, PETE, World};

/// Cases 1 to 3, connected, and this script.
fn scene(rules: &Rules, script: &str) -> Scene {
    let scene = Scene::new(World::of(1..=3), rules);
    scene.script(script);
    scene
}

/// The bodies of the updates so far.
fn updates(scene: &Scene) -> Vec<Value> {
    scene.vendors.journal().patches().iter().map(|entry| entry.call.body.clone()).collect()
}

#[test]
fn an_update_writes_only_what_differs() {
    let script = format!(
        r#"
case_status.update_case(1, #{{ stage: 3, description: "Rear-end collision", primary_attorney: "{}" }});
case_status.update_case(2, #{{ stage: 3, description: (), paralegals: [], primary_attorney: "{}" }});
case_status.update_case("https://my.casepeer.com/case/3/", #{{ case_date: "2024-02-04", additional_attorneys: ["{BOB}"] }});
"#,
        ANN.to_uppercase(),
        BOB.to_uppercase()
    );
    let scene = scene(&Rules::new(), &script);

    let run = scene.run_script(&["--apply"]).exits(0).run();

    run.counts(&[("attempted", 3), ("updated", 2), ("unchanged", 1)]);
    // As Case Status spells it.
    let second = json!({ "primary_attorney_email": BOB, "paralegal_emails": [], "description": null });
    let third = json!({ "additional_attorney_emails": [BOB], "case_date": "2024-02-04" });
    assert_eq!(updates(&scene), [second, third]);
    assert_eq!(run.row(2).changes(), "primary_attorney; paralegals; description");
}

#[test]
fn what_case_status_cannot_take_is_refused_before_it_is_asked() {
    let refused = [
        (format!("#{{ primary_attorney: \"{CARL}\" }}"), CARL),
        (format!("#{{ paralegals: [\"{PETE}\", \"nobody@hartwell.example\"] }}"), "nobody@hartwell.example"),
        (format!("#{{ additional_attorneys: [\"{PETE}\"], description: \"new\" }}"), PETE),
        ("#{ practice_area: \"Space Law\" }".to_owned(), "Space Law"),
        ("#{ stage: 9 }".to_owned(), "no stage 9"),
        ("#{ practice_area: \"Workers Comp\", stage: 4 }".to_owned(), "no stage 4"),
    ];
    for (changes, word) in refused {
        let scene = scene(&Rules::new(), &format!("case_status.update_case(1, {changes});\ncase_status.update_case(2, #{{ stage: 4 }});"));

        let run = scene.run_script(&["--apply"]).exits(1).run();

        run.counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);
        run.row(1).blames(word);
        assert_eq!(updates(&scene), [json!({ "stage": 4 })], "{changes}");
    }
    let scene = scene(&Rules::new(), "case_status.update_case(99, #{ stage: 4 }).reason");
    let run = scene.run_script(&["--apply"]).exits(1).run();
    run.row(99).blames("no case");
    assert_eq!(run.text("answer"), run.row(99).reason());
}

#[test]
fn an_attribute_that_the_rules_leave_out_is_refused() {
    let rules = Rules::new().with("sync", "{ attributes: [stage, status] }");
    let scene = scene(&rules, "case_status.update_case(1, #{ stage: 4, description: \"new\" });\ncase_status.close_case(2);");

    let run = scene.run_script(&["--apply"]).exits(1).run();

    run.counts(&[("attempted", 2), ("updated", 1), ("failed", 1)]);
    run.row(1).blames("description");
    let text = scene.host.read("rules/hartwell.yaml");
    assert_eq!(run.row(1).rule(), format!("rules/hartwell.yaml:{}", line_of(&text, "attributes:")));
    assert_eq!(scene.vendors.journal().patches_of(1).len(), 0);
}

#[test]
fn the_firms_own_rules_and_its_script_refuse_updates_too() {
    let own = "{ rules: [{ when: 'case_number == \"PI-1\"', error: not this one, on: [connect, sync] }, { when: 'true', error: never }] }";
    let rules = Rules::new().with("validation", own).with("hooks", "hartwell.rhai");
    let script = "for id in 1..=3 { case_status.update_case(id, #{ stage: 4 }); }\ncase_status.connect_case(4);";
    let scene = scene(&rules, script);
    scene.vendors.world().unconnected(4);
    scene.host.write("scripts/hartwell.rhai", "fn validate(c) {\n    if c.id == 2 { [\"nor this\"] } else { [] }\n}\n");

    let run = scene.run_script(&["--apply"]).exits(1).run();

    run.counts(&[("attempted", 4), ("updated", 1), ("failed", 3)]);
    run.row(1).blames("not this one");
    run.row(2).blames("nor this");
    assert_eq!(run.row(2).rule(), "scripts/hartwell.rhai:1");
    // A rule without `on:` is one of connecting.
    run.row(4).blames("never");
    let journal = scene.vendors.journal();
    assert_eq!(journal.writes().iter().map(|entry| entry.case()).collect::<Vec<_>>(), ["3"]);
}

#[test]
fn a_closing_has_its_day() {
    let rules = Rules::new().with("time_zone", "Pacific/Kiritimati");
    let scene = scene(&rules, "for id in 1..=3 { case_status.close_case(id); }");
    {
        let mut world = scene.vendors.world();
        world.peer(1)["status"] = json!("closed");
        world.peer(1)["closed_on"] = json!("2026-10-30");
        world.status(3)["status"] = json!("closed");
        world.status(3)["closed_date"] = json!("2026-01-02");
    }
    // Far from every other zone: there it is tomorrow for most of the day.
    let today = || Timestamp::now().in_tz("Pacific/Kiritimati").unwrap().date();

    let before = today();
    let run = scene.run_script(&["--apply"]).exits(0).run();
    let days = [before, today()];

    run.counts(&[("attempted", 3), ("updated", 2), ("unchanged", 1)]);
    let closed = |day: &str| json!({ "status": "closed", "closed_date": day });
    let written = updates(&scene);
    assert_eq!(written[0], closed("2026-10-30"));
    assert!(days.iter().any(|day| written[1] == closed(&day.to_string())), "{:?} is none of {days:?}", written[1]);
    assert_eq!(run.row(1).changes(), "status: open → closed");
}

#[test]
fn sync_case_does_what_a_sync_does() {
    let scene = scene(&Rules::new(), "for id in 1..=4 { log.info(case_status.sync_case(id).result); }");
    scene.vendors.world().peer(1)["stage"] = json!("Negotiation");
    scene.vendors.world().peer(2)["stage"] = json!("negotiation");

    let run = scene.run_script(&["--apply"]).exits(0).run();

    run.counts(&[("attempted", 3), ("updated", 1), ("unchanged", 2), ("skipped", 1)]);
    assert_eq!(run.row(1).changes(), "stage: 3 → 6");
    run.row(2).blames("negotiation");
    let said: Vec<&Value> = run.0["log"].as_array().unwrap().iter().map(|line| &line["text"]).collect();
    assert_eq!(said, ["updated", "unchanged", "unchanged", "skipped"]);
}

/// Says the same twice and something else once, in every way.
const TWICE: &str = r#"
for n in 0..2 {
    case_status.send_message(1, "Your case is in good hands.");
    casepeer.add_note(1, "Told the client.");
    casepeer.add_document(1, "summary.txt", "All of it.");
    casepeer.add_document(1, "raw.bin", blob(3, 7));
}
case_status.send_message(1, "Happy holidays!");
case_status.send_message(2, "Happy holidays!");
log.info(casepeer.add_note(1, "Told the client.").reason);
"#;

#[test]
fn what_was_sent_or_added_is_not_sent_or_added_again_in_the_same_run() {
    let scene = scene(&Rules::new(), TWICE);
    scene.run_script(&[]).exits(0).run().counts(&[("attempted", 2), ("updated", 2)]);
    assert_eq!(scene.vendors.journal().writes().len(), 0);

    let run = scene.run_script(&["--apply"]).exits(0).run();

    run.counts(&[("attempted", 2), ("updated", 2)]);
    assert_eq!(run.row(1).changes(), "message sent; note added; document: summary.txt; document: raw.bin; message sent");
    let journal = scene.vendors.journal();
    assert_eq!((journal.messages_sent().len(), journal.notes().len(), journal.documents().len()), (3, 1, 2));
    let world = scene.vendors.world();
    let bodies: Vec<&Value> = world.sent(1).iter().map(|sent| &sent["body"]).collect();
    assert_eq!(bodies, ["Your case is in good hands.", "Happy holidays!"]);
    assert_eq!(world.note_bodies(1), ["Told the client."]);
    let files: Vec<_> = world.received(1).iter().map(|file| (&file["file_name"], &file["size"])).collect();
    assert_eq!(files, [(&json!("summary.txt"), &json!(10)), (&json!("raw.bin"), &json!(3))]);
    assert!(run.0["log"][0]["text"].as_str().unwrap().contains("done before"), "{:#}", run.0);
}

#[test]
fn another_run_sends_again() {
    let scene = scene(&Rules::new(), TWICE);
    (0..2).for_each(|_| drop(scene.run_script(&["--apply"]).exits(0)));
    let world = scene.vendors.world();
    assert_eq!((world.sent(1).len(), world.sent(2).len(), world.notes(1).len(), world.received(1).len()), (4, 2, 2, 4));
}
