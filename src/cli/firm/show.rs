//! `casebridge firm show FIRM`: the rules as they are after merging, each with its line.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::{Context, Exit, Refusal, output};
use crate::domain::{Attribute, FirmState};
use crate::rules::raw::{AttorneyRule, UnmappedPracticeArea, UnmappedStage};
use crate::rules::{Connection, FirmRules, Hook, Hooks, Schedule, ScriptSchedule};

pub(super) async fn show(context: &Context, firm: &str) -> Result<Exit, Refusal> {
    let rules = context.rules_to_look_at(firm)?;
    let firm_status = context.firm_statuses(&[&rules.firm]).await?.remove(&rules.firm).unwrap_or_default();
    let shown = describe(&rules, firm_status.state());
    if context.json {
        output::line(shown);
    } else {
        output::text(as_text(&shown, 0));
    }
    Ok(Exit::Success)
}

fn describe(rules: &FirmRules, state: FirmState) -> Value {
    let attributes: Vec<&str> =
        Attribute::ALL.into_iter().filter(|attribute| rules.sync.attributes.has(*attribute)).map(Attribute::as_str).collect();
    let mut stages: Vec<Value> = Vec::new();
    for (case_type, own) in rules.stages.by_case_type.entries() {
        let own = own.value.entries();
        stages.extend(own.map(|(stage, target)| {
            json!({ "case_type": case_type, "casepeer": stage, "to": target.value.number(), "rule": target.origin.to_string() })
        }));
    }
    let all = rules.stages.map.entries();
    stages.extend(all.map(|(stage, target)| json!({ "casepeer": stage, "to": target.value.number(), "rule": target.origin.to_string() })));
    let areas = rules.practice_areas.map.entries();
    let areas: Vec<Value> = areas
        .map(|(case_type, target)| json!({ "casepeer": case_type, "to": target.value.as_str(), "rule": target.origin.to_string() }))
        .collect();
    json!({
        "firm": rules.firm.as_str(),
        "state": state.as_str(),
        "name": &*rules.name,
        "revision": &*rules.revision.0,
        "time_zone": rules.time_zone.iana_name(),
        "connections": { "casepeer": connection(&rules.connections.casepeer), "case_status": connection(&rules.connections.case_status) },
        "sync": {
            "attributes": attributes,
            "reopen": rules.sync.reopen.value,
            "release_hold": rules.sync.release_hold.value,
        },
        "stages": {
            "unmapped": match rules.stages.unmapped.value { UnmappedStage::Keep => "keep", UnmappedStage::Fail => "fail" },
            "settle": format!("{:?}", rules.stages.settle),
            "map": stages,
        },
        "practice_areas": {
            "unmapped": match rules.practice_areas.unmapped.value {
                UnmappedPracticeArea::SameName => "same_name",
                UnmappedPracticeArea::Fail => "fail",
            },
            "map": areas,
        },
        "messages": {
            "note_prefix": &*rules.messages.note_prefix,
            "directions": rules.messages.directions.iter().map(|direction| direction.as_str()).collect::<Vec<_>>(),
            "skip_own": rules.messages.skip_own,
            "start": rules.messages.start.value.as_str(),
        },
        "validation": {
            "attorney": match rules.validation.attorney.value { AttorneyRule::MustExist => "must_exist", AttorneyRule::Optional => "optional" },
            "phone_required": rules.validation.phone.required.value,
            "required": rules.validation.required.iter().map(|field| field.value.words()).collect::<Vec<_>>(),
            "rules": rules.validation.rules.iter().map(|rule| json!({ "error": &*rule.error, "rule": rule.origin.to_string() })).collect::<Vec<_>>(),
        },
        "schedule": {
            "nightly_sync": schedule(&rules.schedule.nightly_sync),
            "stage_sync": schedule(&rules.schedule.stage_sync),
            "message_sync": schedule(&rules.schedule.message_sync),
            "document_sync": schedule(&rules.schedule.document_sync),
            "scripts": rules.schedule.scripts.iter().map(script).collect::<Vec<_>>(),
        },
        "hooks": rules.hooks.as_ref().map(|hooks| hooks_of(&**hooks)),
        "documents": { "max_size": format!("{}MB", rules.documents.max_size.value / 1_000_000) },
        "guard": {
            "max_stage_changes": format!("{}%", rules.guard.max_stage_changes.value),
            "from_cases": rules.guard.from_cases,
            "max_invitations": rules.guard.max_invitations.value,
        },
        "limits": {
            "concurrency": rules.limits.concurrency,
            "requests_per_second": rules.limits.requests_per_second,
            "attempts": rules.limits.attempts,
            "timeout": format!("{:?}", rules.limits.timeout),
            "max_pages": rules.limits.max_pages,
        },
    })
}

/// A connection without its secrets: where the key's reference stands is all there is to show of it.
fn connection(connection: &Connection) -> Value {
    json!({ "base_url": &*connection.base_url, "key": format!("set ({})", connection.key_origin), "page_size": connection.page_size })
}

fn hooks_of(hooks: &dyn Hooks) -> Value {
    let functions =
        Hook::ALL.iter().filter_map(|(hook, _)| Some((hook.as_str().to_owned(), Value::from(hooks.origin(*hook)?.to_string()))));
    json!({ "script": hooks.file(), "functions": functions.collect::<serde_json::Map<_, _>>() })
}

/// As rules have it.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds > 0 && seconds.is_multiple_of(3600) { format!("{}h", seconds / 3600) } else { format!("{time:?}") }
}

fn schedule(schedule: &Schedule) -> Value {
    json!({ "enabled": schedule.enabled, "cron": &*schedule.cron.text, "catch_up": schedule.catch_up.map(in_words) })
}

fn script(script: &ScriptSchedule) -> Value {
    let Schedule { enabled, cron, .. } = &script.schedule;
    json!({ "script": &*script.script, "enabled": enabled, "cron": &*cron.text, "apply": script.apply })
}

/// Nested values, indented; a map of scalars alone on one line.
fn as_text(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let Value::Object(map) = value else { return scalar(value) };
    let mut text = String::new();
    for (key, value) in map {
        match value {
            Value::Object(inner) if inner.values().any(|value| value.is_object() || value.is_array()) => {
                text.push_str(&format!("{indent}{key}:\n{}", as_text(value, depth + 1)));
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                text.push_str(&format!("{indent}{key}:\n"));
                items.iter().for_each(|item| text.push_str(&format!("{indent}  {}\n", scalar(item))));
            }
            value => text.push_str(&format!("{indent}{key}: {}\n", scalar(value))),
        }
    }
    text
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join(", "),
        Value::Object(map) => map.iter().map(|(key, value)| format!("{key}: {}", scalar(value))).collect::<Vec<_>>().join("   "),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}
