//! A case, attribute by attribute: what each side has, what a sync did with it, and why.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::said;
use crate::domain::{CaseId, FirmId, Row};
use crate::runs::Explanation;
use crate::web::AppState;
use crate::web::caller::{AuthorizedRun, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "cases/explain.html")]
struct CasePage {
    frame: Layout,
    firm: FirmId,
    case: CaseId,
    explanation: Option<Explanation>,
    synced: Option<Synced>,
    refusal: Option<String>,
}

/// What a sync has just done with the case.
struct Synced {
    run: String,
    row: Row,
    /// Attribute, before, after.
    changed: Vec<(String, String, String)>,
}

/// The run whose outcome is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ExplainQuery {
    run: String,
}

/// The case.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Path((firm, case)): Path<(String, String)>,
    Query(asked): Query<ExplainQuery>,
) -> Result<Response, Problem> {
    let firm = FirmId::new(&firm).ok_or_else(Problem::no_firm)?;
    let case = CaseId::parse(&case).ok_or_else(|| Problem::not_there("no case has such a number"))?;
    let synced = match AuthorizedRun::named(&asked.run, &caller, &app).await?.filter(|run| run.0.firm == firm) {
        Some(AuthorizedRun(run)) => synced(&app, &run.id, case).await?,
        None => None,
    };
    let (explanation, refusal) = match app.requests.explain(&firm, case).await {
        Ok(explanation) => (Some(explanation), None),
        Err(declined) => (None, Some(said(declined)?)),
    };
    let status = if refusal.is_some() { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    let here = if synced.is_some() { NavItem::Sync } else { NavItem::FirmRuns };
    let frame = Layout::about(&caller, &firm, &app, here);
    Ok((status, page(&CasePage { frame, firm, case, explanation, synced, refusal })).into_response())
}

async fn synced(app: &AppState, run: &crate::domain::RunId, case: CaseId) -> Result<Option<Synced>, Problem> {
    let store = &app.host.store;
    let rows = store.rows(run).await?;
    let Some(row) = rows.into_iter().find(|row| row.integration_id == case.to_string()) else { return Ok(None) };
    let mut changed: BTreeMap<String, (String, String)> = BTreeMap::new();
    for entry in store.effects(run).await?.into_iter().filter(|entry| entry.case == case) {
        let before = entry.before.to_json();
        for (attribute, after) in entry.after.to_json() {
            let before = before.get(&attribute).map(in_words).unwrap_or_default();
            changed.insert(attribute, (before, in_words(&after)));
        }
    }
    let changed = changed.into_iter().map(|(attribute, (before, after))| (attribute, before, after)).collect();
    Ok(Some(Synced { run: run.0.clone(), row, changed }))
}

/// A value as people read it.
fn in_words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "nothing".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) if items.is_empty() => "nobody".to_owned(),
        serde_json::Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
