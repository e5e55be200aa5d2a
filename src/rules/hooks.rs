//! The seam to a firm's own script: `rules` knows when a hook has its say, `scripting` knows how to ask it.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::domain::{Case, ExistingCase, Message, NewCase, Origin};

/// Loads the scripts that rules name.
pub trait HookScripts {
    /// Loads one.
    fn load(&self, script: &str) -> Result<Arc<dyn Hooks>, Vec<Diagnostic>>;

    /// Checks a script that runs by itself, and answers its files.
    fn check_migration(&self, script: &str) -> Result<Vec<(String, String)>, Vec<Diagnostic>>;
}

/// The functions that a firm's script may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// Changes what a sync would write.
    MapCase,
    /// Names problems that stop a case.
    Validate,
    /// Writes the text of a case note.
    NoteText,
    /// Changes what connect would create.
    ConnectCase,
}

impl Hook {
    /// All of them, with their parameters.
    pub const ALL: [(Hook, &'static [&'static str]); 4] = [
        (Hook::MapCase, &["c", "wanted"]),
        (Hook::Validate, &["c"]),
        (Hook::NoteText, &["message", "text"]),
        (Hook::ConnectCase, &["c", "draft"]),
    ];

    /// The function's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Hook::MapCase => "map_case",
            Hook::Validate => "validate",
            Hook::NoteText => "note_text",
            Hook::ConnectCase => "connect_case",
        }
    }
}

/// A firm's script. Values go in and values come out: a hook reaches no vendor and reads no clock. A function that the script does not
/// have changes nothing.
pub trait Hooks: Send + Sync {
    /// The script and what it imports, each file by its name in the scripts folder; they belong to the firm's revision.
    fn files(&self) -> Vec<(String, String)>;

    /// The script's file, as users know it.
    fn file(&self) -> &str;

    /// Where the script has this function.
    fn origin(&self, hook: Hook) -> Option<&Origin>;

    /// What is to be written, given what the rules came to; `None` where the script has nothing to say.
    ///
    /// # Errors
    /// The hook failed, and the case with it.
    fn map_case(&self, case: &Case, wanted: &ExistingCase) -> Result<Option<ExistingCase>, HookFault>;

    /// Problems that stop this case.
    ///
    /// # Errors
    /// The hook failed, and the case with it.
    fn validate(&self, case: &Case) -> Result<Vec<String>, HookFault>;

    /// The text of a case note; `None` leaves the message out.
    ///
    /// # Errors
    /// The hook failed, and the note with it.
    fn note_text(&self, message: &Message, text: &str) -> Result<Option<String>, HookFault>;

    /// What connect is to create; `None` where the script has nothing to say.
    ///
    /// # Errors
    /// The hook failed, and the case with it.
    fn connect_case(&self, case: &Case, draft: &NewCase) -> Result<Option<NewCase>, HookFault>;
}

impl fmt::Debug for dyn Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions = Hook::ALL.iter().filter_map(|(hook, _)| self.origin(*hook).map(|origin| (hook.as_str(), origin.to_string())));
        formatter.debug_map().entries(functions).finish()
    }
}

/// Why a hook failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} failed: {message}", hook.as_str())]
pub struct HookFault {
    /// Which.
    pub hook: Hook,
    /// What happened, with the line of the script quoted.
    pub message: String,
    /// Where.
    pub origin: Origin,
}
