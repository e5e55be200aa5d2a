//! Carries a job out in the process of a command, which shows how far it has come.

use std::sync::Arc;

use super::rows::printable;
use super::watched::watched;
use super::{Context, Exit, Refusal, answer, rows};
use crate::domain::{Action, LogLine, RunId};
use crate::jobs::{self, Job};
use crate::rules::FirmRules;
use crate::runs::{Host, Planned, RunContext, RunObserver, RunReport};
use crate::scripting::ScriptSource;

/// What a terminal shows of a run before it has ended.
pub(super) struct Terminal {
    /// What a connect or an undo is about to do; nothing with `--json`.
    pub preview: Option<fn(&[Planned]) -> String>,
}

impl RunObserver for Terminal {
    fn planned(&self, planned: &[Planned]) {
        if let Some(preview) = self.preview {
            answer::text(preview(planned));
        }
    }

    /// What a script says goes to standard error.
    fn said(&self, line: &LogLine) {
        eprintln!("{}{}", if line.warns { "warning: " } else { "" }, printable(&line.text));
    }
}

/// A run of a firm that this command carries out.
pub(super) fn run_context(context: &Context, host: &Host, rules: Arc<FirmRules>, action: Action) -> RunContext {
    RunContext {
        requested_by: Some((context.requester(), action)),
        observer: Arc::new(Terminal { preview: None }),
        ..host.context(rules, &context.cancel)
    }
}

/// Carries a job out; `None` where a poll found nothing to do.
pub(super) async fn execute(context: &Context, run: RunContext, job: &Job) -> Result<Option<RunReport>, Refusal> {
    let scripts = ScriptSource { folder: context.scripts(), limits: context.script_limits() };
    let progress = run.progress.clone();
    let is_long = !matches!(job, Job::SyncCase { .. } | Job::Poll { .. });
    Ok(watched(context.json || !is_long, &progress, Box::pin(jobs::execute(run, job, &scripts))).await?)
}

/// Carries a job of a firm out, and shows the run.
pub(super) async fn execute_and_show(context: &Context, firm: &str, job: &Job) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let finished = execute(context, run_context(context, &host, rules, Action::RunBegun), job).await?;
    host.store.close().await;
    Ok(finished.map_or(Exit::Success, |finished| rows::show(context, &finished)))
}

/// The run of a command about another run.
pub(super) async fn execute_about(
    context: &Context,
    id: RunId,
    action: Action,
    job: &Job,
    preview: Option<fn(&[Planned]) -> String>,
) -> Result<Exit, Refusal> {
    let host = context.host().await?;
    let run = host.store.run(&id).await?.ok_or_else(|| crate::runs::RunError::NoSuchRun(id.clone()))?;
    let rules = context.rules(run.firm.as_str()).await?;
    let observer = Arc::new(Terminal { preview: preview.filter(|_| !context.json) });
    let run_id = (*job == Job::Approval).then_some(id);
    let run = RunContext { run_id, observer, ..run_context(context, &host, rules, action) };
    let finished = execute(context, run, job).await?;
    host.store.close().await;
    Ok(finished.map_or(Exit::Success, |finished| rows::show(context, &finished)))
}
