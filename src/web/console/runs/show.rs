//! A run: what it does now, or how it ended; its rows, and what can be done about it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use crate::domain::{Counts, Kind, LogLine, MigrationRequest, Row, RowResult, Run, RunStatus};
use crate::store::{ClientImpact, RowFilter};
use crate::web::AppState;
use crate::web::caller::{AuthorizedRun, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;
use crate::web::run_watch::Glance;

/// Rows of a page.
const A_PAGE: u32 = 100;

/// Moves of a held run that are listed; the CSV has all of them.
const MOVES: u32 = 200;

/// Which rows are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RunPageQuery {
    result: String,
    page: u32,
}

#[derive(Template)]
#[template(path = "runs/show.html")]
pub(super) struct RunPage {
    frame: Layout,
    run: Run,
    counts: Counts,
    noticed: ClientImpact,
    glance: Glance,
    asked: RunPageQuery,
    rows: Vec<Row>,
    moves: Vec<Row>,
    next: Option<u32>,
    log: Vec<LogLine>,
    has_report: bool,
    /// Whether somebody has cancelled it, and it has not come to its end yet.
    is_stopping: bool,
    /// What a script was asked to do.
    asked_of_script: Option<MigrationRequest>,
    /// In a dry run of a script that can be done for real: what is to be known before.
    applying: Option<Applying>,
    /// Why what was asked for last was not begun.
    pub refusal: Option<String>,
    can: Can,
}

/// What is to be known before a script is run for real.
struct Applying {
    /// The latest real run of the same task, if it was cut off.
    unfinished: Option<Run>,
    /// Whether the firm's rules are others than those under which it was looked at.
    has_other_rules: bool,
}

/// What can be done about a run by who is here.
struct Can {
    approve: bool,
    cancel: bool,
    undo: bool,
}

/// Where a run stands, as the page shows it and its events do.
#[derive(Template)]
#[template(path = "runs/glance.html")]
pub(super) struct GlancePart<'a> {
    pub glance: &'a Glance,
}

/// The run.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedRun(run): AuthorizedRun,
    Query(asked): Query<RunPageQuery>,
) -> Result<Response, Problem> {
    Ok(page(&run_page(&app, &caller, run, asked).await?))
}

/// Whether a run is the look at a script that came to its end, so that it can be done for real.
pub(super) fn can_be_applied(run: &Run) -> bool {
    run.dry_run && run.kind == Kind::Migration && matches!(run.status, RunStatus::Succeeded | RunStatus::Partial)
}

pub(super) async fn run_page(app: &AppState, caller: &Caller, run: Run, asked: RunPageQuery) -> Result<RunPage, Problem> {
    let store = &app.host.store;
    let glance = Glance::at(app, &run.id).await.ok_or_else(Problem::own)?;
    let run = glance.run.clone();
    let filter = RowResult::parse(&asked.result).map_or(RowFilter::All, RowFilter::Result);
    let mut rows = store.some_rows(&run.id, filter, asked.page.saturating_mul(A_PAGE), A_PAGE + 1).await?;
    let more = rows.len() > A_PAGE as usize;
    rows.truncate(A_PAGE as usize);
    let is_held = run.status == RunStatus::Held;
    let moves = if is_held || run.dry_run { store.some_rows(&run.id, RowFilter::Moves, 0, MOVES).await? } else { Vec::new() };
    let wrote = !run.dry_run && matches!(run.kind, Kind::Sync | Kind::SyncCase | Kind::StageSync | Kind::Connect | Kind::Migration);
    let has_ended = !run.status.is_open() && run.status != RunStatus::Held;
    let is_stopping = run.status == RunStatus::Running && store.is_cancel_requested(&run.id).await?;
    let can = Can {
        approve: is_held && caller.role.is_support(),
        cancel: !has_ended && !is_stopping && caller.role.may_work_for(&run.firm),
        undo: wrote && has_ended && glance.counts.updated + glance.counts.created > 0 && caller.role.is_support(),
    };
    let asked_of_script = if run.kind == Kind::Migration { store.migration_request(&run.id).await? } else { None };
    let applying = match &asked_of_script {
        Some(task) if can_be_applied(&run) && caller.role.is_support() => {
            let current = app.registry.current();
            let rules = current.firms.get(&run.firm).and_then(|in_use| in_use.rules.as_ref());
            let has_other_rules = rules.is_some_and(|rules| rules.revision != run.revision);
            Some(Applying { unfinished: store.unfinished_of(&task.hash).await?, has_other_rules })
        }
        _ => None,
    };
    Ok(RunPage {
        frame: Layout::about(caller, &run.firm, app, NavItem::FirmRuns),
        counts: glance.counts,
        noticed: store.noticed(&run.id).await?,
        next: more.then(|| asked.page + 1),
        log: store.log(&run.id).await?,
        has_report: !run.status.is_open(),
        is_stopping,
        asked,
        rows,
        moves,
        asked_of_script,
        applying,
        refusal: None,
        can,
        glance,
        run,
    })
}
