//! A value as YAML has it in one line, and as JSON.

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::node::{Node, Value};

/// How a text was quoted, which an edit keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// In double ones.
    Double,
    /// In single ones.
    Single,
    /// In none, where it can do without.
    AsNeeded,
}

impl Value {
    /// The value in one line of YAML. It reads as the same value in a block, within `{ }` and within `[ ]`.
    pub fn in_one_line(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => format!("{value:?}"),
            Value::Text(text) => quoted(text, Quotes::AsNeeded),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.value.in_one_line()).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Value::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{}: {}", key.value.in_one_line(), value.value.in_one_line())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// Whether `other` is the same value, wherever each of them stands.
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(own), Value::List(others)) => {
                own.len() == others.len() && own.iter().zip(others).all(|(own, other)| own.value.is_same(&other.value))
            }
            (Value::Map(own), Value::Map(others)) => {
                let entry = |((key, value), (other_key, other)): (&(Node, Node), &(Node, Node))| {
                    key.value.is_same(&other_key.value) && value.value.is_same(&other.value)
                };
                own.len() == others.len() && own.iter().zip(others).all(entry)
            }
            (own, other) => own == other,
        }
    }
}

/// A text in quotes, or without where any reader of YAML takes it for the same text.
pub(super) fn quoted(text: &str, quotes: Quotes) -> String {
    let plain_in_quotes = !text.chars().any(needs_escape);
    match quotes {
        Quotes::AsNeeded if is_plain(text) => text.to_owned(),
        Quotes::Single if plain_in_quotes => format!("'{}'", text.replace('\'', "''")),
        _ => {
            let mut escaped = String::with_capacity(text.len() + 2);
            for letter in text.chars() {
                match letter {
                    '"' | '\\' => escaped.extend(['\\', letter]),
                    '\n' => escaped.push_str("\\n"),
                    '\t' => escaped.push_str("\\t"),
                    letter if needs_escape(letter) => escaped.push_str(&format!("\\U{:08X}", u32::from(letter))),
                    letter => escaped.push(letter),
                }
            }
            format!("\"{escaped}\"")
        }
    }
}

/// Whether a letter could be lost, break the line, or turn the direction of what follows, where it stands as it is.
fn needs_escape(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Words that some reader of YAML takes for something else than text.
const NOT_TEXT: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan"];

/// Stricter than YAML itself, whose readers disagree on dates, octal numbers and the like.
fn is_plain(text: &str) -> bool {
    let inner = |letter: char| letter.is_alphanumeric() || " _-./%+&'()".contains(letter);
    let begins = text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    let ends = text.ends_with(|letter: char| letter != ' ');
    (begins && ends && text.chars().all(inner) && !NOT_TEXT.contains(&text.to_lowercase().as_str())) || is_measure(text)
}

/// `10%`, `12.5%`, `60s`, `250ms`: no reader takes these for numbers.
fn is_measure(text: &str) -> bool {
    let number = text.trim_end_matches(|letter: char| letter == '%' || letter.is_ascii_lowercase());
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = number.split_once('.').map_or_else(|| digits(number), |(whole, fraction)| digits(whole) && digits(fraction));
    is_number && ["%", "ms", "s", "m", "h", "d"].contains(&&text[number.len()..])
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&item.value))?;
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    match &key.value {
                        Value::Text(key) => map.serialize_entry(key, &value.value)?,
                        key => map.serialize_entry(&key.in_one_line(), &value.value)?,
                    }
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_where_a_reader_might_take_it_for_something_else() {
        for plain in ["keep", "America/New_York", "10%", "12.5%", "60s", "hartwell.rhai", "Okafor & Lindqvist", "Ünal"] {
            assert_eq!(quoted(plain, Quotes::AsNeeded), plain);
        }
        for other in
            ["", " x", "x ", "true", "Off", "12", "0o7", "1e3", "2024-01-01", "[CS] ", "a: b", "a #b", "*/5 * * * *", "y", "-", "5x"]
        {
            assert_eq!(quoted(other, Quotes::AsNeeded), format!("\"{other}\""));
        }
        assert_eq!(quoted("a \"b\"\\\n\t\u{85}", Quotes::AsNeeded), r#""a \"b\"\\\n\t\U00000085""#);
        assert_eq!(quoted("\u{202e}x", Quotes::Double), r#""\U0000202Ex""#);
        assert_eq!(quoted("it's", Quotes::Single), "'it''s'");
        assert_eq!(quoted("a\nb", Quotes::Single), r#""a\nb""#);
    }
}
