//! The activity of all firms: who is failing, since when, and why.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::firms::{Trouble, troubles};
use super::{Frame, Here, page};
use crate::domain::{Counts, FirmId, Run};
use crate::jobs::Presence;
use crate::store::Totals;
use crate::web::Served;
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// Runs shown.
const RUNS: u32 = 15;

/// Failing firms shown.
const FAILING: usize = 100;

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
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
pub(super) async fn show(State(served): State<Served>, caller: Caller) -> Result<Response, Problem> {
    if let Some(firm) = caller.role.firm() {
        return Ok(Redirect::to(&format!("/firms/{firm}")).into_response());
    }
    let (current, store) = (served.live.current(), &served.host.store);
    let firms: Vec<&FirmId> = current.firms.keys().collect();
    let mut standings = store.standings(&firms).await?;
    let left_alone = served.host.ways.left_alone();
    let mut troubled: Vec<(FirmId, String, Vec<Trouble>)> = current
        .firms
        .iter()
        .filter_map(|(firm, in_use)| {
            let found = troubles(firm, in_use, &standings.remove(firm).unwrap_or_default(), &left_alone);
            let name = in_use.rules.as_ref().map_or_else(|| firm.to_string(), |rules| rules.name.to_string());
            (!found.is_empty()).then(|| (firm.clone(), name, found))
        })
        .collect();
    let failing = troubled.len();
    troubled.truncate(FAILING);
    Ok(page(&ActivityPage {
        frame: Frame::of(&caller, Here::Activity),
        firms: current.firms.len(),
        failing,
        totals: store.totals().await?,
        running: store.running_runs().await?,
        instances: store.instance_count_within(Presence::LASTS).await?,
        troubled,
        common: current.common.clone(),
        gone: current.gone().cloned().collect(),
        runs: store.runs(None, RUNS).await?,
    }))
}
