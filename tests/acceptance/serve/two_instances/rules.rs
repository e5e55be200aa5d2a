//! Two instances over one PostgreSQL that has the rules: what is edited at one is served by the other.

use serde_json::{Value, json};

use super::Two;
use crate::support::host::Host;
use crate::support::http::Answer;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;
use crate::support::visitor::{SUPPORT, Visitor, add};

const FIRM: &str = "/api/v1/firms/hartwell";
const RULES: &str = "/api/v1/firms/hartwell/rules";

/// Both under way, by rules that are in the store alone.
fn both() -> (Two, Serving, Serving, String) {
    let mut two = Two::new(World::of([101]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    two.scene.host.run(&["rules", "push"]).exits(0);
    std::fs::rename(two.scene.host.path("rules"), two.scene.host.path("kept")).unwrap();
    let in_store = |host: &mut Host| host.set("CASEBRIDGE_RULES_SOURCE", "store");
    in_store(&mut two.scene.host);
    in_store(&mut two.second);
    let (first, second) = (Serving::start(&two.scene.host), Serving::start(&two.second));
    let support = token(&two.scene.host, &["ops", "--role", "support"]);
    (two, first, second, support)
}

#[test]
fn an_edit_at_one_is_served_by_the_other_and_both_say_so() {
    let (two, first, mut second, support) = both();
    let edited = first.send(&support, "PATCH", FIRM, Some(&json!({ "name": "Hartwell & Sons" }))).answers(200).json();
    let at_both = |answer: &Answer| {
        let firm = answer.json();
        let serves = |instance: &Value| instance["revision"] == edited["revision"];
        firm["name"] == "Hartwell & Sons" && firm["instances"].as_array().is_some_and(|all| all.len() == 2 && all.iter().all(serves))
    };
    second.until_answer("both serve it", &support, FIRM, at_both);
    let line = |wanted: &'static str| move |answer: &Answer| answer.body.lines().any(|line| line == wanted);
    second.until_answer("it goes by the second change", &support, "/metrics", line("casebridge_rules_change 2"));
    second.until_answer("it is up to date", &support, "/metrics", line("casebridge_rules_lag_seconds 0.0"));

    let both_up_to_date = |answer: &Answer| {
        let listed = answer.json();
        listed["instances"].as_array().is_some_and(|all| all.len() == 2 && all.iter().all(|one| one["behind"] == 0 && one["firms"] == 1))
    };
    let listed = second.until_answer("both are there", &support, "/api/v1/instances", both_up_to_date).json();
    let answering: Vec<bool> = listed["instances"].as_array().unwrap().iter().map(|one| one["answers"] == true).collect();
    assert_eq!(answering, [false, true]);
    add(&two.scene.host, SUPPORT, &["support"]);
    let mut visitor = Visitor::signed_in(&first, SUPPORT);
    visitor.page("/").says("Instances 2");
    visitor.page("/instances").says("up to date").says("shows this page");
    // One edit is one receipt, however many saw it.
    assert_eq!(two.scene.outcomes(), ["applied", "applied"]);

    first.stop();
    let alone = |answer: &Answer| answer.json()["instances"].as_array().is_some_and(|all| all.len() == 1);
    second.until_answer("the other took leave", &support, "/api/v1/instances", alone);
    assert_eq!(second.get_as(&support, FIRM).answers(200).json()["name"], "Hartwell & Sons");
}

#[test]
fn of_two_who_edit_the_same_text_at_two_instances_one_is_told() {
    let (two, first, second, support) = both();
    let held = first.get_as(&support, RULES).answers(200);
    let edit = |name: &str| held.body.replace("Hartwell Injury Law", name);
    let put = |serving: &Serving, name: &str| {
        let headers = [("content-type", "application/yaml"), ("if-match", held.header("etag"))];
        serving.send_with(&support, "PUT", RULES, &headers, Some(&edit(name))).status
    };
    let mut answers = std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(|| put(&first, "One")), scope.spawn(|| put(&second, "Other")));
        [one.join().unwrap(), other.join().unwrap()]
    });
    let winner = if answers[0] == 200 { "One" } else { "Other" };
    answers.sort_unstable();
    assert_eq!(answers, [200, 412]);
    two.second.run(&["rules", "pull", "--to", "pulled"]).exits(0);
    assert_eq!(two.second.read("pulled/rules/hartwell.yaml"), edit(winner));
}

#[test]
fn one_whose_clock_is_ahead_takes_the_other_for_gone_no_more_than_itself() {
    let (mut two, first, second, support) = both();
    second.stop();
    let ahead = jiff::Timestamp::now() + std::time::Duration::from_mins(10);
    let ahead = ahead.in_tz("America/New_York").unwrap().strftime("%Y-%m-%d %H:%M:%S").to_string();
    let mut second = Serving::start_at(&mut two.second, &ahead);
    let both = |answer: &Answer| answer.json()["instances"].as_array().is_some_and(|all| all.len() == 2);
    second.until_answer("both are there", &support, "/api/v1/instances", both);
    first.stop();
    second.stop();
}
