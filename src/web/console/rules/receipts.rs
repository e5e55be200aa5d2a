//! What came of one edit: its faults, what it changed, and putting it back.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::{Action, AuditEntry, FirmId};
use crate::ruleset::{DiffLine, Etag, WriteError, diff};
use crate::store::EditReceipt;
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;
use crate::yaml::masked;

#[derive(Template)]
#[template(path = "rules/receipt.html")]
struct ReceiptPage {
    frame: Layout,
    firm: FirmId,
    id: i64,
    outcome: String,
    revision: String,
    received_at: Timestamp,
    faults: Vec<Fault>,
    /// What it changed.
    changed: Vec<DiffLine>,
    /// What putting it back would change in the file of now; `None` where it cannot be put back.
    put_back: Option<(Etag, Vec<DiffLine>)>,
}

/// A fault as the store has it.
#[derive(Deserialize)]
struct Fault {
    severity: String,
    message: String,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    source: Option<String>,
    help: Option<String>,
}

/// One edit.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Path((firm, receipt)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (firm, receipt, before) = named(&app, &firm, &receipt).await?;
    let changed = diff(before.as_ref().map_or("", |before| &before.text), &receipt.text);
    let put_back = match text_of(&receipt, &firm) {
        Some(text) => {
            let (registry, of) = (app.registry.clone(), firm.clone());
            let now = tokio::task::spawn_blocking(move || registry.firm_file(&of)).await.map_err(|_| Problem::own())?;
            // A key that stands in the file itself is put back unseen.
            let now = now.ok().filter(|now| now.text != text);
            now.map(|now| (now.etag, diff(&masked(&now.text), &masked(&text))))
        }
        None => None,
    };
    Ok(page(&ReceiptPage {
        frame: Layout::about(&caller, &firm, &app, NavItem::Rules),
        id: receipt.id,
        faults: serde_json::from_str(&receipt.diagnostics).unwrap_or_default(),
        outcome: receipt.outcome,
        revision: receipt.revision,
        received_at: receipt.received_at,
        changed,
        put_back,
        firm,
    }))
}

/// The file that stood beside what is put back.
#[derive(Deserialize)]
pub(super) struct PutBackForm {
    #[serde(default)]
    etag: String,
}

/// Puts the firm's file back as it was after an edit that was applied, if the file is the one that was shown beside it.
pub(super) async fn put_back(
    State(app): State<AppState>,
    caller: Caller,
    Path((firm, receipt)): Path<(String, String)>,
    Form(PutBackForm { etag }): Form<PutBackForm>,
) -> Result<Response, Problem> {
    let (firm, receipt, _) = named(&app, &firm, &receipt).await?;
    let text = text_of(&receipt, &firm).ok_or_else(|| Problem::conflict("this edit was not applied, or its file was not kept"))?;
    let before = app.registry.current().firms.get(&firm).and_then(|in_use| in_use.rules.clone()).map(|rules| rules.revision.0.to_string());
    let (registry, of) = (app.registry.clone(), firm.clone());
    let written = tokio::task::spawn_blocking(move || registry.replace(&of, &Etag::shown(&etag), &text, None));
    match written.await.map_err(|_| Problem::own())? {
        Ok((revision, _)) => {
            app.reloader.look().await;
            let about = |entry: AuditEntry| entry.of_firm(&firm).to(format!("{firm}.yaml")).from_to(before, Some(revision.0.to_string()));
            app.note(caller.who, Action::RulesPutBack, about).await?;
            Ok(Redirect::to(&format!("/firms/{firm}/rules")).into_response())
        }
        Err(WriteError::Set(error)) => Err(error.into()),
        Err(WriteError::Changed { .. }) => Err(Problem::conflict("the file was changed by somebody else meanwhile; look at it again")),
        Err(WriteError::TestsChanged | WriteError::IsThere) => Err(Problem::own()),
    }
}

async fn named(app: &AppState, firm: &str, receipt: &str) -> Result<(FirmId, EditReceipt, Option<EditReceipt>), Problem> {
    let firm = FirmId::new(firm).ok_or_else(Problem::no_firm)?;
    let missing = || Problem::not_there("there is no such receipt");
    let id = receipt.parse().map_err(|_| missing())?;
    let (receipt, before) = app.host.store.receipt(&firm, id).await?.ok_or_else(missing)?;
    Ok((firm, receipt, before))
}

/// The firm's own file as an edit left it.
fn text_of(receipt: &EditReceipt, firm: &FirmId) -> Option<String> {
    let own = format!("{firm}.yaml");
    let files = receipt.files.as_ref()?;
    files
        .iter()
        .find(|(path, _)| std::path::Path::new(path).file_name().is_some_and(|name| name == own.as_str()))
        .map(|(_, text)| text.clone())
}
