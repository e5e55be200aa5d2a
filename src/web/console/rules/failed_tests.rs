//! Tests of a firm's rules that an edit fails, shown where the edit was made: their file can be edited there and is saved along.

use crate::domain::FirmId;
use crate::ruleset::{Etag, Tested, TestsEdit};
use crate::web::AppState;
use crate::web::problem::Problem;

/// Tests that fail, with the text of their file.
pub(in crate::web::console) struct FailedTests {
    pub tests: Vec<Tested>,
    /// The file as users know it.
    pub file: String,
    pub etag: Etag,
    pub text: String,
    /// Whether somebody else changed the file meanwhile.
    pub is_overtaken: bool,
}

impl FailedTests {
    /// What a page shows of them; nothing where no test fails and none was typed.
    pub(in crate::web::console) async fn of(
        app: &AppState,
        firm: &FirmId,
        tests: Vec<Tested>,
        typed: Option<TestsEdit>,
        is_overtaken: bool,
    ) -> Result<Option<FailedTests>, Problem> {
        if tests.is_empty() && typed.is_none() {
            return Ok(None);
        }
        let (registry, of) = (app.registry.clone(), firm.clone());
        let file = tokio::task::spawn_blocking(move || registry.tests_file(&of)).await.map_err(|_| Problem::own())?;
        Ok(file.map(|file| {
            let etag = typed.as_ref().filter(|_| !is_overtaken).map_or(file.etag, |typed| typed.held.clone());
            let text = typed.map_or(file.text, |typed| typed.text);
            FailedTests { tests, file: file.path.display().to_string(), etag, text, is_overtaken }
        }))
    }
}

/// The tests that a form brings, if its page had them.
pub(in crate::web::console) fn typed_tests(text: Option<&str>, etag: Option<&str>) -> Option<TestsEdit> {
    // Browsers send line ends of their own.
    let text = text?.replace("\r\n", "\n");
    Some(TestsEdit { held: Etag::shown(etag.unwrap_or_default()), text })
}
