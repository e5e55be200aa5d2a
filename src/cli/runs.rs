//! `casebridge runs list|show|approve|cancel|undo`.

use serde_json::json;

use super::plan::notices;
use super::run::listener;
use super::subcommands::RunsCommand;
use super::table::{as_text, table};
use super::watched::watched;
use super::{Context, Exit, Refusal, answer, rows};
use crate::domain::{Action, FirmId, RunId};
use crate::report::RunEntry;
use crate::runs::{ApproveOptions, Cancelled, RunError, UndoPlan, approve, cancel};
use crate::scripting::Migration;

pub(super) async fn runs(context: &Context, command: RunsCommand) -> Result<Exit, Refusal> {
    match command {
        RunsCommand::List { firm, limit } => list(context, firm, limit).await,
        RunsCommand::Show { run } => {
            let host = context.host().await?;
            let recorded = host.recorded(&run).await?;
            // Looking a run up went well, however the run itself did.
            let _ = rows::show(context, &recorded);
            Ok(Exit::Success)
        }
        RunsCommand::Approve { run } => approve_run(context, run).await,
        RunsCommand::Cancel { run } => cancel_run(context, run).await,
        RunsCommand::Undo { run, dry_run } => undo_run(context, run, dry_run).await,
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
        let runs: Vec<_> = runs.iter().map(|(run, counts)| RunEntry::new(run, *counts)).collect();
        answer::json(&runs);
        return Ok(Exit::Success);
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
    Ok(Exit::Success)
}

async fn approve_run(context: &Context, id: RunId) -> Result<Exit, Refusal> {
    let host = context.host().await?;
    let run = host.store.run(&id).await?.ok_or(RunError::NoSuchRun(id))?;
    let rules = context.rules(run.firm.as_str()).await?;
    let script = |name: &str| Migration::load(&context.scripts(), name, &context.script_limits());
    let approving = ApproveOptions { script: &script, listener: listener(), cancel: &context.cancel };
    context.note(&host.store, Action::RunApproved, |entry| entry.of_firm(&run.firm).to(run.id.0.as_str())).await?;
    let finished = watched(context.json, &host.progress, Box::pin(approve(&host, rules, run, approving))).await?;
    host.store.close().await;
    Ok(rows::show(context, &finished))
}

/// Asks a run to stop, or puts a held one away.
async fn cancel_run(context: &Context, id: RunId) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    let run = store.run(&id).await?.ok_or_else(|| RunError::NoSuchRun(id.clone()))?;
    let firm = run.firm.clone();
    let cancelled = cancel(&store, run).await?;
    context.note(&store, Action::RunCancelled, |entry| entry.of_firm(&firm).to(id.0.as_str())).await?;
    if context.json {
        answer::line(json!({ "run_id": id.0, "cancel_requested": true }));
    } else {
        answer::line(match cancelled {
            Cancelled::Asked => format!("run {id} was asked to stop; it finishes what is in flight"),
            Cancelled::PutAway => format!("run {id} is not held any more, and nothing of it is written"),
            Cancelled::CalledOff => format!("run {id} is not taken up again; what it has written stays"),
        });
    }
    Ok(Exit::Success)
}

/// Shows first what clients would notice, then restores what can be restored.
async fn undo_run(context: &Context, id: RunId, dry_run: bool) -> Result<Exit, Refusal> {
    let host = context.host().await?;
    let run = host.store.run(&id).await?.ok_or(RunError::NoSuchRun(id))?;
    let rules = context.rules(run.firm.as_str()).await?;
    let undoing = UndoPlan::prepare(&host, rules, &run, dry_run, &context.cancel).await?;
    if !context.json {
        let restored = undoing.prepared.iter().filter(|planned| planned.effect.is_some());
        answer::text(notices(restored.map(|planned| &planned.row)));
    }
    if !dry_run {
        context.note(&host.store, Action::RunUndone, |entry| entry.of_firm(&run.firm).to(run.id.0.as_str())).await?;
    }
    let finished = watched(context.json, &host.progress, undoing.confirm(&context.cancel)).await?;
    host.store.close().await;
    Ok(rows::show(context, &finished))
}
