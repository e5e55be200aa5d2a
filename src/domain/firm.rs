//! Which firm, and which state of its rules.

use std::fmt;
use std::sync::Arc;

/// What a firm is called here: the name of its rules file without `.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FirmId(Arc<str>);

impl FirmId {
    /// Lower-case letters, digits, `-` and `_`, at most 64, beginning with a letter or digit: it names files and URLs.
    pub fn new(text: &str) -> Option<FirmId> {
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-' || letter == b'_';
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        (begins && text.len() <= 64 && text.bytes().all(plain)).then(|| FirmId(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FirmId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A hash of the content of a firm's rules: the same content has the same revision, whenever and wherever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(pub Arc<str>);

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
