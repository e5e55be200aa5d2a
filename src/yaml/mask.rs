//! Finds the bytes of a file that must never be shown: what was written where a secret belongs.
//!
//! A reference such as `${env:NAME}` is not a secret and stays readable.

use std::ops::Range;

use super::node::{Node, Value};

/// The keys under a connection that are no secrets; whatever else stands there may be a misspelt one.
const OPEN_KEYS: [&str; 3] = ["base_url", "auth_header", "page_size"];

/// Keys whose value is a secret wherever they stand; an address of a server may hold a password.
const SECRET_KEYS: [&str; 6] = ["key", "webhook_secret", "smtp", "database_url", "seal_key", "password"];

/// Whether the value of this key must not be shown: because of its key, or since it is a URL with a user name, password or query, whatever
/// its key, which may be misspelt.
pub fn is_secret(key: &str, value: &str) -> bool {
    SECRET_KEYS.contains(&key) || has_credentials(value)
}

fn has_credentials(value: &str) -> bool {
    value.split_once("://").is_some_and(|(_, rest)| rest.split_whitespace().next().is_some_and(|rest| rest.contains(['@', '?'])))
}

/// A key as it may be shown: `key:SECRET`, without a blank, is one key to YAML.
pub(super) fn shown_key(name: &str) -> String {
    if holds_secret(name) { format!("{}:…", name.split(':').next().unwrap_or_default()) } else { name.to_owned() }
}

fn holds_secret(key: &str) -> bool {
    key.split_once(':').is_some_and(|(name, value)| SECRET_KEYS.contains(&name.trim()) && !value.is_empty())
}

/// The secrets of a file that could be parsed.
pub(super) fn secrets(text: &str, root: &Node) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    walk(text, root, false, &mut found);
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        // What was set aside as a comment is still a secret.
        if let Some(at) = line.match_indices('#').map(|(at, _)| at).find(|at| *at == 0 || line[..*at].ends_with([' ', '\t'])) {
            let shown = |range: &Range<usize>| !is_reference(line[at..][range.clone()].trim_matches([' ', '"', '\'', '\n']));
            let comment = secrets_by_text(&line[at..]).into_iter().filter(shown);
            found.extend(comment.map(|range| line_start + at + range.start..line_start + at + range.end));
        }
        line_start += line.len();
    }
    without_overlaps(found)
}

fn walk(text: &str, node: &Node, connection: bool, found: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                let name = if let Value::Text(name) = &key.value { name.as_str() } else { "" };
                let may_be_key = connection && name == "auth_header" && matches!(&value.value, Value::Text(text) if !is_header(text));
                if holds_secret(name) {
                    found.push(key.span.clone());
                }
                if SECRET_KEYS.contains(&name) || may_be_key || (connection && !OPEN_KEYS.contains(&name) && is_scalar(value)) {
                    hide(text, value, found);
                } else {
                    walk(text, value, connection || name == "connections", found);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| walk(text, item, connection, found)),
        Value::Text(value) if has_credentials(value) => hide(text, node, found),
        _ => {}
    }
}

/// Whether an `auth_header` is one: a name, or a text that says where the key goes. In anything else the key itself may stand.
fn is_header(text: &str) -> bool {
    text.contains("{key}") || !text.contains([':', ' '])
}

fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::Map(_) | Value::List(_))
}

fn hide(text: &str, node: &Node, found: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|(_, value)| hide(text, value, found)),
        Value::List(items) => items.iter().for_each(|item| hide(text, item, found)),
        Value::Null => {}
        Value::Text(value) if is_reference(value) => {}
        _ => {
            let end = node.span.end.min(text.len());
            let shown = text.get(node.span.start..end).unwrap_or_default();
            // A block scalar's range may stop at its indicator; hide the indented lines under it too.
            let end = if shown.starts_with(['|', '>']) { block_end(text, node.span.start) } else { end };
            found.push(node.span.start..end);
        }
    }
}

/// Whether a secret field holds a reference (`${env:NAME}`, `${file:NAME}`, `${secret:NAME}`) and not the secret itself.
fn is_reference(value: &str) -> bool {
    value
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|inside| inside.len() < 200 && !inside.contains(['$', '{', '}']) && inside.contains(':'))
}

fn block_end(text: &str, start: usize) -> usize {
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = text[line_start..].len() - text[line_start..].trim_start_matches(' ').len();
    let mut end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    while end < text.len() {
        let next = &text[end + 1..];
        let line = next.split('\n').next().unwrap_or_default();
        let line_indent = line.len() - line.trim_start_matches(' ').len();
        if !line.trim().is_empty() && line_indent <= indent {
            break;
        }
        end += 1 + line.len();
    }
    end
}

/// The secrets of a file that could not be parsed: whatever follows a secret key on its line or is indented under it, and URLs with a
/// user name, password or query.
pub(super) fn secrets_by_text(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for key in SECRET_KEYS {
        for (at, _) in text.match_indices(key) {
            let after = &text[at + key.len()..];
            let rest = after.trim_start_matches(['"', '\'', ' ']);
            if !rest.starts_with(':') {
                continue;
            }
            let start = at + key.len() + (after.len() - rest.len()) + 1;
            let line_end = text[start..].find('\n').map_or(text.len(), |end| start + end);
            if text[start..line_end].trim_start().starts_with(['|', '>']) {
                found.push(start..block_end(text, start));
            } else {
                found.push(start..line_end);
            }
        }
    }
    for (at, _) in text.match_indices("://") {
        let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        if has_credentials(&text[at..line_end]) {
            found.push(at + 3..line_end);
        }
    }
    without_overlaps(found)
}

fn without_overlaps(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| range.start);
    found.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
    found
}
