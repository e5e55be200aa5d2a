//! The audit log: read a page at a time, narrowed, and exported.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::{Layout, NavItem, page};
use crate::domain::{Action, AuditEntry, FirmId};
use crate::report::harmless;
use crate::store::AuditFilter;
use crate::web::AppState;
use crate::web::access::{Access, Routes};
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// Lines of a page.
const A_PAGE: u32 = 50;

/// Lines of an export.
const EXPORTED: u32 = 100_000;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/audit", Access::Support, show).get("/audit.csv", Access::Support, export)
}

/// Which lines are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct AuditPageQuery {
    firm: String,
    who: String,
    action: String,
    before: String,
}

impl AuditPageQuery {
    fn filter(&self) -> AuditFilter {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        AuditFilter {
            firm: FirmId::new(self.firm.trim()),
            who: given(&self.who),
            action: Action::parse(&self.action),
            before: self.before.parse().ok(),
        }
    }

    /// The address of the same lines elsewhere.
    fn query(&self, before: Option<i64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("firm", &self.firm).append_pair("who", &self.who).append_pair("action", &self.action);
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Layout,
    entries: Vec<AuditEntry>,
    asked: AuditPageQuery,
    firms: Vec<String>,
    next: Option<String>,
    export: String,
}

/// A page of it.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, Query(asked): Query<AuditPageQuery>) -> Result<Response, Problem> {
    let mut entries = app.host.store.audit(&asked.filter(), A_PAGE + 1).await?;
    let more = entries.len() > A_PAGE as usize;
    entries.truncate(A_PAGE as usize);
    let next = entries.last().filter(|_| more).map(|(number, _)| asked.query(Some(*number)));
    let firms = app.registry.current().firms.keys().map(FirmId::to_string).collect();
    let export = asked.query(None);
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    Ok(page(&AuditPage { frame: Layout::of(&caller, NavItem::Audit), entries, asked, firms, next, export }))
}

/// All of it, as a spreadsheet opens it.
pub(super) async fn export(State(app): State<AppState>, Query(asked): Query<AuditPageQuery>) -> Result<Response, Problem> {
    let entries = app.host.store.audit(&asked.filter(), EXPORTED).await?;
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
    Ok((headers, as_csv(entries.iter().map(|(_, entry)| entry)).map_err(|_| Problem::own())?).into_response())
}

fn as_csv<'a>(entries: impl Iterator<Item = &'a AuditEntry>) -> Result<Vec<u8>, csv::Error> {
    let mut written = csv::Writer::from_writer(Vec::new());
    written.write_record(["at", "who", "action", "firm", "subject", "before", "after", "request"])?;
    for entry in entries {
        let (at, who) = (entry.at.to_string(), entry.who.to_string());
        let firm = entry.firm.as_ref().map(FirmId::as_str).unwrap_or_default();
        let [subject, before, after, request] =
            [&entry.subject, &entry.before, &entry.after, &entry.request].map(|text| text.as_deref().unwrap_or_default());
        let cells = [&at, &who, entry.action.as_str(), firm, subject, before, after, request];
        written.write_record(cells.map(|cell| harmless(cell).into_owned()))?;
    }
    written.into_inner().map_err(|error| error.into_error().into())
}
