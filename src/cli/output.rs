//! Answers on standard output. A reader who has gone, as `| head` does, neither ends the work nor is worth an error.

use std::fmt::Display;
use std::io::Write as _;

/// Writes `text` as it is.
pub(super) fn text(text: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Writes `text` and a line end.
pub(super) fn line(text: impl Display) {
    self::text(format_args!("{text}\n"));
}

/// Writes one JSON value.
pub(super) fn json(value: &impl serde::Serialize) {
    // Views hold nothing that JSON cannot.
    line(serde_json::to_string(value).unwrap_or_default());
}
