//! The shipped firm files, edited.

use super::*;

const HARTWELL: &str = include_str!("../../../rules/hartwell.yaml");
const OKAFOR: &str = include_str!("../../../rules/okafor.yaml");

fn changes(settings: &[&str]) -> Vec<(KeyPath, String)> {
    settings.iter().map(|setting| KeyPath::parse_setting(setting).map(|(key, value)| (key, value.to_owned())).unwrap()).collect()
}

/// Edits `text`, whose lines `before` are to become `after` and nothing else.
#[track_caller]
fn becomes(text: &str, settings: &[&str], before: &str, after: &str) {
    assert_eq!(text.matches(before).count(), 1, "{before}");
    let edited = edit("rules/x.yaml", text, &changes(settings)).unwrap();
    assert_eq!(edited.text, text.replace(before, after));
    let again = edit("rules/x.yaml", &edited.text, &changes(settings)).unwrap();
    assert_eq!(again.text, edited.text);
    assert!(again.settings.iter().all(|setting| !setting.changed));
}

#[test]
fn the_shipped_files_change_where_they_should() {
    let paused = "nightly_sync: { enabled: false }  # paused";
    becomes(HARTWELL, &["schedule.nightly_sync.enabled=true"], paused, "nightly_sync: { enabled: true }  # paused");
    becomes(HARTWELL, &["schedule.nightly_sync.catch_up=2h"], paused, "nightly_sync: { enabled: false, catch_up: 2h }  # paused");
    becomes(HARTWELL, &["messages.note_prefix=[CS] "], "\"[Case Status] \"", "\"[CS] \"");
    becomes(HARTWELL, &["name=Hartwell & Co."], "Hartwell Injury Law", "Hartwell & Co.");
    becomes(HARTWELL, &["hooks=other.rhai"], "hartwell.rhai  ", "other.rhai  ");
    becomes(HARTWELL, &["connections.casepeer.key=${file:peer}"], "${env:HARTWELL_CASEPEER_KEY}", "${file:peer}");
    becomes(
        HARTWELL,
        &["guard.max_stage_changes=10%", "guard.from_cases=5"],
        "# in the scripts folder\n",
        "# in the scripts folder\n\nguard:\n  max_stage_changes: 10%\n  from_cases: 5\n",
    );
    becomes(
        HARTWELL,
        &["schedule.stage_sync.cron=*/15 * * * *"],
        "the mapping is agreed\n",
        "the mapping is agreed\n  stage_sync:\n    cron: \"*/15 * * * *\"\n",
    );
    let attributes = "[stage, status, primary_attorney, additional_attorneys, paralegals, practice_area, case_date, readable_id]";
    becomes(OKAFOR, &["sync.attributes=[stage, status]"], attributes, "[stage, status]");
    becomes(OKAFOR, &["guard.max_stage_changes=10%"], "20%", "10%");
}

#[test]
fn what_was_and_what_is_are_told() {
    let edited = edit("rules/x.yaml", HARTWELL, &changes(&["schedule.nightly_sync.enabled=true", "guard.from_cases=5", "name=X"])).unwrap();
    let told: Vec<String> = edited
        .settings
        .iter()
        .map(|setting| {
            format!(
                "{} {:?} {} {}",
                setting.key,
                setting.before.as_ref().map(Value::in_one_line),
                setting.after.in_one_line(),
                setting.changed
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "schedule.nightly_sync.enabled Some(\"false\") true true",
            "guard.from_cases None 5 true",
            "name Some(\"Hartwell Injury Law\") X true"
        ]
    );
}

#[test]
fn secrets_are_masked_in_what_is_told() {
    let text = "connections:\n  casepeer: { key: plain-4711, kye: plain-4712 }\n  case_status:\n    webhook_secret: |\n      plain-4713\n";
    let settings =
        ["connections.casepeer.key=${env:KEY}", "connections.casepeer.kye=plain-4714", "connections.case_status={ key: plain-4715 }"];
    let edited = edit("rules/x.yaml", text, &changes(&settings)).unwrap();
    let told = serde_json::to_string(&edited.settings.iter().map(|setting| (&setting.before, &setting.after)).collect::<Vec<_>>()).unwrap();
    assert!(!told.contains("plain-471"), "{told}");
    assert!(told.contains("${env:KEY}"), "{told}");
}

#[test]
fn every_fault_is_told_at_once() {
    let settings = ["name.first=1", "guard.from_cases=1", "guard.from_cases=2", "hooks.x=1"];
    let faults = edit("rules/x.yaml", HARTWELL, &changes(&settings)).unwrap_err();
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages, ["`name` is text and has no keys", "`guard.from_cases` is set twice", "`hooks` is text and has no keys"]);
    assert_eq!(faults[2].place.as_ref().map(ToString::to_string).as_deref(), Some("rules/x.yaml:34:1"));
}

#[test]
fn a_byte_order_mark_stays() {
    let edited = edit("rules/x.yaml", "\u{feff}name: X # c\nguard: {}\n", &changes(&["name=Y", "guard.from_cases=1"])).unwrap();
    assert_eq!(edited.text, "\u{feff}name: \"Y\" # c\nguard: { from_cases: 1 }\n");
}
