//! What somebody asks a script to do: for which firm, with which arguments, about which rows.

use std::collections::BTreeMap;

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;

use crate::domain::{FirmId, MigrationTask};
use crate::scripting::{MAX_INPUT, input_rows};
use crate::web::problem::Problem;

/// No form is taken that is larger, in bytes: more than an input may have, so that one which is too large is told so at its field.
pub(super) const MAX_FORM: usize = 64 * 1024 * 1024;

/// Up to so many bytes, an uploaded file comes back with a form that was refused, as text.
const COMES_BACK: usize = 256 * 1024;

/// The form as it was filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct ScriptForm {
    pub firm: String,
    /// A `NAME=VALUE` a line.
    pub arguments: String,
    /// The text of a CSV.
    pub pasted: String,
    /// A CSV as a file.
    file: Vec<u8>,
    is_too_large: bool,
}

/// What is wrong with a form, each at its field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    pub firm: Option<String>,
    pub arguments: Option<String>,
    pub input: Option<String>,
}

impl ScriptForm {
    /// Reads the form.
    pub(super) async fn read(mut form: Multipart) -> Result<ScriptForm, Problem> {
        let mut typed = ScriptForm::default();
        while let Some(mut field) = form.next_field().await.map_err(|error| unreadable(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let mut bytes = Vec::new();
            while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
                if (bytes.len() + chunk.len()) as u64 <= MAX_INPUT {
                    bytes.extend_from_slice(&chunk);
                } else {
                    typed.is_too_large = true;
                }
            }
            // Browsers send line ends of their own.
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            match name.as_str() {
                "firm" => typed.firm = text(bytes),
                "arguments" => typed.arguments = text(bytes),
                "pasted" => typed.pasted = text(bytes),
                "file" => typed.file = bytes,
                _ => {}
            }
        }
        Ok(typed)
    }

    /// The task that it means. Blocks for as long as a large CSV takes to read.
    pub(super) fn task(&self, script: &str) -> Result<(FirmId, MigrationTask), Wrong> {
        let (firm, arguments, input) = (FirmId::new(&self.firm), arguments(&self.arguments), self.input());
        match (firm, arguments, input) {
            (Some(firm), Ok(arguments), Ok(input)) => {
                let task = MigrationTask::new(&firm, script, arguments, input);
                Ok((firm, task))
            }
            (firm, arguments, input) => {
                Err(Wrong { firm: firm.is_none().then(|| "choose a firm".to_owned()), arguments: arguments.err(), input: input.err() })
            }
        }
    }

    fn input(&self) -> Result<Vec<BTreeMap<String, String>>, String> {
        if self.is_too_large {
            return Err("this is larger than 20 MiB; divide it, and run the script for each part".to_owned());
        }
        if !self.file.is_empty() && !self.pasted.trim().is_empty() {
            return Err("there is a file and a pasted text; give one of them".to_owned());
        }
        let text = if self.file.is_empty() {
            &self.pasted
        } else {
            std::str::from_utf8(&self.file).map_err(|_| "the file is not UTF-8 text; save it as UTF-8".to_owned())?
        };
        input_rows(text).map_err(|fault| {
            let line = fault.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            format!("{line}{fault}; check the quotes and commas")
        })
    }

    /// The form as it comes back when it is refused: browsers choose no file again, so that a small one comes back as text.
    pub(super) fn again(mut self) -> (ScriptForm, bool) {
        let file = std::mem::take(&mut self.file);
        let is_text = !self.is_too_large && self.pasted.trim().is_empty() && file.len() <= COMES_BACK;
        match String::from_utf8(file) {
            Ok(text) if is_text && !text.is_empty() => (ScriptForm { pasted: text, ..self }, false),
            Ok(text) => (self, !text.is_empty()),
            Err(_) => (self, true),
        }
    }
}

/// The arguments of a text that has one a line.
fn arguments(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut arguments = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) = line.trim().split_once('=').ok_or_else(|| format!("line {number}: write NAME=VALUE"))?;
        if name.is_empty() {
            return Err(format!("line {number}: write NAME=VALUE"));
        }
        if arguments.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("line {number}: `{name}` is there twice"));
        }
    }
    Ok(arguments)
}

fn unreadable(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::unprocessable("what was sent is much larger than 20 MiB; divide the input"),
        _ => Problem::bad("the form was not sent whole; go back and send it again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_one_a_line() {
        let expected = [("from", "4"), ("note", "a=b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(arguments("from=4\n\nnote=a=b\n"), Ok(BTreeMap::from(expected)));
        assert_eq!(arguments("from=4\nto"), Err("line 2: write NAME=VALUE".to_owned()));
        assert_eq!(arguments("=4"), Err("line 1: write NAME=VALUE".to_owned()));
        assert_eq!(arguments("a=1\na=2"), Err("line 2: `a` is there twice".to_owned()));
    }

    #[test]
    fn every_field_that_is_wrong_says_so() {
        let typed = ScriptForm { arguments: "x".to_owned(), pasted: "a,b\n1".to_owned(), ..ScriptForm::default() };
        let wrong = typed.task("work.rhai").unwrap_err();
        assert!(wrong.firm.is_some() && wrong.arguments.is_some() && wrong.input.unwrap().starts_with("line 2"));
    }

    #[test]
    fn a_small_file_comes_back_as_text() {
        let typed = ScriptForm { file: b"a,b\n1,2\n".to_vec(), ..ScriptForm::default() };
        let (again, is_lost) = typed.again();
        assert_eq!((again.pasted.as_str(), is_lost), ("a,b\n1,2\n", false));
        let (_, is_lost) = ScriptForm { file: vec![0xff], ..ScriptForm::default() }.again();
        assert!(is_lost);
    }
}
