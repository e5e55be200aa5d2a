//! The instances that serve from the store, and which rules each serves firms by.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::FirmId;
use crate::jobs::Heartbeat;
use crate::ruleset::FirmEntry;
use crate::store::{InstanceStanding, StoreError};
use crate::web::AppState;
use crate::web::problem::Problem;

/// The instances.
#[derive(Serialize, ToSchema)]
struct Instances<'a> {
    instances: Vec<InstanceView<'a>>,
}

/// An instance.
#[derive(Serialize, ToSchema)]
#[schema(as = Instance)]
struct InstanceView<'a> {
    /// By which it is known as long as it runs.
    instance: &'a str,
    /// What its machine is called.
    host: &'a str,
    /// Of casebridge.
    version: &'a str,
    started_at: String,
    /// When it last said that it is there, by its own clock.
    seen_at: String,
    /// Whether it is the one that answers.
    answers: bool,
    /// How many firms it serves.
    firms: u64,
    /// How many firms it serves by other rules than the last that were applied anywhere, or not at all.
    behind: u64,
}

/// The instances that serve from the store now, the longest at work first.
#[utoipa::path(get, path = "/api/v1/instances", tag = "Instances", operation_id = "list_instances",
    responses((status = 200, description = "The instances.", body = Instances)))]
pub(super) async fn list(State(app): State<AppState>) -> Result<Response, Problem> {
    let found = app.host.store.instances_within(Heartbeat::LASTS).await?;
    let view = |found| InstanceView::of(found, &app.instance);
    Ok(Json(Instances { instances: found.iter().map(view).collect() }).into_response())
}

impl<'a> InstanceView<'a> {
    fn of(firm_status: &'a InstanceStanding, own: &str) -> InstanceView<'a> {
        let InstanceStanding { instance, firms, behind } = firm_status;
        InstanceView {
            instance: &instance.id,
            host: &instance.host,
            version: &instance.version,
            started_at: instance.started_at.to_string(),
            seen_at: instance.seen_at.to_string(),
            answers: instance.id == own,
            firms: *firms,
            behind: *behind,
        }
    }
}

/// An instance as one firm sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct ServingInstance {
    instance: String,
    /// Of the rules that it serves the firm by; null where it has none.
    revision: Option<String>,
}

/// The instances as a firm sees them: this one, of which no word has to come by way of the store, and then the others.
pub(super) async fn of_firm(app: &AppState, firm: &FirmId, in_use: &FirmEntry) -> Result<Vec<ServingInstance>, StoreError> {
    let own = &*app.instance;
    let revision = in_use.rules.as_ref().map(|rules| rules.revision.to_string());
    let found = app.host.store.instance_rules_within(firm, Heartbeat::LASTS).await?;
    let others = found.into_iter().filter(|(instance, _)| instance != own);
    let others = others.map(|(instance, revision)| ServingInstance { instance, revision });
    Ok(std::iter::once(ServingInstance { instance: own.to_owned(), revision }).chain(others).collect())
}
