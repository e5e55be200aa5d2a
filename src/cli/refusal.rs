//! Why a command was not carried out, as people and as programs read it.

use serde_json::json;

use super::{Exit, output};
use crate::diagnostic::{Diagnostic, render_all};
use crate::runs::RunError;
use crate::store::StoreError;

/// Why a command was not carried out.
#[derive(Debug)]
pub struct Refusal {
    exit: Exit,
    diagnostics: Vec<Diagnostic>,
}

impl Refusal {
    /// Wrong usage, and what to do instead.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal { exit: Exit::Usage, diagnostics: vec![Diagnostic::without_place(message).help(help)] }
    }

    /// Something failed.
    pub fn failed(message: impl Into<String>) -> Refusal {
        Refusal { exit: Exit::Failed, diagnostics: vec![Diagnostic::without_place(message)] }
    }

    /// Something was refused for its faults.
    pub fn faulty(diagnostics: Vec<Diagnostic>) -> Refusal {
        Refusal { exit: Exit::Failed, diagnostics }
    }

    /// Shows it and answers the exit code.
    pub fn show(&self, as_json: bool, color: bool) -> Exit {
        if as_json {
            let errors = self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
            let message = errors.map(|diagnostic| diagnostic.message.as_str()).collect::<Vec<_>>().join("; ");
            output::line(json!({ "error": message, "diagnostics": self.diagnostics }));
        }
        eprint!("{}", render_all(&self.diagnostics, color));
        self.exit
    }
}

impl From<Vec<Diagnostic>> for Refusal {
    fn from(diagnostics: Vec<Diagnostic>) -> Refusal {
        Refusal { exit: Exit::Usage, diagnostics }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        tracing::debug!(?error, "the store");
        let exit = if matches!(error, StoreError::Newer { .. } | StoreError::Folder { .. }) { Exit::Usage } else { Exit::Failed };
        Refusal { exit, ..Refusal::failed(error.to_string()) }
    }
}

impl From<RunError> for Refusal {
    fn from(error: RunError) -> Refusal {
        match error {
            RunError::Store(error) => error.into(),
            RunError::FaultyScript(diagnostics) => diagnostics.into(),
            RunError::NoSuchRun(_) => Refusal::usage(error.to_string(), "`casebridge runs list` shows them"),
            error => Refusal::failed(error.to_string()),
        }
    }
}
