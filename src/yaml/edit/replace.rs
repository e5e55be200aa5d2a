//! Puts a value where another stands.

use std::ops::Range;

use super::Splice;
use super::extent::{Kind, Walk, colon_after, end_of_line, header, is_block, pieces};
use crate::yaml::node::{Node, Value};

/// Puts `spelled` in the place of `value`.
///
/// # Errors
/// The comment that stands within the old value and would go with it.
pub(super) fn replace(text: &str, key: &Node, value: &Node, spelled: &str) -> Result<Splice, Range<usize>> {
    if value.value == Value::Null && value.span.is_empty() {
        return Ok(behind_key(text, key, value, spelled));
    }
    let mut walk = Walk::new(text);
    let end = walk.end(key.span.end, value);
    let (start, with, kept) = match (header(text, key.span.end, value), colon_after(text, key.span.end)) {
        // What heads a block goes on in the same line: `key: |  # comment`, `key: &anchor  # comment`.
        (Some(header), _) => {
            let heading = Heading::of(text, header.range.end..end);
            (header.range.start, format!("{spelled}{}", heading.comment), heading.comment_at)
        }
        (None, Some(colon)) if is_block(value) => {
            let heading = Heading::of(text, colon..end);
            (colon, format!("{} {spelled}{}", heading.properties, heading.comment), heading.comment_at)
        }
        _ => (value.span.start, spelled.to_owned(), None),
    };
    // What stands before `start` stays.
    let lost = walk.comments.into_iter().find(|comment| (start..end).contains(&comment.start) && Some(comment.start) != kept);
    lost.map_or(Ok(Splice { range: start..end, with }), Err)
}

/// What stands between the beginning of a block and the end of that line.
struct Heading<'t> {
    /// Anchors and tags, with the blank before them.
    properties: &'t str,
    /// The comment, with the blanks before it.
    comment: &'t str,
    comment_at: Option<usize>,
}

impl Heading<'_> {
    fn of(text: &str, block: Range<usize>) -> Heading<'_> {
        let line = block.start..end_of_line(text, block.start).min(block.end);
        let comment_at = pieces(text, line.clone()).find(|piece| piece.kind == Kind::Comment).map(|piece| piece.range.start);
        let properties = text[line.start..comment_at.unwrap_or(line.end)].trim_end();
        Heading { properties, comment: text[line.start + properties.len()..line.end].trim_end(), comment_at }
    }
}

/// Puts a value behind a key that has none.
pub(super) fn behind_key(text: &str, key: &Node, value: &Node, spelled: &str) -> Splice {
    let (at, with) = match colon_after(text, key.span.end) {
        Some(colon) => (colon.max(value.span.end), format!(" {spelled}")),
        None => (key.span.end, format!(": {spelled}")),
    };
    Splice { range: at..at, with }
}
