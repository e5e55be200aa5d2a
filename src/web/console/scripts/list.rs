//! Every script, what is wrong with it and who goes by it, and what ran of late.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::look::{self, How, Script};
use crate::domain::{Counts, Run};
use crate::web::Served;
use crate::web::caller::Caller;
use crate::web::console::{Frame, Here, page};
use crate::web::problem::Problem;

/// Runs shown.
const RUNS: u32 = 15;

#[derive(Template)]
#[template(path = "scripts/list.html")]
struct ListPage {
    frame: Frame,
    folder: String,
    scripts: Vec<Script>,
    runs: Vec<(Run, Counts, String)>,
}

/// All of them.
pub(super) async fn show(State(served): State<Served>, caller: Caller) -> Result<Response, Problem> {
    Ok(page(&ListPage {
        frame: Frame::of(&caller, Here::Scripts),
        folder: served.live.origins().scripts.shown().display().to_string(),
        scripts: look::all(&served).await?,
        runs: served.host.store.migration_runs(None, RUNS).await?,
    }))
}
