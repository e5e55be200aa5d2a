//! The activity of all firms: who is failing, since when, and why.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::firms::{Trouble, troubles};
use super::{Layout, NavItem, page};
use crate::domain::{Counts, FirmId, Run};
use crate::jobs::Heartbeat;
use crate::store::Totals;
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// Runs shown.
const RUNS: u32 = 15;

/// Failing firms shown.
const FAILING: usize = 100;

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Layout,
    firms: usize,
    failing: usize,
    totals: Totals,
    running: u64,
    instances: u64,
    /// The firms that somebody should look at, as people call them.
    troubled: Vec<(FirmId, String, Vec<Trouble>)>,
    common: Vec<crate::diagnostic::Diagnostic>,
    /// The firms whose files are gone.
    gone: Vec<FirmId>,
    runs: Vec<(Run, Counts)>,
}

/// Who is about one firm is taken to it.
pub(super) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    if let Some(firm) = caller.role.firm() {
        return Ok(Redirect::to(&format!("/firms/{firm}")).into_response());
    }
    let (current, store) = (app.registry.current(), &app.host.store);
    let firms: Vec<&FirmId> = current.firms.keys().collect();
    let mut firm_statuses = store.firm_statuses(&firms).await?;
    let left_alone = app.host.vendor_pool.left_alone();
    let mut troubled: Vec<(FirmId, String, Vec<Trouble>)> = current
        .firms
        .iter()
        .filter_map(|(firm, in_use)| {
            let found = troubles(firm, in_use, &firm_statuses.remove(firm).unwrap_or_default(), &left_alone);
            let name = in_use.rules.as_ref().map_or_else(|| firm.to_string(), |rules| rules.name.to_string());
            (!found.is_empty()).then(|| (firm.clone(), name, found))
        })
        .collect();
    let failing = troubled.len();
    troubled.truncate(FAILING);
    Ok(page(&ActivityPage {
        frame: Layout::of(&caller, NavItem::Activity),
        firms: current.firms.len(),
        failing,
        totals: store.totals().await?,
        running: store.running_runs().await?,
        instances: store.instance_count_within(Heartbeat::LASTS).await?,
        troubled,
        common: current.common.clone(),
        gone: current.gone().cloned().collect(),
        runs: store.runs(None, RUNS).await?,
    }))
}
