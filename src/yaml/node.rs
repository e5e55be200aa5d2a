//! YAML text → a tree whose every value has its byte range. Size, depth and alias budgets are kept here.

use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;
use serde_yaml::options::DuplicateKeyPolicy;

use super::mask;
use crate::diagnostic::{Diagnostic, Source};

/// The largest file that is read, in bytes: 1 MiB.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// A value with the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its bytes in the file.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A YAML value. Maps keep their order and their repeated keys, so that both can be reported.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`; `yes`, `no`, `on` and `off` are text.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, as written.
    Map(Vec<(Node, Node)>),
}

impl Value {
    /// What it is called in a sentence.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// A text with its secrets masked, line for line, whether it can be read or not: fit for showing.
pub fn masked(text: &str) -> String {
    let secrets = match serde_yaml::from_str_with_options::<Option<Node>>(text, options()) {
        Ok(node) => node.map(|node| mask::secrets(text, &node)).unwrap_or_default(),
        Err(_) => mask::secrets_by_text(text),
    };
    Source::new("", text.to_owned(), secrets).masked_text()
}

/// Parses a YAML file. An empty one is an empty map.
pub fn parse(name: &str, text: String) -> Result<(Arc<Source>, Node), Diagnostic> {
    if text.len() as u64 > MAX_BYTES {
        return Err(Diagnostic::without_place(format!("{name}: the file is larger than 1 MiB"))
            .help("rules are a few kilobytes; is this the right file?"));
    }
    match serde_yaml::from_str_with_options::<Option<Node>>(&text, options()) {
        Ok(node) => {
            let node = node.unwrap_or(Node { span: 0..0, value: Value::Map(Vec::new()) });
            let masked = mask::secrets(&text, &node);
            Ok((Arc::new(Source::new(name, text, masked)), node))
        }
        Err(error) => {
            let masked = mask::secrets_by_text(&text);
            let offset = error.location().map_or(0, |at| byte_offset(&text, at.line(), at.column()));
            let source = Source::new(name, text, masked);
            Err(syntax_fault(&source, offset, error.without_snippet()))
        }
    }
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_events: 200_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_recorded_anchor_events: 50_000,
            max_depth: 32,
            flow_nesting_limit: 32,
            max_documents: 1,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 16,
            max_alias_expansions_per_anchor: 1_000,
        },
    }
}

fn syntax_fault(source: &Source, offset: usize, error: &serde_yaml::Error) -> Diagnostic {
    let message = error.to_string();
    if source.text[offset..].starts_with("---") {
        return Diagnostic::error(source, offset..offset + 3, "the file holds more than one document")
            .help("keep one, and take the line --- out");
    }
    if message.contains("limit exceeded") || message.contains("budget") {
        return Diagnostic::error(source, offset..offset, "the file's aliases or nesting grow beyond what is read")
            .help("write the values out instead of repeating them by alias, and nest them less");
    }
    if message.contains("recursive reference") {
        return Diagnostic::error(source, offset..offset, "an alias stands within what it repeats").help("write the value out");
    }
    // The library names the place itself; the diagnostic already has it.
    let message = message.split(" at line ").next().unwrap_or(&message);
    let message = message.split("error: ").last().unwrap_or(message).lines().next().unwrap_or("cannot be read");
    Diagnostic::error(source, offset..offset, format!("not valid YAML: {message}"))
        .help("check the indentation, and quote text that contains any of : # { } [ ] & * % @")
}

fn byte_offset(text: &str, line: u64, column: u64) -> usize {
    let line_start =
        text.split_inclusive('\n').take(usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX)).map(str::len).sum::<usize>();
    let columns = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    text[line_start..].char_indices().nth(columns).map_or(text.len(), |(at, _)| line_start + at)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let span = spanned.referenced.span();
        let start = usize::try_from(span.byte_offset().unwrap_or(0)).unwrap_or(0);
        let length = usize::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0);
        Ok(Node { span: start..start + length, value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key()? {
            map.push((key, entries.next_value()?));
        }
        Ok(Value::Map(map))
    }
}
