//! What the API says of a firm: its rules in use, when it starts next, and where it stands.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::{Rules, line_of};
use crate::support::serving::{NIGHTLY_ALONE, NOTHING_BY_ITSELF, Serving, token};
use crate::support::store::owe_a_nightly_sync;
use crate::support::vendors::{Fault, Vendor, World};

fn scene(rules: &Rules) -> (Scene, String) {
    let scene = Scene::new(World::of([1, 2]), rules);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    (scene, support)
}

fn quiet() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

fn firm(serving: &Serving, token: &str) -> Value {
    let firm = serving.get_as(token, "/api/v1/firms/hartwell").answers(200).json();
    // The list says the same.
    let firms = serving.get_as(token, "/api/v1/firms").answers(200).json();
    assert_eq!(firms["firms"].as_array().unwrap().iter().find(|listed| listed["firm"] == "hartwell"), Some(&firm));
    firm
}

#[test]
fn a_firm_in_order_is_active() {
    let (scene, support) = scene(&quiet());
    let run = scene.sync().exits(0).run();
    let serving = Serving::start(&scene.host);

    let firm = firm(&serving, &support);

    assert_eq!(firm["firm"], "hartwell");
    assert_eq!(firm["name"], "Hartwell Injury Law");
    assert_eq!(firm["revision"], run.text("revision"));
    assert_eq!(firm["time_zone"], "America/New_York");
    assert_eq!(firm["rules"], json!({ "state": "active", "diagnostics": [] }));
    assert_eq!((&firm["paused"], &firm["left_alone"]), (&Value::Null, &json!([])));
    assert_eq!((&firm["waiting"], &firm["letters"]), (&json!({ "messages": 0, "documents": 0 }), &json!(0)));
    assert_eq!(firm["held_runs"], 0);
    assert_eq!(json!([firm["last_sync"]["run_id"], firm["last_sync"]["status"]]), json!([run.id(), "succeeded"]));
    assert_eq!(firm["last_sync"]["finished_at"], run.text("finished_at"));
}

#[test]
fn next_is_when_a_schedule_starts() {
    let schedule = r#"{ nightly_sync: { cron: "30 22 * * *" }, stage_sync: { cron: "*/5 * * * *" }, message_sync: { enabled: false },
  document_sync: { cron: "0 9 1 1 *" }, scripts: [{ script: tidy.rhai, cron: "0 4 * * *", apply: true }] }"#;
    let (scene, support) = scene(&Rules::new().with("schedule", schedule).with("time_zone", "Europe/Berlin"));
    scene.host.folder("scripts");
    scene.host.write("scripts/tidy.rhai", "run.log(\"nothing to do\");\n");
    let serving = Serving::start(&scene.host);
    let now = Timestamp::now();

    let schedule = firm(&serving, &support)["schedule"].clone();

    let of = |schedule: &Value| schedule["next"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let on_the_wall = |schedule: &Value| of(schedule).in_tz("Europe/Berlin").unwrap().strftime("%m-%d %H:%M:%S").to_string();
    let nightly = &schedule["nightly_sync"];
    assert_eq!(json!([nightly["enabled"], nightly["cron"]]), json!([true, "30 22 * * *"]));
    assert!(on_the_wall(nightly).ends_with(" 22:30:00"), "{nightly}");
    // A day has up to 25 hours.
    assert!(of(nightly) > now && of(nightly) <= now + SignedDuration::from_hours(25), "{nightly}");
    assert!(nightly["next"].as_str().unwrap().ends_with('Z'), "{nightly}");
    let stage = of(&schedule["stage_sync"]);
    assert!(stage > now && stage <= now + SignedDuration::from_mins(5) && stage.as_second() % 300 == 0, "{stage}");
    assert_eq!(schedule["message_sync"], json!({ "enabled": false, "cron": "*/2 * * * *", "next": null }));
    assert_eq!(on_the_wall(&schedule["document_sync"]), "01-01 09:00:00");
    let script = &schedule["scripts"][0];
    assert_eq!(json!([script["script"], script["apply"], script["enabled"]]), json!(["tidy.rhai", true, true]));
    assert!(on_the_wall(script).ends_with(" 04:00:00"), "{script}");
}

