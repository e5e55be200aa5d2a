//! Carries a job out: the one place that says which use case a job is, for schedules, events, people, programs, commands and Temporal.

use super::{Job, Polled};
use crate::domain::{CaseId, FirmId, MigrationTask, Run, RunId, RunStatus};
use crate::runs::{
    AcceptListing, ConnectPlan, MigrationMode, MigrationOptions, RunContext, RunError, RunReport, SendAgain, UndoPlan, approve, migrate,
    poll_documents, poll_messages, poll_outbox, poll_stages, sync_case, sync_firm,
};
use crate::scripting::ScriptSource;
use crate::store::Store;

/// Carries a job out, in the run that the context names. A poll that found nothing to do, and an occurrence, which is made of other jobs,
/// have none.
pub async fn execute(context: RunContext, job: &Job, scripts: &ScriptSource) -> Result<Option<RunReport>, RunError> {
    match job {
        Job::Occurrence { .. } => Ok(None),
        Job::Sync { dry_run, accept_listing, .. } => {
            let accept = if *accept_listing { AcceptListing::Yes } else { AcceptListing::No };
            sync_firm(context, *dry_run, accept).await.map(Some)
        }
        Job::SyncCase { case, dry_run, by_event } => {
            let send_again = if *by_event { SendAgain::No } else { SendAgain::Yes };
            sync_case(context, CaseId(*case), *dry_run, send_again).await.map(Some)
        }
        Job::Connect { cases, dry_run, .. } => {
            let cases = cases.iter().copied().map(CaseId).collect();
            ConnectPlan::prepare(context, cases, *dry_run).await?.confirm().await.map(Some)
        }
        Job::Migration { .. } => migration(context, job, scripts).await.map(Some),
        Job::Approval => {
            let run = match &context.run_id {
                Some(run) => recorded(&context.host.store, run).await?,
                None => return Ok(None),
            };
            // What is handed in was queued with what was approved. A run that is held by now shows more than that; only a person at the
            // command line says so here.
            if run.status == RunStatus::Held && context.requested_by.is_none() {
                return Err(RunError::NotHeld { run: run.id, status: "held again" });
            }
            approve(context, run, scripts).await.map(Some)
        }
        Job::Undo { undone, dry_run } => {
            let undone = recorded(&context.host.store, &RunId(undone.clone())).await?;
            UndoPlan::prepare(context, &undone, *dry_run).await?.confirm().await.map(Some)
        }
        Job::Poll { feed, quiet } => match feed {
            Polled::Messages => poll_messages(context, *quiet).await,
            Polled::Outbox => poll_outbox(context, *quiet).await,
            Polled::Documents => poll_documents(context, *quiet).await,
            Polled::Stages => poll_stages(context, *quiet).await,
        },
    }
}

async fn migration(context: RunContext, job: &Job, scripts: &ScriptSource) -> Result<RunReport, RunError> {
    let Job::Migration { script, arguments, apply, afresh, has_input, script_hash } = job else { return Err(RunError::Script) };
    let (store, firm) = (&context.host.store, &context.rules.firm);
    let (mut task, mut is_resumed) = (None, false);
    if let Some(run) = &context.run_id {
        // Its input is with its run.
        task = store.migration(run).await?;
        let known = store.run(run).await?;
        is_resumed = known.as_ref().is_some_and(|run| matches!(run.status, RunStatus::Running | RunStatus::Interrupted));
        if *apply && known.is_some_and(|known| known.status == RunStatus::Queued && known.revision != context.rules.revision) {
            return Err(RunError::OtherRules(run.clone()));
        }
        if task.is_none() && *has_input {
            return Err(RunError::NoTask(run.clone()));
        }
    }
    let options = MigrationOptions::load(scripts, task.unwrap_or_else(|| new_task(firm, script, arguments))).await?;
    if let (Some(hash), Some(run)) = (script_hash, &context.run_id)
        && *hash != options.script.hash()
    {
        return Err(RunError::OtherScript(run.clone()));
    }
    let mode = match (apply, afresh) {
        (false, _) => MigrationMode::DryRun,
        // One that is resumed goes on under its own id, whatever other run of the same task there is.
        (true, false) if !is_resumed => MigrationMode::Resume,
        (true, _) => MigrationMode::Restart,
    };
    migrate(context, mode, options).await
}

fn new_task(firm: &FirmId, script: &str, arguments: &std::collections::BTreeMap<String, String>) -> MigrationTask {
    MigrationTask::new(firm, script, arguments.clone(), Vec::new())
}

async fn recorded(store: &Store, run: &RunId) -> Result<Run, RunError> {
    store.run(run).await?.ok_or_else(|| RunError::NoSuchRun(run.clone()))
}
