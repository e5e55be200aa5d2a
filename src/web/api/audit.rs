//! The audit log: who changed what.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{ValidQuery, limit, number_before, page};
use crate::domain::{Action, AuditEntry};
use crate::store::AuditFilter;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;

/// Which lines are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// About this firm.
    firm: Option<String>,
    /// Of whoever is called so.
    who: Option<String>,
    /// Of this kind, such as `firm_set` or `run_begun`.
    action: Option<String>,
    /// At most so many, 1 to 200; 50 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// The `next` of an earlier page.
    before: Option<String>,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
struct AuditLog {
    entries: Vec<AuditLine>,
    /// The `before` of the next page; null on the last.
    next: Option<String>,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
struct AuditLine {
    at: String,
    /// How they came in: `user`, `token`, `command_line` or `webhook`.
    who_kind: &'static str,
    who: String,
    action: &'static str,
    firm: Option<String>,
    /// What it was done to.
    subject: Option<String>,
    before: Option<String>,
    after: Option<String>,
    /// The request by which it came, as the log has it.
    request: Option<String>,
}

/// Who changed what, the latest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "Audit", operation_id = "list_audit", params(AuditQuery),
    responses((status = 200, description = "Lines of the audit log.", body = AuditLog)))]
pub(super) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    ValidQuery(wanted): ValidQuery<AuditQuery>,
) -> Result<Response, Problem> {
    let (limit, before) = (limit(wanted.limit.as_deref())?, number_before(wanted.before.as_deref())?);
    let action = wanted.action.as_deref().map(|action| Action::parse(action).ok_or_else(|| Problem::bad("there is no such `action`")));
    let filter = AuditFilter {
        firm: wanted.firm.as_deref().map(|name| AuthorizedFirm::named(name, &caller)).transpose()?.map(|firm| firm.0),
        who: wanted.who,
        action: action.transpose()?,
        before,
    };
    let found = app.host.store.audit(&filter, limit + 1).await?;
    let (found, next) = page(found, limit, |(number, _)| number.to_string());
    Ok(Json(AuditLog { entries: found.into_iter().map(|(_, entry)| AuditLine::from(entry)).collect(), next }).into_response())
}

impl From<AuditEntry> for AuditLine {
    fn from(entry: AuditEntry) -> AuditLine {
        AuditLine {
            at: entry.at.to_string(),
            who_kind: entry.who.kind(),
            who: entry.who.name().to_owned(),
            action: entry.action.as_str(),
            firm: entry.firm.map(|firm| firm.to_string()),
            subject: entry.subject,
            before: entry.before,
            after: entry.after,
            request: entry.request,
        }
    }
}
