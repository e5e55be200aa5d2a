//! Secrets as the store keeps them: sealed, under the names that rules refer to.

use std::fmt;

use jiff::Timestamp;

/// What a sealed secret is called: the `NAME` of `${secret:NAME}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretName(Box<str>);

impl SecretName {
    /// What a name is made of, for people.
    pub const FORM: &'static str = "a name has a-z, 0-9, - _ . and /, at most 96 of them";

    /// Letters from `a` to `z`, digits, `-`, `_`, `.` and `/`, at most 96: a firm's name and more.
    pub fn new(text: &str) -> Option<SecretName> {
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"-_./".contains(&letter);
        let is_name = !text.is_empty() && text.len() <= 96 && text.bytes().all(plain);
        is_name.then(|| SecretName(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A secret as it is kept. Without the key that sealed it, it is worth nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// What it is called.
    pub name: SecretName,
    /// The sealed bytes.
    pub sealed: Box<[u8]>,
    /// The scheme, host and port that the seal binds it to; `None` where it was sealed without.
    pub origin: Option<Box<str>>,
    /// When it was set.
    pub set_at: Timestamp,
    /// The number of the change that set it. No two changes of a store have the same.
    pub change: i64,
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SealedSecret { name, set_at, change, .. } = self;
        write!(formatter, "SealedSecret({name}, set at {set_at}, change {change})")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretName;

    #[test]
    fn names_are_plain() {
        let longest = "x".repeat(96);
        for name in ["casepeer", "hartwell/casepeer-key", "a_b.c/1", &longest] {
            assert_eq!(SecretName::new(name).map(|name| name.to_string()).as_deref(), Some(name));
        }
        let too_long = "x".repeat(97);
        for text in ["", "Hartwell", "a b", "a:b", "a}b", "clé", "a\n", &too_long] {
            assert_eq!(SecretName::new(text), None, "{text:?}");
        }
    }
}
