//! Changes values in the text of a firm file. Pure: text in, text out, and every other byte as it was.

use super::value;
use crate::diagnostic::{Diagnostic, MASK, Source};
use crate::yaml::{KeyPath, MAX_BYTES, Node, Value, parse, put};

/// A text after its edit.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The text.
    pub text: String,
    /// What became of each key, in the order asked for.
    pub settings: Vec<Setting>,
}

/// One key of an edit. Where a secret belongs, anything but a reference is masked.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The key.
    pub key: KeyPath,
    /// What the file had; `None` where it did not have the key.
    pub before: Option<Value>,
    /// What it has now.
    pub after: Value,
    /// Whether that is another value.
    pub changed: bool,
}

/// Sets keys of a firm file whose name, as users know it, is `name`. A value is written as in YAML; where the key wants text, quotes
/// around it can be left out, and anything else is text as it stands. JSON will do, since it is YAML.
///
/// Whether the result is a firm's rules is not asked here.
pub fn edit(name: &str, text: &str, changes: &[(KeyPath, String)]) -> Result<Edited, Vec<Diagnostic>> {
    // A byte order mark is no part of the YAML, and columns are counted without it.
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = &text[..text.len() - bare.len()];
    let mut edited = Edited { text: bare.to_owned(), settings: Vec::with_capacity(changes.len()) };
    let mut faults = Vec::new();
    for (position, (key, value)) in changes.iter().enumerate() {
        if changes[..position].iter().any(|(earlier, _)| earlier == key) {
            faults.push(Diagnostic::without_place(format!("`{key}` is set twice")).help("keep one of the two values"));
            continue;
        }
        if let Err(fault) = edited.set(name, key, value) {
            faults.push(fault);
        }
    }
    edited.text.insert_str(0, mark);
    if faults.is_empty() { Ok(edited) } else { Err(faults) }
}

impl Edited {
    fn set(&mut self, name: &str, key: &KeyPath, value: &str) -> Result<(), Diagnostic> {
        if value.len() as u64 > MAX_BYTES {
            return Err(Diagnostic::without_place(format!("the value of `{key}` is larger than 1 MiB")).help("is this the right value?"));
        }
        let new = value::read(key, value);
        let (source, root) = parse(name, self.text.clone())?;
        let held = root.under(key);
        let changed = !held.is_some_and(|held| held.value.is_same(&new.value));
        let before = held.map(|held| shown(&source, held).value);
        if changed {
            self.text = put(name, &self.text, key, &new)?;
        }
        let (source, root) = parse(name, self.text.clone())?;
        let after = root.under(key).map_or(Value::Null, |held| shown(&source, held).value);
        self.settings.push(Setting { key: key.clone(), before, after, changed });
        Ok(())
    }
}

/// The value with what must not be shown masked.
fn shown(source: &Source, node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(|item| shown(source, item)).collect()),
        Value::Map(entries) => Value::Map(entries.iter().map(|(key, value)| (key.clone(), shown(source, value))).collect()),
        _ if source.hides(&node.span) => Value::Text(MASK.to_owned()),
        value => value.clone(),
    };
    Node { span: node.span.clone(), value }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
