//! Where a value of a YAML text ends, and which comments stand within it.
//!
//! A node's own range is that of a scalar, the opening bracket of a `{ }` or `[ ]`, or the empty range at the first item of a block.
//! What is between values (blanks, comments, indicators, anchors, tags) is walked here.

use std::ops::Range;

use crate::yaml::node::{Node, Value};

/// What can stand between values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `# …`, without the line end.
    Comment,
    /// An anchor or a tag.
    Property,
    /// `|` or `>` with its indicators.
    Header,
    /// Any other sign.
    Sign(u8),
}

/// One of them and its bytes.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// What stands between values in `range`, blanks left out.
pub(super) fn pieces(text: &str, range: Range<usize>) -> impl Iterator<Item = Piece> {
    let bytes = text.as_bytes();
    let mut at = range.start;
    std::iter::from_fn(move || {
        while at < range.end && bytes[at].is_ascii_whitespace() {
            at += 1;
        }
        if at >= range.end {
            return None;
        }
        let length = |ends: fn(u8) -> bool| bytes[at + 1..].iter().position(|byte| ends(*byte)).map_or(bytes.len() - at, |more| more + 1);
        let (kind, length) = match bytes[at] {
            b'#' if at == 0 || bytes[at - 1].is_ascii_whitespace() => (Kind::Comment, length(|byte| byte == b'\n' || byte == b'\r')),
            b'&' | b'!' => (Kind::Property, length(|byte| byte.is_ascii_whitespace() || b",[]{}".contains(&byte))),
            b'|' | b'>' => (Kind::Header, length(|byte| !(byte.is_ascii_digit() || byte == b'+' || byte == b'-'))),
            sign => (Kind::Sign(sign), 1),
        };
        let piece = Piece { kind, range: at..at + length };
        at += length;
        Some(piece)
    })
}

/// Whether a map or list is written within brackets.
pub(super) fn is_flow(node: &Node) -> bool {
    matches!(node.value, Value::Map(_) | Value::List(_)) && node.span.len() == 1
}

/// Whether a map or list is written as a block.
pub(super) fn is_block(node: &Node) -> bool {
    matches!(node.value, Value::Map(_) | Value::List(_)) && node.span.is_empty()
}

/// Whether a key, a map or a list is an alias: its range is that of `*name`, and everything in it has the same.
pub(super) fn is_alias(text: &str, node: &Node) -> bool {
    text[node.span.clone()].starts_with('*')
}

/// Behind the colon of a key that ends at `key_end`, if it has one.
pub(super) fn colon_after(text: &str, key_end: usize) -> Option<usize> {
    let next = pieces(text, key_end..text.len()).find(|piece| piece.kind != Kind::Comment)?;
    (next.kind == Kind::Sign(b':')).then_some(next.range.end)
}

/// The header of a block scalar, which stands between `from` (where the key ends, or the item before) and its text.
pub(super) fn header(text: &str, from: usize, node: &Node) -> Option<Piece> {
    // Of an empty one, the range may begin with the header itself, with which no other scalar can begin.
    let to = (node.span.start + 1).min(text.len()).max(from);
    matches!(node.value, Value::Text(_)).then(|| pieces(text, from..to).find(|piece| piece.kind == Kind::Header)).flatten()
}

/// The end of the line of this place, before its line end.
pub(super) fn end_of_line(text: &str, at: usize) -> usize {
    let line = text[at..].split('\n').next().unwrap_or_default();
    at + line.trim_end_matches('\r').len()
}

/// A walk through a value.
pub(super) struct Walk<'t> {
    text: &'t str,
    /// The comments met so far.
    pub(super) comments: Vec<Range<usize>>,
    /// Where the blank lines end that a block scalar with `+`, the last met, has as its own.
    pub(super) kept: usize,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Walk<'t> {
        Walk { text, comments: Vec::new(), kept: 0 }
    }

    /// Where `node` ends. `from` is the end of its key, or of the item before.
    pub(super) fn end(&mut self, from: usize, node: &Node) -> usize {
        self.between(from, node.span.start);
        match &node.value {
            Value::Map(_) | Value::List(_) if is_alias(self.text, node) => node.span.end,
            Value::Map(entries) => {
                let mut at = node.span.end;
                for (key, value) in entries {
                    self.between(at, key.span.start);
                    at = at.max(self.end(key.span.end, value));
                }
                if is_flow(node) { self.closing(at) } else { at }
            }
            Value::List(items) => {
                let mut at = node.span.end;
                for item in items {
                    at = at.max(self.end(at, item));
                }
                if is_flow(node) { self.closing(at) } else { at }
            }
            Value::Null if node.span.is_empty() => node.span.end.max(colon_after(self.text, from).unwrap_or(from)),
            _ => match header(self.text, from, node) {
                Some(header) => self.block_scalar_end(&header, node),
                None => node.span.end,
            },
        }
    }

    fn block_scalar_end(&mut self, header: &Piece, node: &Node) -> usize {
        let body = &self.text[node.span.start.max(header.range.end)..node.span.end.max(header.range.end)];
        if self.text[header.range.clone()].contains('+') {
            self.kept = node.span.end - (body.len() - body.trim_end_matches([' ', '\t']).len());
        }
        if body.trim().is_empty() { header.range.end } else { node.span.start + body.trim_end().len() }
    }

    /// Notes the comments between two values.
    fn between(&mut self, from: usize, to: usize) {
        if from < to {
            self.comments.extend(pieces(self.text, from..to).filter(|piece| piece.kind == Kind::Comment).map(|piece| piece.range));
        }
    }

    /// Behind the bracket that closes what was opened before `at`.
    pub(super) fn closing(&mut self, at: usize) -> usize {
        for piece in pieces(self.text, at..self.text.len()) {
            match piece.kind {
                Kind::Sign(b'}' | b']') => return piece.range.end,
                Kind::Comment => self.comments.push(piece.range),
                _ => {}
            }
        }
        at
    }
}
