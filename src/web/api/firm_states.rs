//! Enabling and disabling a firm.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{JsonBody, OptionalBody};
use super::firms::{FirmView, answer};
use crate::rules::raw::Start;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;
use crate::web::{AppState, enabling};

/// With which message the firm begins.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum MessageStart {
    /// With what comes from now on.
    Now,
    /// With the first message there is.
    Beginning,
}

/// How a firm is enabled.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enabling {
    /// Written into the firm's file as `messages.start`; may be left out where that says it already.
    #[serde(default)]
    messages: Option<MessageStart>,
}

/// Why a firm is disabled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Disabling {
    /// As others will read it.
    #[schema(min_length = 1)]
    reason: String,
}

/// Lets the firm's schedules and webhooks work, as `casebridge firm enable` does.
#[utoipa::path(post, path = "/api/v1/firms/{firm}/enable", tag = "Firms", operation_id = "enable_firm",
    request_body = Option<Enabling>, responses((status = 200, description = "The firm as it is now.", body = FirmView)))]
pub(super) async fn enable(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    OptionalBody(Enabling { messages }): OptionalBody<Enabling>,
) -> Result<Response, Problem> {
    let start = messages.map(|start| match start {
        MessageStart::Now => Start::Now,
        MessageStart::Beginning => Start::Beginning,
    });
    enabling::enable(&app, &caller, &firm, start).await?;
    answer(&app, &firm).await
}

/// Lets nothing run for the firm by itself, as `casebridge firm disable` does. What a person begins works.
#[utoipa::path(post, path = "/api/v1/firms/{firm}/disable", tag = "Firms", operation_id = "disable_firm",
    request_body = Disabling, responses((status = 200, description = "The firm as it is now.", body = FirmView)))]
pub(super) async fn disable(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    JsonBody(Disabling { reason }): JsonBody<Disabling>,
) -> Result<Response, Problem> {
    enabling::disable(&app, &caller, &firm, &reason).await?;
    answer(&app, &firm).await
}