#[test]
fn a_firm_that_never_had_good_rules_is_there_without_a_name() {
    let (scene, support) = scene(&quiet());
    let rules = quiet().with("schedul", "{}");
    scene.host.write("rules/osprey.yaml", &rules.text("osprey", &scene.vendors));
    let serving = Serving::start(&scene.host);

    let osprey = serving.get_as(&support, "/api/v1/firms/osprey").answers(200).json();

    assert_eq!(json!([osprey["name"], osprey["revision"], osprey["schedule"]]), json!([null, null, null]));
    assert_eq!(osprey["rules"]["state"], "rejected");
    let diagnostics = osprey["rules"]["diagnostics"].as_array().unwrap();
    assert!(diagnostics.iter().any(|fault| fault["message"].as_str().unwrap().contains("`schedul`")), "{osprey:#}");
    assert_eq!(firm(&serving, &support)["rules"]["state"], "active");
}

#[test]
fn faulty_edits_leave_the_last_good_rules_in_use_and_say_where_the_fault_is() {
    let (scene, support) = scene(&quiet());
    let good = scene.host.read("rules/hartwell.yaml");
    let mut serving = Serving::start(&scene.host);
    let before = firm(&serving, &support);

    let bad = good.replace("to: 7 }", "to: 13 }");
    scene.host.write("rules/hartwell.yaml", &bad);
    let state = |wanted: &'static str| move |answer: &crate::support::http::Answer| answer.json()["rules"]["state"] == wanted;
    let held = serving.until_answer("the rules are held", &support, "/api/v1/firms/hartwell", state("held")).json();
    assert_eq!(json!([held["name"], held["revision"]]), json!([before["name"], before["revision"]]));
    let fault = &held["rules"]["diagnostics"][0];
    assert_eq!(json!([fault["file"], fault["line"]]), json!(["rules/hartwell.yaml", line_of(&bad, "to: 13")]), "{held:#}");

    // The fault of a file that all firms share is said to each of them.
    scene.host.write("rules/hartwell.yaml", &good);
    serving.until_answer("the rules are in order", &support, "/api/v1/firms/hartwell", state("active"));
    scene.host.write("rules/_defaults.yaml", "guard: { from_case: 20 }\n");
    let held = serving.until_answer("the rules are held", &support, "/api/v1/firms/hartwell", state("held")).json();
    assert_eq!(held["rules"]["diagnostics"][0]["file"], "rules/_defaults.yaml", "{held:#}");
}

#[test]
fn runs_that_wait_for_someone_are_counted() {
    let mut world = World::of(1..=40);
    (1..=40).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
    let scene = Scene::new(world, &quiet());
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let held = scene.sync().exits(3).run();
    scene.host.run(&["plan", "hartwell"]);
    let serving = Serving::start(&scene.host);

    let waiting = firm(&serving, &support);
    assert_eq!(json!([waiting["held_runs"], waiting["last_sync"]["status"]]), json!([1, "held"]), "{waiting:#}");
    assert_eq!(waiting["last_sync"]["run_id"], held.id(), "a plan is no sync");

    scene.host.run(&["runs", "approve", held.id()]).exits(0);
    assert_eq!(firm(&serving, &support)["held_runs"], 0);
}

#[test]
fn a_firm_whose_key_is_refused_is_paused() {
    let scene = Scene::new(World::of([1, 2]), &Rules::new().with("schedule", NIGHTLY_ALONE));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    owe_a_nightly_sync(&scene.host, "hartwell");
    scene.vendors.always(Fault::Unauthorized, |call| call.vendor == Vendor::CaseStatus);
    let mut serving = Serving::start(&scene.host);

    let paused =
        serving.until_answer("the firm is paused", &support, "/api/v1/firms/hartwell", |answer| !answer.json()["paused"].is_null());
    let paused = paused.json();
    assert_eq!(paused["paused"]["vendor"], "Case Status", "{paused:#}");
    assert!(paused["paused"]["since"].as_str().unwrap().parse::<Timestamp>().is_ok(), "{paused:#}");
    assert_eq!(paused["last_sync"]["status"], "failed", "{paused:#}");
}
