//! Every script, what is wrong with it and who goes by it, and what ran of late.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::look::{self, How, Script};
use crate::domain::{Counts, Run};
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// Runs shown.
const RUNS: u32 = 15;

#[derive(Template)]
#[template(path = "scripts/list.html")]
struct ListPage {
    frame: Layout,
    folder: String,
    scripts: Vec<Script>,
    runs: Vec<(Run, Counts, String)>,
}

/// All of them.
pub(super) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(page(&ListPage {
        frame: Layout::of(&caller, NavItem::Scripts),
        folder: app.registry.sources().scripts.path().display().to_string(),
        scripts: look::all(&app).await?,
        runs: app.host.store.migration_runs(None, RUNS).await?,
    }))
}
