//! The firms that the caller may see, searched and a page at a time.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::health::{Trouble, troubles};
use crate::domain::{FirmId, Run};
use crate::ruleset::FirmEntry;
use crate::scheduler::next_start;
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// Firms of a page.
const A_PAGE: usize = 50;

/// Which firms are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct FirmsQuery {
    /// In their name or id.
    find: String,
    page: usize,
}

#[derive(Template)]
#[template(path = "firms/list.html")]
struct ListPage {
    frame: Layout,
    asked: FirmsQuery,
    firms: Vec<FirmLine>,
    total: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

struct FirmLine {
    id: FirmId,
    name: String,
    state: &'static str,
    rules_state: &'static str,
    next_nightly: Option<Timestamp>,
    last_sync: Option<Run>,
    troubles: Vec<Trouble>,
}

/// A page of firms.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, Query(asked): Query<FirmsQuery>) -> Result<Response, Problem> {
    if let Some(firm) = caller.role.firm() {
        return Ok(Redirect::to(&format!("/firms/{firm}")).into_response());
    }
    let current = app.registry.current();
    let wanted = asked.find.trim().to_lowercase();
    let name = |firm: &FirmId, in_use: &FirmEntry| in_use.rules.as_ref().map_or_else(|| firm.to_string(), |rules| rules.name.to_string());
    let found: Vec<(&FirmId, &FirmEntry)> = current
        .firms
        .iter()
        .filter(|(firm, in_use)| firm.as_str().contains(&wanted) || name(firm, in_use).to_lowercase().contains(&wanted))
        .collect();
    let (total, from) = (found.len(), asked.page.saturating_mul(A_PAGE).min(found.len()));
    let shown = &found[from..(from + A_PAGE).min(total)];
    let mut firm_statuses = app.host.store.firm_statuses(&shown.iter().map(|(firm, _)| *firm).collect::<Vec<_>>()).await?;
    let (left_alone, now) = (app.host.vendor_pool.left_alone(), Timestamp::now());
    let firms = shown.iter().map(|(firm, in_use)| {
        let firm_status = firm_statuses.remove(firm).unwrap_or_default();
        let nightly = in_use.rules.as_ref().map(|rules| (&rules.schedule.nightly_sync, &rules.time_zone));
        FirmLine {
            id: (*firm).clone(),
            name: name(firm, in_use),
            state: firm_status.state().as_str(),
            rules_state: in_use.state.as_str(),
            next_nightly: nightly
                .and_then(|(schedule, zone)| next_start(firm, schedule, zone, app.spread, now))
                .filter(|_| firm_status.enabled),
            troubles: troubles(firm, in_use, &firm_status, &left_alone),
            last_sync: firm_status.last_sync,
        }
    });
    let firms = firms.collect();
    let previous = asked.page.checked_sub(1);
    let next = (from + A_PAGE < total).then(|| asked.page + 1);
    Ok(page(&ListPage { frame: Layout::of(&caller, NavItem::Firms), asked, firms, total, previous, next }))
}
