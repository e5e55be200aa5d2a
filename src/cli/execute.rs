//! Carries a job out in the process of a command, which shows how far it has come.

use std::sync::Arc;

use indicatif::ProgressBar;

use super::rows::printable;
use super::watched::watched;
use super::{Context, Exit, Refusal, output, rows};
use crate::domain::{Action, LogLine, RunId};
use crate::jobs::{self, Job};
use crate::rules::FirmRules;
use crate::runs::{Host, Planned, RunContext, RunError, RunObserver, RunReport};
use crate::scripting::ScriptSource;

/// What a connect or an undo is about to do, in words.
pub(super) type Preview = fn(&[Planned]) -> String;

/// A run that a command carries out.
pub(super) struct CommandRun {
    run: RunContext,
    bar: ProgressBar,
}

/// Shows a run before it has ended; what it prints stands beside the bar.
struct Terminal {
    preview: Option<Preview>,
    bar: ProgressBar,
}

impl RunObserver for Terminal {
    fn planned(&self, planned: &[Planned]) {
        if let Some(preview) = self.preview {
            self.bar.suspend(|| output::text(preview(planned)));
        }
    }

    /// What a script says goes to standard error.
    fn said(&self, line: &LogLine) {
        self.bar.suspend(|| eprintln!("{}{}", if line.warns { "warning: " } else { "" }, printable(&line.text)));
    }
}

impl CommandRun {
    /// A run of a firm, which the audit log calls so.
    pub(super) fn new(context: &Context, host: &Host, rules: Arc<FirmRules>, action: Action) -> CommandRun {
        CommandRun::previewed(context, host, rules, action, None)
    }

    /// The same, which says what it is about to do.
    pub(super) fn previewed(context: &Context, host: &Host, rules: Arc<FirmRules>, action: Action, preview: Option<Preview>) -> CommandRun {
        // A bar draws nothing where standard error is no terminal.
        let bar = if context.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let observer = Arc::new(Terminal { preview: preview.filter(|_| !context.json), bar: bar.clone() });
        let requested_by = Some((context.requester(), action));
        CommandRun { run: RunContext { observer, requested_by, ..host.context(rules, &context.cancel) }, bar }
    }

    /// Carries a job out; `None` where a poll found nothing to do.
    pub(super) async fn execute(self, context: &Context, job: &Job) -> Result<Option<RunReport>, Refusal> {
        let scripts = ScriptSource { folder: context.scripts(), limits: context.script_limits() };
        if matches!(job, Job::SyncCase { .. } | Job::Poll { .. }) {
            return Ok(Box::pin(jobs::execute(self.run, job, &scripts)).await?);
        }
        self.watched(|run| Box::pin(jobs::execute(run, job, &scripts))).await
    }

    /// Does what `work` does with the run, while the terminal shows how far it has come.
    pub(super) async fn watched<T, F>(self, work: impl FnOnce(RunContext) -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, RunError>>,
    {
        let progress = self.run.progress.clone();
        Ok(watched(&self.bar, &progress, work(self.run)).await?)
    }
}

/// Carries a job of a firm out, and shows the run.
pub(super) async fn execute_and_show(context: &Context, firm: &str, job: &Job) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let finished = CommandRun::new(context, &host, rules, Action::RunBegun).execute(context, job).await?;
    host.store.close().await;
    Ok(finished.map_or(Exit::Success, |finished| rows::show(context, &finished)))
}

/// Carries out what is done about a recorded run, and shows the run of it.
pub(super) async fn execute_about(
    context: &Context,
    id: RunId,
    action: Action,
    job: &Job,
    preview: Option<Preview>,
) -> Result<Exit, Refusal> {
    let host = context.host().await?;
    let recorded = host.store.run(&id).await?.ok_or_else(|| RunError::NoSuchRun(id.clone()))?;
    let rules = context.rules(recorded.firm.as_str()).await?;
    let mut run = CommandRun::previewed(context, &host, rules, action, preview);
    run.run.run_id = (*job == Job::Approval).then_some(id);
    let finished = run.execute(context, job).await?;
    host.store.close().await;
    Ok(finished.map_or(Exit::Success, |finished| rows::show(context, &finished)))
}
