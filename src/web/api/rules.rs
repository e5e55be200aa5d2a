//! A firm's rules: the text of its file, replaced whole, and what came of earlier edits.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::extract::{ValidQuery, is_of, limit, number_before, page, whole};
use super::firms::answer;
use super::schemas::FaultShape;
use crate::domain::{Action, AuditEntry, FirmId};
use crate::ruleset::{Etag, FirmFile, WriteError};
use crate::store::EditReceipt;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;

/// What the text of a firm's file may be sent as.
const KINDS: [&str; 4] = ["application/yaml", "application/x-yaml", "text/yaml", "text/plain"];

/// The text of the firm's file.
#[utoipa::path(get, path = "/api/v1/firms/{firm}/rules", tag = "Rules", operation_id = "show_rules",
    responses((status = 200, description = "The text.", body = String, content_type = "application/yaml",
        headers(("etag" = String, description = "By which the text is known again.")))))]
pub(super) async fn show(State(app): State<AppState>, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    let file = file(&app, &firm).await?;
    Ok(([(header::CONTENT_TYPE, "application/yaml"), (header::ETAG, &quoted(&file.etag))], file.text).into_response())
}

async fn file(app: &AppState, firm: &FirmId) -> Result<FirmFile, Problem> {
    let (registry, of) = (app.registry.clone(), firm.clone());
    Ok(tokio::task::spawn_blocking(move || registry.firm_file(&of)).await.map_err(|_| Problem::own())??)
}

fn quoted(etag: &Etag) -> String {
    format!("\"{}\"", etag.as_str())
}

/// Replaces the firm's file, if it still is the one that was changed and the new text is in order, its own tests included.
#[utoipa::path(put, path = "/api/v1/firms/{firm}/rules", tag = "Rules", operation_id = "replace_rules",
    request_body(content = String, content_type = "application/yaml", description = "The new text."),
    responses((status = 200, description = "The firm as it is now.", body = super::firms::FirmView,
        headers(("etag" = String, description = "By which the new text is known again.")))))]
pub(super) async fn replace(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    is_of(&headers, &KINDS)?;
    let wanted = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()).ok_or_else(Problem::no_precondition)?;
    let body = whole(body).await?;
    let text = String::from_utf8(body.to_vec()).map_err(|_| Problem::bad("the text is not UTF-8"))?;
    let now = file(&app, &firm).await?;
    let is_it = wanted.split(',').map(str::trim).any(|one| one == "*" || one == quoted(&now.etag));
    if !is_it {
        return Err(Problem::was_changed());
    }
    let written = Etag::of(&text);
    let (registry, of) = (app.registry.clone(), firm.clone());
    let before = current_revision(&app, &firm);
    let replaced = tokio::task::spawn_blocking(move || registry.replace(&of, &now.etag, &text, None)).await.map_err(|_| Problem::own())?;
    let (revision, _) = replaced.map_err(|error| match error {
        WriteError::Set(error) => Problem::from(error),
        WriteError::Changed { .. } | WriteError::TestsChanged | WriteError::IsThere => Problem::was_changed(),
    })?;
    app.reloader.look().await;
    let about = |entry: AuditEntry| entry.of_firm(&firm).to(format!("{firm}.yaml")).from_to(before, Some(revision.0.to_string()));
    app.note(caller.who, Action::RulesEdited, about).await?;
    let mut response = answer(&app, &firm).await?;
    if let Ok(etag) = HeaderValue::from_str(&quoted(&written)) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

fn current_revision(app: &AppState, firm: &FirmId) -> Option<String> {
    let current = app.registry.current();
    current.firms.get(firm)?.rules.as_ref().map(|rules| rules.revision.0.to_string())
}

/// Which receipts are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReceiptsQuery {
    /// At most so many, 1 to 200; 50 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next` of an earlier page.
    before: Option<String>,
}

/// A page of receipts.
#[derive(Serialize, ToSchema)]
struct Receipts {
    receipts: Vec<ReceiptView>,
    /// The `before` of the next page; null on the last.
    next: Option<String>,
}

/// What came of one edit of a firm's rules.
#[derive(Serialize, ToSchema)]
#[schema(as = EditReceipt)]
struct ReceiptView {
    id: i64,
    /// The hash of what the files held.
    revision: String,
    /// `applied`, `rejected` or `removed`.
    outcome: String,
    /// What the files had wrong.
    #[schema(value_type = Vec<FaultShape>)]
    diagnostics: Value,
    /// When the edit was noticed.
    received_at: String,
}

/// What came of the edits of the firm's rules, the latest first.
#[utoipa::path(get, path = "/api/v1/firms/{firm}/receipts", tag = "Rules", operation_id = "list_receipts", params(ReceiptsQuery),
    responses((status = 200, description = "The receipts.", body = Receipts)))]
pub(super) async fn receipts(
    State(app): State<AppState>,
    AuthorizedFirm(firm): AuthorizedFirm,
    ValidQuery(wanted): ValidQuery<ReceiptsQuery>,
) -> Result<Response, Problem> {
    let (limit, before) = (limit(wanted.limit.as_deref())?, number_before(wanted.before.as_deref())?);
    let found = app.host.store.receipts_before(&firm, before, limit + 1).await?;
    if found.is_empty() && before.is_none() && !app.registry.current().firms.contains_key(&firm) {
        return Err(Problem::no_firm());
    }
    let (found, next) = page(found, limit, |receipt| receipt.id.to_string());
    let receipts = found.into_iter().map(ReceiptView::from).collect();
    Ok(Json(Receipts { receipts, next }).into_response())
}

impl From<EditReceipt> for ReceiptView {
    fn from(receipt: EditReceipt) -> ReceiptView {
        ReceiptView {
            id: receipt.id,
            revision: receipt.revision,
            outcome: receipt.outcome,
            diagnostics: serde_json::from_str(&receipt.diagnostics).unwrap_or_else(|_| Value::Array(Vec::new())),
            received_at: receipt.received_at.to_string(),
        }
    }
}
