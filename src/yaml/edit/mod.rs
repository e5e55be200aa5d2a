//! Changes one value of a YAML text and leaves every byte outside of it as it is: comments, order, blank lines, quotes, line ends.
//!
//! The place of the change comes from the tree's ranges. What comes out is read again, and given out only if its tree is the old
//! one with that one change: a text that has an unusual form is refused, not damaged.

mod add;
mod extent;
mod key_path;
mod mapping;
mod replace;

use std::ops::Range;

use self::extent::{is_alias, is_flow};
pub use self::key_path::{KeyPath, NoKeyPath};
pub use self::mapping::map_to;
use super::flow::{Quotes, quoted};
use super::node::{MAX_BYTES, Node, Value, parse};
use crate::diagnostic::{Diagnostic, Source};

/// A value to be put into a text.
#[derive(Debug, Clone)]
pub struct NewValue {
    /// The value.
    pub value: Value,
    /// How its author spelt it, in one line, if that is to be kept.
    pub as_written: Option<String>,
}

/// Bytes that something else comes in the place of.
#[derive(Debug, Clone)]
struct Splice {
    range: Range<usize>,
    with: String,
}

impl Splice {
    fn at(place: usize, with: String) -> Splice {
        Splice { range: place..place, with }
    }
}

impl Node {
    /// The value under these keys, one within the other.
    pub fn under(&self, path: &KeyPath) -> Option<&Node> {
        path.keys().iter().try_fold(self, |node, name| entry(node, name).map(|(_, value)| value))
    }
}

/// The entry of a map that has this key.
fn entry<'n>(node: &'n Node, name: &str) -> Option<(&'n Node, &'n Node)> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|(key, _)| is_named(key, name)).map(|(key, value)| (key, value))
}

fn is_named(key: &Node, name: &str) -> bool {
    matches!(&key.value, Value::Text(text) if text == name)
}

/// The text with `new` under the keys of `path`, where it replaces what is there; keys that are missing are added. `name` is the file
/// as users know it.
///
/// # Errors
/// The text cannot be parsed, or the value cannot be put there without losing a comment or changing something else.
pub fn put(name: &str, text: &str, path: &KeyPath, new: &NewValue) -> Result<String, Diagnostic> {
    let (source, root) = parse(name, text.to_owned())?;
    let place = find(&source, &root, path)?;
    let wanted = with_value(&root, path.keys(), &new.value);
    for spelled in spellings(new, text, place.entry.filter(|_| place.missing.is_empty())) {
        let splices = place.splices(&source, &root, path, &spelled)?;
        let edited = spliced(text, splices);
        if edited.len() as u64 > MAX_BYTES {
            return parse(name, edited).map(|_| String::new());
        }
        if parse(name, edited.clone()).is_ok_and(|(_, tree)| tree.value.is_same(&wanted.value)) {
            return Ok(edited);
        }
    }
    let near = place.entry.map_or_else(|| root.span.clone(), |(key, _)| key.span.clone());
    Err(Diagnostic::error(&source, near, format!("`{path}` cannot be set here without a change of something else"))
        .help("edit the file by hand: anchors, aliases, tags and unusual forms of keys are left to people"))
}

/// Where a path leads to.
struct Place<'n> {
    /// The last of its keys that is there, and its value.
    entry: Option<(&'n Node, &'n Node)>,
    /// The value there: of that key, or the whole text.
    node: &'n Node,
    /// Whether that key is written within brackets.
    within_brackets: bool,
    /// The keys that are not there.
    missing: &'n [String],
}

