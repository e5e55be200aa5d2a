//! What programs ask of the host: firms, their rules, cases, runs, letters and the instances that serve, as JSON, with a token.

mod audit;
mod cases;
mod description;
mod extract;
mod firm_states;
mod firms;
mod idempotency;
mod instances;
mod letters;
mod messages;
mod rules;
mod runs;
mod schemas;

use axum::Router;
use utoipa_axum::routes;

pub(super) use self::description::DESCRIPTION;
use super::AppState;
use super::access::{Access, Routes};
use super::caller::AuthScheme;
use super::problem::Problem;

/// The addresses of the API, and whom each lets in. Whatever lies below, there or not, is for callers with a token only.
pub(super) fn plan() -> Routes {
    Routes::by(AuthScheme::Api, description::beginning())
        .described(Access::Public, routes!(description::show))
        .described(Access::Known, routes!(firms::list))
        .described(Access::SeesFirm, routes!(firms::show))
        .described(Access::Support, routes!(firms::set))
        .described(Access::Support, routes!(firm_states::enable))
        .described(Access::Support, routes!(firm_states::disable))
        .described(Access::Support, routes!(rules::show))
        .described(Access::Support, routes!(rules::replace))
        .described(Access::Support, routes!(rules::receipts))
        .described(Access::WorksForFirm, routes!(cases::sync))
        .described(Access::SeesFirm, routes!(cases::explain))
        .described(Access::WorksForFirm, routes!(cases::sync_one))
        .described(Access::WorksForFirm, routes!(cases::preview))
        .described(Access::WorksForFirm, routes!(cases::connect))
        .described(Access::WorksForFirm, routes!(messages::send))
        .described(Access::Known, routes!(runs::list))
        .described(Access::SeesRun, routes!(runs::show))
        .described(Access::SeesRun, routes!(runs::csv))
        .described(Access::SeesRun, routes!(runs::events))
        .described(Access::Support, routes!(runs::approve))
        .described(Access::WorksForRun, routes!(runs::cancel))
        .described(Access::Support, routes!(runs::undo))
        .described(Access::Support, routes!(letters::list))
        .described(Access::Support, routes!(letters::retry))
        .described(Access::Support, routes!(letters::drop_it))
        .described(Access::Support, routes!(audit::list))
        .described(Access::Support, routes!(instances::list))
        .any("/api/v1/{*rest}", Access::Known, async || Problem::nothing_here())
}

/// The API under its guard.
pub(super) fn routes(app: &AppState) -> Router<AppState> {
    let once = idempotency::Once::new(app.clone());
    plan().through(|router| router.route_layer(axum::middleware::from_fn_with_state(once, idempotency::once))).guarded(app)
}
