//! What a user meets when something is wrong: what, where (file, line, column, the line quoted), and what to do.
//!
//! A diagnostic is made where the fault is found and travels as a value; how it looks (terminal, JSON) is decided here alone.
//! The quoted line comes from [`Source::place`], which masks secrets, so no rendering can leak one.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// A text that faults can point into: a file as the user knows it, or the built-in defaults.
#[derive(Debug)]
pub struct Source {
    /// The path as users see it, for instance `rules/hartwell.yaml`.
    pub name: Arc<str>,
    /// The whole text.
    pub text: String,
    masked: Vec<Range<usize>>,
    line_ends: Vec<usize>,
}

/// What stands in a quoted line where a secret was.
pub const MASK: &str = "••••••";

impl Source {
    /// A source whose `masked` byte ranges (secrets) are never shown.
    pub fn new(name: &str, text: String, mut masked: Vec<Range<usize>>) -> Source {
        masked.sort_by_key(|range| range.start);
        let line_ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Source { name: name.into(), text, masked, line_ends }
    }

    /// The text with its secrets masked, line for line: fit for the store and for showing.
    pub fn masked_text(&self) -> String {
        self.masked_slice(0..self.text.len())
    }

    /// Whether any of these bytes is never shown.
    pub fn hides(&self, span: &Range<usize>) -> bool {
        self.masked.iter().any(|masked| masked.start < span.end && span.start < masked.end)
    }

    /// The line number of a byte offset, from 1.
    pub fn line_of(&self, offset: usize) -> u32 {
        let before = self.line_ends.partition_point(|end| *end < offset);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    /// The place of a byte range: its line, column (in characters, from 1) and the line quoted.
    pub fn place(&self, span: Range<usize>) -> Place {
        let mut start = span.start.min(self.text.len());
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        let mut end = span.end.clamp(start, line_end);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let shown_before = self.masked_slice(line_start..start);
        let shown = self.masked_slice(start..end);
        Place {
            file: self.name.to_string(),
            line: self.line_of(start),
            column: u32::try_from(self.text[line_start..start].chars().count() + 1).unwrap_or(u32::MAX),
            marked: shown_before.len()..shown_before.len() + shown.len(),
            text: self.masked_slice(line_start..line_end).trim_end().to_owned(),
        }
    }

    fn masked_slice(&self, range: Range<usize>) -> String {
        let mut shown = String::with_capacity(range.len());
        let mut from = range.start;
        for secret in &self.masked {
            if secret.end <= from || secret.start >= range.end {
                continue;
            }
            shown.push_str(&self.text[from..secret.start.max(from)]);
            shown.push_str(MASK);
            // Line ends inside a secret stay, so that line numbers do too.
            let hidden = &self.text[secret.start.max(from)..secret.end.min(range.end)];
            shown.extend(hidden.chars().filter(|letter| *letter == '\n'));
            from = secret.end.min(range.end);
        }
        shown.push_str(&self.text[from..range.end]);
        shown
    }
}

/// Where in a file something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The path as users see it.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// The line itself, secrets masked.
    #[serde(rename = "source")]
    pub text: String,
    /// The bytes of `text` that are meant.
    #[serde(skip)]
    pub marked: Range<usize>,
}

/// How bad it is: an error keeps a file from being used, a warning does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file is used; someone should look.
    Warning,
}

/// One fault, as a user reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, if it is in a file.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `span` of `source`.
    pub fn error(source: &Source, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, message: message.into(), place: Some(source.place(span)), help: None }
    }

    /// An error that no file's line is to blame for.
    pub fn without_place(message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Error, message: message.into(), place: None, help: None }
    }

    /// The same with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// The same as a warning.
    pub fn warning(mut self) -> Diagnostic {
        self.severity = Severity::Warning;
        self
    }

    /// Whether it keeps a file from being used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// As a terminal shows it: title, `--> file:line:column`, the line with its mark, the help.
    pub fn render(&self, color: bool) -> String {
        let level = if self.is_error() { Level::ERROR } else { Level::WARNING };
        let mut group = level.primary_title(self.message.as_str()).elements(std::iter::empty::<annotate_snippets::Element<'_>>());
        if let Some(place) = &self.place {
            group = group.element(
                Snippet::source(place.text.as_str())
                    .line_start(place.line as usize)
                    .path(place.file.as_str())
                    .annotation(AnnotationKind::Primary.span(place.shown_mark())),
            );
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl Place {
    /// The quoted line before what is meant.
    pub fn before_mark(&self) -> &str {
        self.text.get(..self.shown_mark().start).unwrap_or_default()
    }

    /// What is meant, in the quoted line.
    pub fn in_mark(&self) -> &str {
        self.text.get(self.shown_mark()).unwrap_or_default()
    }

    /// The quoted line after what is meant.
    pub fn after_mark(&self) -> &str {
        self.text.get(self.shown_mark().end..).unwrap_or_default()
    }

    /// The marked bytes as the quoted line has them, at least one wide so that something is underlined.
    fn shown_mark(&self) -> Range<usize> {
        let start = self.marked.start.min(self.text.len());
        let end = self.marked.end.clamp(start, self.text.len());
        start..end
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(formatter, "{place}: ")?;
        }
        formatter.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(formatter, "; {help}")?;
        }
        Ok(())
    }
}

/// The candidate that `word` was most likely meant to be: the nearest in letters, if it is near at all.
///
/// Differing only in letter case is nearest of all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(word.chars().count()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Every error and warning as a terminal shows them, one after the other.
pub fn render_all(diagnostics: &[Diagnostic], color: bool) -> String {
    diagnostics.iter().map(|diagnostic| diagnostic.render(color) + "\n").collect::<Vec<_>>().join("\n")
}
