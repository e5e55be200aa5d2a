//! Which key is meant: the keys on the way to it, with dots between.

use std::fmt;

use thiserror::Error;

/// `schedule.nightly_sync.enabled`. A key that has a dot in it stands in quotes: `stages.by_case_type."Slip v. Fall"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPath(Vec<String>);

/// Why a text names no key. It shows nothing of the text, in which a secret may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoKeyPath {
    /// There is no `=`.
    #[error("there is no `=` in it")]
    NoValue,
    /// Two dots meet, or a dot begins or ends it.
    #[error("a part of the key is empty")]
    EmptyPart,
    /// A quote is not closed, or something follows it.
    #[error("a quote in the key does not end where a part does")]
    OpenQuote,
}

impl KeyPath {
    /// Reads a key.
    pub fn parse(text: &str) -> Result<KeyPath, NoKeyPath> {
        read(text, false).map(|(path, _)| path)
    }

    /// Reads `KEY=VALUE`. The value begins right behind the first `=` outside of quotes.
    pub fn parse_setting(text: &str) -> Result<(KeyPath, &str), NoKeyPath> {
        let (path, value) = read(text, true)?;
        value.map(|value| (path, value)).ok_or(NoKeyPath::NoValue)
    }

    /// The path of these keys, the outermost first.
    pub fn of(keys: &[&str]) -> KeyPath {
        KeyPath(keys.iter().map(|key| (*key).to_owned()).collect())
    }

    /// The keys, the outermost first.
    pub fn keys(&self) -> &[String] {
        &self.0
    }
}

fn read(text: &str, ends_at_equals: bool) -> Result<(KeyPath, Option<&str>), NoKeyPath> {
    let ends = |letter: char| letter == '.' || (ends_at_equals && letter == '=');
    let mut keys = Vec::new();
    let mut rest = text;
    loop {
        let key = if let Some(quote) = rest.chars().next().filter(|letter| matches!(letter, '"' | '\'')) {
            let length = rest[1..].find(quote).ok_or(NoKeyPath::OpenQuote)?;
            let key = &rest[1..=length];
            rest = &rest[length + 2..];
            key
        } else {
            let length = rest.find(ends).unwrap_or(rest.len());
            let key = rest[..length].trim();
            rest = &rest[length..];
            key
        };
        if key.is_empty() {
            // `=value` has no key, and `hunter2` no value.
            return Err(NoKeyPath::EmptyPart);
        }
        keys.push(key.to_owned());
        match rest.chars().next() {
            None => return Ok((KeyPath(keys), None)),
            Some('.') => rest = &rest[1..],
            Some('=') if ends_at_equals => return Ok((KeyPath(keys), Some(&rest[1..]))),
            Some(_) => return Err(NoKeyPath::OpenQuote),
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, key) in self.0.iter().enumerate() {
            formatter.write_str(if depth > 0 { "." } else { "" })?;
            let quote = match key {
                key if !key.contains(['.', '=', '"', '\'']) => "",
                key if key.contains('"') => "'",
                _ => "\"",
            };
            write!(formatter, "{quote}{key}{quote}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_shown() {
        for (text, keys) in [
            ("name", &["name"][..]),
            ("schedule.nightly_sync.enabled", &["schedule", "nightly_sync", "enabled"]),
            ("stages.by_case_type.Dog Bite", &["stages", "by_case_type", "Dog Bite"]),
            ("stages.by_case_type.\"Slip v. Fall\"", &["stages", "by_case_type", "Slip v. Fall"]),
            ("a.'say \"x=1\"'.b", &["a", "say \"x=1\"", "b"]),
        ] {
            let path = KeyPath::parse(text).unwrap();
            assert_eq!(path.keys(), keys);
            assert_eq!(path.to_string(), text);
            let setting = format!("{text}=a=b");
            assert_eq!(KeyPath::parse_setting(&setting), Ok((path, "a=b")));
        }
        assert_eq!(KeyPath::parse_setting("name"), Err(NoKeyPath::NoValue));
        for text in ["", "=1", "a..b=1", ".a=1", "a.=1", "a. =1"] {
            assert_eq!(KeyPath::parse_setting(text), Err(NoKeyPath::EmptyPart), "{text}");
        }
        assert_eq!(KeyPath::parse_setting("a.\"b=1"), Err(NoKeyPath::OpenQuote));
        assert_eq!(KeyPath::parse_setting("a.\"b\"c=1"), Err(NoKeyPath::OpenQuote));
    }
}
