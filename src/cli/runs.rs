//! `casebridge runs list|show|approve`.

use serde_json::json;

use super::arguments::RunsCommand;
use super::table::{as_text, table};
use super::watched::watched;
use super::{Context, Exit, Refusal, answer, rows};
use crate::domain::{FirmId, RunId};
use crate::sync::{SyncError, approve};

pub(super) async fn runs(context: &Context, command: RunsCommand) -> Result<Exit, Refusal> {
    match command {
        RunsCommand::List { firm, limit } => list(context, firm, limit).await,
        RunsCommand::Show { run } => {
            let host = context.host().await?;
            let recorded = host.recorded(&run).await?;
            // Looking a run up went well, however the run itself did.
            let _ = rows::show(context, &recorded);
            Ok(Exit::Well)
        }
        RunsCommand::Approve { run } => approve_run(context, run).await,
    }
}

async fn list(context: &Context, firm: Option<String>, limit: u32) -> Result<Exit, Refusal> {
    let firm = match firm {
        Some(name) => {
            let refusal = || Refusal::usage(format!("no firm can be called `{name}`"), "`casebridge firm list` shows them");
            Some(FirmId::new(&name).ok_or_else(refusal)?)
        }
        None => None,
    };
    let runs = context.host().await?.store.runs(firm.as_ref(), limit).await?;
    if context.json {
        let runs: Vec<_> = runs
            .iter()
            .map(|(run, counts)| {
                json!({
                    "run_id": run.id.0, "firm": run.firm.as_str(), "kind": run.kind.as_str(), "revision": &*run.revision.0,
                    "dry_run": run.dry_run, "status": run.status.as_str(), "reason": run.reason, "counts": counts,
                    "started_at": run.started_at.to_string(), "finished_at": run.finished_at.map(|at| at.to_string()),
                })
            })
            .collect();
        answer::line(json!(runs));
        return Ok(Exit::Well);
    }
    let mut table = table(["run", "firm", "kind", "status", "attempted", "created", "updated", "failed", "held"]);
    for (run, counts) in &runs {
        let dry = if run.dry_run { " (dry)" } else { "" };
        let numbers = [counts.attempted, counts.created, counts.updated, counts.failed, counts.held].map(|count| count.to_string());
        let [attempted, created, updated, failed, held] = numbers;
        let kind = format!("{}{dry}", run.kind.as_str());
        let status = run.status.as_str().to_owned();
        table.add_row([run.id.0.clone(), run.firm.to_string(), kind, status, attempted, created, updated, failed, held]);
    }
    answer::line(if runs.is_empty() { "no runs yet".to_owned() } else { as_text(&table) });
    Ok(Exit::Well)
}

async fn approve_run(context: &Context, id: RunId) -> Result<Exit, Refusal> {
    let host = context.host().await?;
    let run = host.store.run(&id).await?.ok_or(SyncError::NoSuchRun(id))?;
    let rules = context.rules(run.firm.as_str())?;
    let finished = watched(context.json, async |progress| approve(&host, rules, run, progress, &context.cancel).await).await?;
    host.store.close().await;
    Ok(rows::show(context, &finished))
}
