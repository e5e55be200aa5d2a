//! Rhai's errors as users read them: the innermost place, in the file where it is, in words.

use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, LexError, ParseErrorType, Position};

use super::limits::Stop;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::domain::Origin;

/// Why a script stopped, and where.
#[derive(Debug, Clone)]
pub struct ScriptFault {
    /// One sentence without a full stop.
    pub message: String,
    /// What to do, if something can be said.
    pub help: Option<String>,
    /// The file.
    pub source: Arc<Source>,
    /// The byte in it.
    pub offset: usize,
    /// Whether it was ended from outside, and no fault of its own.
    pub ended: bool,
}

impl ScriptFault {
    /// The place as reports write it.
    pub fn origin(&self) -> Origin {
        Origin { file: Arc::clone(&self.source.name), line: self.source.line_of(self.offset) }
    }

    /// The line of the script, without the blanks around it.
    pub fn line(&self) -> String {
        self.source.place(self.offset..self.offset).text.trim().to_owned()
    }

    /// The line as a sentence can hold it.
    pub fn shown_line(&self) -> String {
        self.line().chars().take(200).collect()
    }

    /// As a diagnostic that quotes the line.
    pub fn diagnostic(&self) -> Diagnostic {
        let end = self.source.text[self.offset..]
            .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .map_or(self.source.text.len(), |length| self.offset + length.max(1));
        let diagnostic = Diagnostic::error(&self.source, self.offset..end, self.message.clone());
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }
}

/// Reads an error of a script whose files these are, the script itself first.
pub(super) fn read(error: &EvalAltResult, sources: &[Arc<Source>]) -> ScriptFault {
    let (error, file, position) = innermost(error, None);
    let source = file.and_then(|file| sources.iter().find(|source| *source.name == *file)).unwrap_or(&sources[0]);
    let (message, help) = words(error);
    let ended = matches!(error, EvalAltResult::ErrorTerminated(token, _) if matches!(stop(token), Some(Stop::Ended(_))));
    ScriptFault { message, help, source: Arc::clone(source), offset: offset(&source.text, position), ended }
}

/// The error at the bottom, the file it happened in, and the nearest place that is known.
fn innermost<'e>(error: &'e EvalAltResult, file: Option<&'e str>) -> (&'e EvalAltResult, Option<&'e str>, Position) {
    let (inner, within) = match error {
        EvalAltResult::ErrorInFunctionCall(_, source, inner, _) => (inner, Some(source.as_str()).filter(|source| !source.is_empty())),
        EvalAltResult::ErrorInModule(source, inner, _) => (inner, Some(source.as_str()).filter(|source| !source.is_empty())),
        _ => return (error, file, error.position()),
    };
    let found = innermost(inner, within.or(file));
    if found.2.is_none() { (found.0, file, error.position()) } else { found }
}

fn stop(token: &Dynamic) -> Option<Stop> {
    token.clone().try_cast::<Stop>()
}

/// What happened, in a sentence, and what to do.
pub(super) fn words(error: &EvalAltResult) -> (String, Option<String>) {
    use EvalAltResult as E;
    let limit = || Some("docs/scripts.md has the limits, and how an operator sets them".to_owned());
    match error {
        E::ErrorParsing(kind, _) => parse_words(kind),
        E::ErrorRuntime(thrown, _) => (thrown_words(thrown), None),
        E::ErrorTerminated(token, _) => match stop(token) {
            Some(Stop::Deadline(allowed)) => (format!("stopped after {allowed:?}, which is all that a script gets"), limit()),
            Some(Stop::Memory(bytes)) => (format!("it holds more than {} MB, which is all that a script gets", bytes / 1_000_000), limit()),
            Some(Stop::Ended(why)) => (why, None),
            None => ("stopped".to_owned(), None),
        },
        E::ErrorTooManyOperations(_) => ("it does more operations than a script may".to_owned(), limit()),
        E::ErrorTooManyVariables(_) => ("it has more variables at a time than a script may".to_owned(), limit()),
        E::ErrorTooManyModules(_) => ("it imports more modules than a script may".to_owned(), limit()),
        E::ErrorDataTooLarge(what, _) => (format!("{} larger than a script may make one", what.to_lowercase()), limit()),
        E::ErrorStackOverflow(_) => ("its functions call each other too deep".to_owned(), limit()),
        E::ErrorDotExpr(text, _) => (property_words(text).unwrap_or_else(|| plain(error)), None),
        other => (plain(other), None),
    }
}

/// Rhai speaks of getters and setters, which are no concern of whoever writes a script.
fn property_words(text: &str) -> Option<String> {
    let (name, rest) = text.strip_prefix("Unknown property '")?.split_once('\'')?;
    let of = rest.split_once("for type '").map(|(_, of)| of.trim_end_matches('\''));
    let what = if rest.contains("setter") { "that can be set" } else { "" };
    let of = of.map_or_else(String::new, |of| format!(" of {of}"));
    Some([format!("there is no property `{name}`{of}"), what.to_owned()].join(" ").trim_end().to_owned())
}

/// Rhai adds the place in words; the diagnostic shows it.
fn plain(error: &EvalAltResult) -> String {
    let text = error.to_string();
    text.rsplit_once(" (line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

fn thrown_words(thrown: &Dynamic) -> String {
    if thrown.is_unit() { "it threw an error without a text".to_owned() } else { thrown.to_string() }
}

fn parse_words(kind: &ParseErrorType) -> (String, Option<String>) {
    match kind {
        ParseErrorType::VariableUndefined(name) => (format!("there is no variable `{name}`"), None),
        ParseErrorType::Reserved(word) if ["case", "sync"].contains(&word.as_str()) => {
            let other = if word == "case" { "c" } else { "run_sync" };
            (format!("`{word}` is a reserved word of Rhai"), Some(format!("choose another name, such as `{other}`")))
        }
        ParseErrorType::BadInput(LexError::Runtime(text)) => (text.clone(), None),
        other => (format!("not valid Rhai: {other}"), None),
    }
}

/// The byte at a Rhai position.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let Some(line) = position.line() else { return 0 };
    let line_start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let column = position.position().unwrap_or(1).saturating_sub(1);
    text[line_start..].char_indices().nth(column).map_or(text.len(), |(at, _)| line_start + at)
}

/// The name that was most likely meant, as a help.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|near| format!("did you mean `{near}`?"))
}
