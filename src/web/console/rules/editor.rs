//! The editor of a firm's file, which is checked while it is typed, and saved if it is in order and still the file that was opened.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::failed_tests::{FailedTests, typed_tests};
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, AuditEntry, FirmId};
use crate::ruleset::{DiffLine, Etag, FirmFile, SetError, Tested, WriteError, diff};
use crate::store::EditReceipt;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// Receipts shown.
const RECEIPTS: u32 = 20;

#[derive(Template)]
#[template(path = "rules/editor.html")]
struct EditorPage {
    frame: Layout,
    firm: FirmId,
    state: &'static str,
    revision: String,
    file: FirmFile,
    /// What stands in the editor: the file, or what was typed and not saved.
    text: String,
    faults: Vec<Diagnostic>,
    saved: Saved,
    defaults: Option<String>,
    tests: Option<Result<Vec<Tested>, Vec<Diagnostic>>>,
    receipts: Vec<EditReceipt>,
}

/// What became of what was typed.
enum Saved {
    /// Nothing was.
    Opened,
    /// It has faults; perhaps tests that fail.
    Refused(Option<FailedTests>),
    /// The file was changed by somebody else; this is what they changed.
    Overtaken(Vec<DiffLine>),
}

impl Saved {
    fn failed_tests(&self) -> Option<&FailedTests> {
        if let Saved::Refused(failed) = self { failed.as_ref() } else { None }
    }
}

#[derive(Template)]
#[template(path = "rules/checked.html")]
struct CheckedPart {
    faults: Vec<Diagnostic>,
}

/// What was typed.
#[derive(Deserialize)]
pub(super) struct RulesForm {
    text: String,
    #[serde(default)]
    etag: String,
    /// The tests, where the page had them.
    tests: Option<String>,
    tests_etag: Option<String>,
}

/// The editor.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    let opened = editor(&app, &caller, firm, None, None, Saved::Opened).await?;
    Ok(page(&opened))
}

async fn editor(
    app: &AppState,
    caller: &Caller,
    firm: FirmId,
    typed: Option<String>,
    faults: Option<Vec<Diagnostic>>,
    saved: Saved,
) -> Result<EditorPage, Problem> {
    let (registry, of, shown) = (app.registry.clone(), firm.clone(), typed.clone());
    let read = tokio::task::spawn_blocking(move || {
        let file = registry.firm_file(&of)?;
        let faults = faults.unwrap_or_else(|| registry.look_at(&of, shown.as_deref().unwrap_or(&file.text)).0);
        let defaults = registry.defaults_text();
        Ok::<_, SetError>((file, faults, defaults, registry.rule_tests(&of)))
    });
    let (file, faults, defaults, tests) = read.await.map_err(|_| Problem::own())??;
    let current = app.registry.current();
    let in_use = current.firms.get(&firm);
    Ok(EditorPage {
        frame: Layout::about(caller, &firm, app, NavItem::Rules),
        state: in_use.map_or("rejected", |in_use| in_use.state.as_str()),
        revision: in_use.and_then(|in_use| in_use.rules.as_ref()).map(|rules| rules.revision.0.to_string()).unwrap_or_default(),
        text: typed.unwrap_or_else(|| file.text.clone()),
        file,
        faults,
        saved,
        defaults,
        tests,
        receipts: app.host.store.receipts(&firm, RECEIPTS).await?,
        firm,
    })
}

/// What would be wrong with what was typed so far.
pub(super) async fn check(
    State(app): State<AppState>,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(typed): Form<RulesForm>,
) -> Result<Response, Problem> {
    let text = with_line_ends(&typed.text, "");
    let registry = app.registry.clone();
    let looked = tokio::task::spawn_blocking(move || registry.look_at(&firm, &text).0);
    Ok(page(&CheckedPart { faults: looked.await.map_err(|_| Problem::own())? }))
}

/// Saves what was typed.
pub(super) async fn save(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(typed): Form<RulesForm>,
) -> Result<Response, Problem> {
    let (registry, of, etag) = (app.registry.clone(), firm.clone(), Etag::shown(&typed.etag));
    let before = app.registry.current().firms.get(&firm).and_then(|in_use| in_use.rules.clone()).map(|rules| rules.revision.0.to_string());
    let tests = typed_tests(typed.tests.as_deref(), typed.tests_etag.as_deref());
    let typed_text = typed.text;
    let (given, given_tests) = (typed_text.clone(), tests.clone());
    let written = tokio::task::spawn_blocking(move || {
        let held = registry.firm_file(&of)?;
        registry.replace(&of, &etag, &with_line_ends(&given, &held.text), given_tests.as_ref())
    });
    match written.await.map_err(|_| Problem::own())? {
        Ok((revision, _)) => {
            app.reloader.look().await;
            let about = |entry: AuditEntry| entry.of_firm(&firm).to(format!("{firm}.yaml")).from_to(before, Some(revision.0.to_string()));
            app.note(caller.who.clone(), Action::RulesEdited, about).await?;
            if tests.is_some() {
                let about = |entry: AuditEntry| entry.of_firm(&firm).to(format!("{firm}.test.yaml"));
                app.note(caller.who, Action::RulesEdited, about).await?;
            }
            Ok(Redirect::to(&format!("/firms/{firm}/rules")).into_response())
        }
        Err(WriteError::Changed { now }) => {
            let theirs = diff(&with_line_ends(&typed_text, ""), &with_line_ends(&now.text, ""));
            let again = editor(&app, &caller, firm, Some(typed_text), None, Saved::Overtaken(theirs)).await?;
            Ok((StatusCode::CONFLICT, page(&again)).into_response())
        }
        Err(WriteError::Set(SetError::Refused { diagnostics, failed_tests, .. })) => {
            let failed = FailedTests::of(&app, &firm, failed_tests, tests, false).await?;
            let again = editor(&app, &caller, firm, Some(typed_text), Some(diagnostics), Saved::Refused(failed)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response())
        }
        Err(WriteError::TestsChanged) => {
            let failed = FailedTests::of(&app, &firm, Vec::new(), tests, true).await?;
            let again = editor(&app, &caller, firm, Some(typed_text), None, Saved::Refused(failed)).await?;
            Ok((StatusCode::CONFLICT, page(&again)).into_response())
        }
        Err(WriteError::Set(error)) => Err(error.into()),
        Err(WriteError::IsThere) => Err(Problem::own()),
    }
}

/// Browsers send line ends of their own: the text with those of the file that it replaces, and with its byte order mark.
fn with_line_ends(text: &str, held: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    let ends = if held.contains("\r\n") { plain.replace('\n', "\r\n") } else { plain };
    if held.starts_with('\u{feff}') && !ends.starts_with('\u{feff}') { format!("\u{feff}{ends}") } else { ends }
}

#[cfg(test)]
mod tests {
    use super::with_line_ends;

    #[test]
    fn a_file_keeps_its_line_ends_and_its_mark() {
        assert_eq!(with_line_ends("a\r\nb\r\n", "x\n"), "a\nb\n");
        assert_eq!(with_line_ends("a\r\nb\r\n", "x\r\ny\r\n"), "a\r\nb\r\n");
        assert_eq!(with_line_ends("a\r\n", "\u{feff}x\n"), "\u{feff}a\n");
    }
}
