//! What somebody typed as a value, read by what its key wants.

use serde_json::Value as Json;

use crate::rules::raw;
use crate::yaml::{KeyPath, NewValue, Node, Value, parse};

/// Reads a value for `key`. What cannot be read otherwise is text, so that its fault is told where it would stand in the file.
pub(super) fn read(key: &KeyPath, typed: &str) -> NewValue {
    let trimmed = typed.trim();
    let text = |text: &str| NewValue { value: Value::Text(text.to_owned()), as_written: None };
    if is_text(key) {
        // A shell takes quotes off, and a program leaves them on.
        return match parsed(trimmed) {
            Some(Node { span, value: Value::Text(value) }) if trimmed.starts_with(['"', '\'']) && span == (0..trimmed.len()) => {
                text(&value)
            }
            _ => text(typed),
        };
    }
    match parsed(trimmed) {
        Some(node) => NewValue { as_written: is_kept(trimmed, &node).then(|| trimmed.to_owned()), value: node.value },
        None => text(trimmed),
    }
}

fn parsed(typed: &str) -> Option<Node> {
    let (_, node) = parse("value", typed.to_owned()).ok()?;
    // An empty file is an empty map; an empty value is none.
    let nothing = matches!(&node.value, Value::Map(entries) if entries.is_empty()) && !typed.contains('{');
    Some(if nothing { Node { value: Value::Null, ..node } } else { node })
}

/// Whether the author's own spelling can stand in a file: in one line, and nothing behind it.
fn is_kept(typed: &str, node: &Node) -> bool {
    let whole = match node.value {
        Value::Map(_) => typed.starts_with('{') && typed.ends_with('}'),
        Value::List(_) => typed.starts_with('[') && typed.ends_with(']'),
        _ => !typed.is_empty() && node.span == (0..typed.len()),
    };
    whole && !typed.contains(['\n', '\r', '#'])
}

/// Whether a key wants text of any form, by the schema of the firm file.
fn is_text(key: &KeyPath) -> bool {
    let schema = Json::from(schemars::schema_for!(raw::RawFirm));
    let wanted = key.keys().iter().try_fold(&schema, |at, name| {
        let at = meant(&schema, at);
        at.get("properties").and_then(|keys| keys.get(name)).or_else(|| at.get("additionalProperties"))
    });
    let Some(wanted) = wanted.map(|wanted| meant(&schema, wanted)) else { return false };
    let kind = wanted.get("type");
    let text = kind.is_some_and(|kind| kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&"string".into())));
    text && wanted.get("pattern").is_none() && wanted.get("enum").is_none()
}

/// The schema that is meant where it stands for another, or may also be absent.
fn meant<'s>(schema: &'s Json, mut at: &'s Json) -> &'s Json {
    loop {
        let other = at.get("anyOf").and_then(|choices| choices.get(0));
        let referred = at.get("$ref").and_then(Json::as_str).and_then(|name| schema.pointer(name.trim_start_matches('#')));
        match other.or(referred) {
            Some(next) => at = next,
            None => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(key: &str, typed: &str) -> (String, bool) {
        let new = read(&KeyPath::parse(key).unwrap(), typed);
        (serde_json::to_string(&new.value).unwrap(), new.as_written.is_some())
    }

    #[test]
    fn keys_that_want_text_are_known() {
        let is_text = |key: &str| is_text(&KeyPath::parse(key).unwrap());
        for key in ["name", "time_zone", "hooks", "messages.note_prefix", "connections.casepeer.key", "schedule.stage_sync.cron"] {
            assert!(is_text(key), "{key}");
        }
        for key in ["schedule.stage_sync.enabled", "guard.max_stage_changes", "limits.timeout", "stages.match", "sync", "sync.attributes"] {
            assert!(!is_text(key), "{key}");
        }
        for key in ["stages.by_case_type.Dog Bite", "validation.phone.labels", "nmae", "name.first", "guard.max"] {
            assert!(!is_text(key), "{key}");
        }
    }

    #[test]
    fn a_text_needs_no_quotes() {
        for (typed, text) in [("[CS] ", "[CS] "), ("\"[CS] \"", "[CS] "), (" 'it''s' ", "it's"), ("12", "12"), ("a # b", "a # b"), ("", "")]
        {
            assert_eq!(value("messages.note_prefix", typed), (format!("{text:?}"), false), "{typed}");
        }
        assert_eq!(value("messages.note_prefix", "\"a\" and 'b'"), (r#""\"a\" and 'b'""#.to_owned(), false));
        assert_eq!(value("messages.note_prefix", "\"a\" # b"), (r#""\"a\" # b""#.to_owned(), false));
    }

    #[test]
    fn other_values_are_yaml() {
        for (typed, json, kept) in [
            ("[stage, status]", r#"["stage","status"]"#, true),
            (" [stage] ", r#"["stage"]"#, true),
            ("[\"stage\"] # c", r#"["stage"]"#, false),
            ("- stage\n- status", r#"["stage","status"]"#, false),
            ("stage", r#""stage""#, true),
            ("[stage", r#""[stage""#, false),
            ("", "null", false),
            ("~", "null", false),
            ("{}", "{}", true),
            ("a: 1", r#"{"a":1}"#, false),
        ] {
            assert_eq!(value("sync.attributes", typed), (json.to_owned(), kept), "{typed}");
        }
        assert_eq!(value("schedule.nightly_sync.enabled", "false"), ("false".to_owned(), true));
        assert_eq!(value("guard.max_stage_changes", "10%"), (r#""10%""#.to_owned(), true));
    }
}
