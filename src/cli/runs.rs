//! `casebridge runs list|show|approve|cancel|undo`.

use serde_json::json;

use super::execute::execute_about;
use super::plan::notices;
use super::subcommands::RunsCommand;
use super::table::{as_text, table};
use super::{Context, Exit, Refusal, output, rows};
use crate::domain::{Action, FirmId, RunId, RunStatus};
use crate::jobs::Job;
use crate::report::RunEntry;
use crate::runs::{Cancelled, Planned, RunError, cancel};

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
        RunsCommand::Approve { run } => execute_about(context, run, Action::RunApproved, &Job::Approval, None).await,
        RunsCommand::Cancel { run } => cancel_run(context, run).await,
        RunsCommand::Undo { run, dry_run } => {
            let job = Job::Undo { undone: run.0.clone(), dry_run };
            execute_about(context, run, Action::RunUndone, &job, Some(restored)).await
        }
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
        output::json(&runs);
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
    output::line(if runs.is_empty() { "no runs yet".to_owned() } else { as_text(&table) });
    for (run, _) in runs.iter().filter(|(run, _)| run.status == RunStatus::Queued) {
        output::line(format_args!("  {} is queued: {}", run.id, run.reason.as_deref().unwrap_or("it is about to start")));
    }
    Ok(Exit::Success)
}

/// Asks a run to stop, or puts a held one away.
async fn cancel_run(context: &Context, id: RunId) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    let run = store.run(&id).await?.ok_or_else(|| RunError::NoSuchRun(id.clone()))?;
    let entry = context.requester().does(Action::RunCancelled).of_firm(&run.firm).to(id.0.as_str());
    let cancelled = cancel(&store, run, entry).await?;
    if context.json {
        output::line(json!({ "run_id": id.0, "cancel_requested": true }));
    } else {
        output::line(match cancelled {
            Cancelled::Asked => format!("run {id} was asked to stop; it finishes what is in flight"),
            Cancelled::PutAway => format!("run {id} is not held any more, and nothing of it is written"),
            Cancelled::CalledOff => format!("run {id} is not taken up again; what it has written stays"),
        });
    }
    Ok(Exit::Success)
}

/// What clients would notice of an undo.
fn restored(planned: &[Planned]) -> String {
    notices(planned.iter().filter(|planned| planned.effect.is_some()).map(|planned| &planned.row))
}