fn find<'n>(source: &Source, root: &'n Node, path: &'n KeyPath) -> Result<Place<'n>, Diagnostic> {
    let mut place = Place { entry: None, node: root, within_brackets: false, missing: path.keys() };
    while let [name, rest @ ..] = place.missing {
        let node = place.node;
        if is_alias(&source.text, node) {
            return Err(alias(source, node, path));
        }
        match &node.value {
            Value::Map(_) => {}
            // A key with nothing behind it can get a map.
            Value::Null if place.entry.is_some() => break,
            other => {
                let what = place.entry.map_or("the file".to_owned(), |(key, _)| format!("`{}`", &source.text[key.span.clone()]));
                let near = place.entry.map_or(&node.span, |(key, _)| &key.span);
                return Err(Diagnostic::error(source, near.clone(), format!("{what} is {} and has no keys", other.kind()))
                    .help("set it as a whole, or edit the file by hand"));
            }
        }
        let Some((key, value)) = entry(node, name) else { break };
        if is_alias(&source.text, key) {
            return Err(alias(source, key, path));
        }
        let within_brackets = place.within_brackets || is_flow(node);
        place = Place { entry: Some((key, value)), node: value, within_brackets, missing: rest };
    }
    Ok(place)
}

fn alias(source: &Source, node: &Node, path: &KeyPath) -> Diagnostic {
    Diagnostic::error(source, node.span.clone(), format!("on the way to `{path}`, this repeats another part of the file"))
        .help("write it out here first, or edit the file by hand")
}

impl Place<'_> {
    fn splices(&self, source: &Source, root: &Node, path: &KeyPath, spelled: &str) -> Result<Vec<Splice>, Diagnostic> {
        let text = &source.text;
        let lost = |comment: Range<usize>| {
            Diagnostic::error(source, comment, format!("this comment stands within the value of `{path}` and would be lost"))
                .help("edit the file by hand, or move the comment above the key first")
        };
        match (self.entry, &self.node.value) {
            (Some((key, value)), _) if self.missing.is_empty() => {
                replace::replace(text, key, value, spelled).map(|splice| vec![splice]).map_err(lost)
            }
            (Some((key, value)), Value::Null) => {
                Ok(vec![add::add_under(text, root, key, value, self.within_brackets, self.missing, spelled)])
            }
            _ => Ok(add::add(text, root, self.node, self.missing, spelled)),
        }
    }
}

/// Ways to write the value, the most fitting first: as what it replaces, as its author wrote it, and as is always sound.
fn spellings(new: &NewValue, text: &str, replaced: Option<(&Node, &Node)>) -> Vec<String> {
    let sound = new.value.in_one_line();
    match &new.value {
        Value::Text(value) => {
            let written = replaced.map_or("", |(_, old)| if matches!(old.value, Value::Text(_)) { &text[old.span.clone()] } else { "" });
            let quotes = match written.as_bytes().first() {
                Some(b'"') => Quotes::Double,
                Some(b'\'') => Quotes::Single,
                _ => Quotes::AsNeeded,
            };
            vec![quoted(value, quotes), quoted(value, Quotes::Double)]
        }
        _ => new.as_written.clone().into_iter().chain([sound]).collect(),
    }
}

fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    // From the end on, so that ranges before stay what they are; of two at one place, the first comes first.
    splices.sort_by_key(|splice| splice.range.start);
    let mut edited = text.to_owned();
    for splice in splices.into_iter().rev() {
        edited.replace_range(splice.range, &splice.with);
    }
    edited
}

/// The tree with the value under these keys.
fn with_value(node: &Node, path: &[String], value: &Value) -> Node {
    let [name, rest @ ..] = path else { return Node { span: node.span.clone(), value: value.clone() } };
    let mut entries = if let Value::Map(entries) = &node.value { entries.clone() } else { Vec::new() };
    if let Some((_, held)) = entries.iter_mut().find(|(key, _)| is_named(key, name)) {
        *held = with_value(held, rest, value);
    } else {
        let nothing = Node { span: 0..0, value: Value::Null };
        entries.push((Node { span: 0..0, value: Value::Text(name.clone()) }, with_value(&nothing, rest, value)));
    }
    Node { span: node.span.clone(), value: Value::Map(entries) }
}

#[cfg(test)]
mod tests;
