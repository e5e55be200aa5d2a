//! `docs/settings.md`: every setting with its variable, flag, default and meaning; and the defaults are the ones that hold.

use std::fmt::Write as _;

use casebridge::cli::Arguments;
use casebridge::settings::{self, Flags, Settings};
use clap::CommandFactory as _;
use serde_json::Value;

const BEGIN: &str = "<!-- The table is written by `CASEBRIDGE_DOCS=1 cargo nextest run --features temporal --test it pages`. -->";
const END: &str = "<!-- End of the table. -->";

struct Setting {
    key: String,
    is_list: bool,
    meaning: String,
    default: String,
}

impl Setting {
    /// The variable that sets it. References of several firms are for the file.
    fn variable(&self) -> Option<String> {
        (self.key != "shared_secrets").then(|| format!("CASEBRIDGE_{}", self.key.replace('.', "_").to_uppercase()))
    }
}

#[test]
fn the_page_of_settings_has_every_key() {
    let command = Arguments::command();
    let mut page = String::from("| key | variable | flag | default | meaning |\n|---|---|---|---|---|\n");
    for setting in settings() {
        let list = if setting.is_list { " (commas)" } else { "" };
        let variable = setting.variable().map(|name| format!("`{name}`{list}")).unwrap_or_default();
        let flag = command.get_arguments().find(|argument| argument.get_id() == setting.key.as_str());
        let flag = flag.and_then(clap::Arg::get_long).map(|long| format!("`--{long}`")).unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {variable} | {flag} | {} | {} |", setting.key, setting.default, setting.meaning);
    }
    super::holds("docs/settings.md", BEGIN, Some(END), &page);
}

/// A setting that is set to its default changes nothing, and each variable of the page is one.
#[test]
fn the_defaults_of_the_page_hold() {
    // What is left to other parts of the host, and what holds only beside another key.
    const ELSEWHERE: [&str; 5] = ["scripts.", "jobs.spread", "engine.", "database.", "database_url"];
    let read = |variables: Vec<(String, String)>| Settings::read(&Flags::default(), variables.into_iter());
    let bare = format!("{:?}", read(Vec::new()).expect("no settings are in order"));
    let mut count = 0;
    for setting in settings() {
        let Some(variable) = setting.variable() else { continue };
        let plain = setting.default.strip_prefix('`').and_then(|default| default.strip_suffix('`')).filter(|text| !text.contains('`'));
        let with = read(vec![(variable.clone(), plain.unwrap_or("?").to_owned())]);
        let faults = with.as_ref().err().map(|faults| format!("{faults:?}")).unwrap_or_default();
        assert!(!faults.contains("no setting is called"), "{variable}: {faults}");
        let Some(plain) = plain else { continue };
        assert!(with.is_ok() || setting.key.starts_with("engine."), "{variable}={plain}: {faults}");
        if !ELSEWHERE.iter().any(|key| setting.key.starts_with(key)) {
            assert_eq!(format!("{:?}", with.expect("in order")), bare, "{variable}={plain}");
            count += 1;
        }
    }
    assert!(count > 12, "{count} defaults were tried");
}

fn settings() -> Vec<Setting> {
    let schema = settings::schema();
    let mut found = Vec::new();
    gather(&schema, &schema, "", &mut found);
    assert!(found.len() > 30, "the settings are where they were");
    found
}

fn gather(shape: &Value, schema: &Value, heading: &str, found: &mut Vec<Setting>) {
    for (key, property) in shape["properties"].as_object().expect("a map of keys") {
        let key = format!("{heading}{key}");
        let inner = reference(property).and_then(|name| schema.pointer(name.trim_start_matches('#')));
        if let Some(inner) = inner.filter(|inner| inner["properties"].is_object()) {
            gather(inner, schema, &format!("{key}."), found);
            continue;
        }
        let text = property["description"].as_str().unwrap_or_default();
        let (meaning, default) = text.split_once("\n\nDefault: ").unwrap_or_else(|| panic!("{key} says no default: {text}"));
        let is_list =
            property["type"].as_str() == Some("array") || property["type"].as_array().is_some_and(|kinds| kinds.contains(&"array".into()));
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        found.push(Setting { is_list, meaning: line(meaning), default: line(default), key });
    }
}

/// The definition that a property is of, wherever the schema puts it.
fn reference(property: &Value) -> Option<&str> {
    let choices = property["anyOf"].as_array().into_iter().flatten();
    std::iter::once(property).chain(choices).find_map(|choice| choice["$ref"].as_str())
}
