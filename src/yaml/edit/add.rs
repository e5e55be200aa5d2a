//! Adds keys that a YAML text does not have yet, in the form of the map that they come into.

use super::Splice;
use super::extent::{Kind, Piece, Walk, end_of_line, is_block, is_flow, pieces};
use super::replace::behind_key;
use crate::yaml::flow::{Quotes, quoted};
use crate::yaml::node::{Node, Value};

/// How far a block is indented where the text has none to go by.
const USUAL_STEP: usize = 2;

/// Adds `path` at the end of `map`.
pub(super) fn add(text: &str, root: &Node, map: &Node, path: &[String], spelled: &str) -> Vec<Splice> {
    let Value::Map(entries) = &map.value else { return Vec::new() };
    match entries.last() {
        _ if is_flow(map) => add_in_brackets(text, map, &in_brackets(path, spelled)),
        None => {
            let unfinished = if text.is_empty() || text.ends_with('\n') { "" } else { line_end(text) };
            let lines = block(text, 0, step(text, root), path, spelled);
            vec![Splice::at(text.len(), format!("{unfinished}{lines}{}", line_end(text)))]
        }
        Some((last_key, last)) => {
            let indent = column(text, entries[0].0.span.start);
            let mut walk = Walk::new(text);
            let end = walk.end(last_key.span.end, last);
            let lines = block(text, indent, step(text, root), path, spelled);
            let apart = if std::ptr::eq(map, root) && stands_apart(text, last_key.span.start) { line_end(text) } else { "" };
            if walk.kept > end {
                // The blank lines behind it are part of the last value.
                return vec![Splice::at(walk.kept, format!("{lines}{}", line_end(text)))];
            }
            vec![Splice::at(end_of_comments(text, end, indent), format!("{apart}{}{lines}", line_end(text)))]
        }
    }
}

/// Adds `path` under a key that has no value.
pub(super) fn add_under(
    text: &str,
    root: &Node,
    key: &Node,
    value: &Node,
    within_brackets: bool,
    path: &[String],
    spelled: &str,
) -> Splice {
    if !value.span.is_empty() {
        return Splice { range: value.span.clone(), with: format!("{{ {} }}", in_brackets(path, spelled)) };
    }
    if within_brackets {
        return behind_key(text, key, value, &format!("{{ {} }}", in_brackets(path, spelled)));
    }
    let end = Walk::new(text).end(key.span.end, value);
    let lines = block(text, column(text, key.span.start) + step(text, root), step(text, root), path, spelled);
    Splice::at(end_of_line(text, end), format!("{}{lines}", line_end(text)))
}

fn add_in_brackets(text: &str, map: &Node, entry: &str) -> Vec<Splice> {
    let Value::Map(entries) = &map.value else { return Vec::new() };
    let open = map.span.end;
    let Some((last_key, last)) = entries.last() else {
        let close = open.max(Walk::new(text).closing(open) - 1);
        let blank = text[open..close].bytes().all(|byte| byte == b' ');
        return vec![if blank { Splice { range: open..close, with: format!(" {entry} ") } } else { Splice::at(open, format!(" {entry}")) }];
    };
    let end = Walk::new(text).end(last_key.span.end, last);
    let own_line = text[open..last_key.span.start].contains('\n') && blank_before(text, last_key.span.start);
    if !own_line {
        return vec![Splice::at(end, format!(", {entry}"))];
    }
    // One entry a line: the new one gets a line of its own, behind the comment of the last.
    let next: Vec<Piece> = pieces(text, end..end_of_line(text, end)).collect();
    let comma = next.first().filter(|piece| piece.kind == Kind::Sign(b','));
    let comment = next.iter().find(|piece| piece.kind == Kind::Comment);
    let after = comment.or(comma).map_or(end, |piece| piece.range.end);
    let line = format!("{}{}{entry}", line_end(text), " ".repeat(column(text, last_key.span.start)));
    match comma {
        Some(_) => vec![Splice::at(after, format!("{line},"))],
        None => vec![Splice::at(end, ",".to_owned()), Splice::at(after, line)],
    }
}

/// The keys one within the other, in one line.
fn in_brackets(path: &[String], spelled: &str) -> String {
    let mut keys = path.iter().rev();
    let innermost = keys.next().map_or_else(String::new, |key| format!("{}: {spelled}", as_key(key)));
    keys.fold(innermost, |inner, key| format!("{}: {{ {inner} }}", as_key(key)))
}

/// The keys one under the other, without a line end behind the last.
fn block(text: &str, indent: usize, step: usize, path: &[String], spelled: &str) -> String {
    let line = |(depth, key): (usize, &String)| format!("{}{}:", " ".repeat(indent + depth * step), as_key(key));
    let lines: Vec<String> = path.iter().enumerate().map(line).collect();
    format!("{} {spelled}", lines.join(line_end(text)))
}

fn as_key(key: &str) -> String {
    quoted(key, Quotes::AsNeeded)
}

/// How lines end in this text.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// How far the text's first nested block is indented.
fn step(text: &str, root: &Node) -> usize {
    let Value::Map(entries) = &root.value else { return USUAL_STEP };
    let steps = entries.iter().find_map(|(key, value)| match &value.value {
        Value::Map(inner) if is_block(value) => {
            Some(column(text, inner.first()?.0.span.start).saturating_sub(column(text, key.span.start)))
        }
        _ => None,
    });
    steps.filter(|step| (1..=8).contains(step)).unwrap_or(USUAL_STEP)
}

/// How many signs stand before this place in its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    text[line_start(text, at)..at].chars().count()
}

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |before| before + 1)
}

fn blank_before(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].trim().is_empty()
}

/// The end of the line of this place and of the comments right under it that are indented like the map, or further.
pub(super) fn end_of_comments(text: &str, at: usize, indent: usize) -> usize {
    let mut end = end_of_line(text, at);
    while let Some(next) = text[end..].find('\n').map(|more| end + more + 1) {
        let line = text[next..].split('\n').next().unwrap_or_default();
        let comment = line.trim_start_matches(' ');
        if !comment.starts_with('#') || line.len() - comment.len() < indent {
            break;
        }
        end = end_of_line(text, next);
    }
    end
}

/// Whether a blank line stands above this key and its comments.
fn stands_apart(text: &str, key_start: usize) -> bool {
    let above = text[..line_start(text, key_start)].lines().rev();
    above.map(str::trim).find(|line| !line.starts_with('#')).is_some_and(str::is_empty)
}
