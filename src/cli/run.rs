//! `casebridge run SCRIPT --firm FIRM [--apply] [--new] [--arg NAME=VALUE]… [--input FILE.csv]`: a migration.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::arguments::RunOptions;
use super::execute::CommandRun;
use super::plan::notices;
use super::{Context, Exit, Refusal, output, rows};
use crate::domain::{Action, MigrationTask, RunStatus};
use crate::runs::{MigrationMode, MigrationOptions, migrate};
use crate::scripting::{MAX_INPUT, Migration, input_rows};

pub(super) async fn run(context: &Context, options: RunOptions) -> Result<Exit, Refusal> {
    let rules = context.rules(&options.firm).await?;
    let script = Migration::load(&context.scripts(), &options.script, &context.script_limits())?;
    let input = options.input.as_deref().map(read_input).transpose()?.unwrap_or_default();
    let arguments: BTreeMap<String, String> = options.arguments.into_iter().collect();
    let task = MigrationTask::new(&rules.firm, &script.name, arguments, input);
    let apply = match (options.apply, options.new) {
        (false, _) => MigrationMode::DryRun,
        (true, false) => MigrationMode::Resume,
        (true, true) => MigrationMode::Restart,
    };
    let host = context.host().await?;
    let run = CommandRun::new(context, &host, rules, Action::RunBegun);
    let options = MigrationOptions { script: Arc::new(script), task };
    let finished = run.watched(|run| Box::pin(migrate(run, apply, options))).await?;
    host.store.close().await;
    let exit = rows::show(context, &finished);
    if finished.run.dry_run && finished.run.status != RunStatus::Failed && !context.json {
        output::text(notices(&finished.rows));
    }
    Ok(exit)
}

/// The rows of a CSV, by its header.
fn read_input(path: &Path) -> Result<Vec<BTreeMap<String, String>>, Refusal> {
    let shown = path.display();
    let cannot =
        |error: std::io::Error| Refusal::usage(format!("{shown} cannot be read: {}", error.kind()), "name a CSV file with a header");
    if std::fs::metadata(path).map_err(cannot)?.len() > MAX_INPUT {
        return Err(Refusal::usage(format!("{shown} is larger than 20 MiB"), "divide it, and run the script for each part"));
    }
    let text = std::fs::read_to_string(path).map_err(cannot)?;
    input_rows(&text).map_err(|fault| {
        let line = fault.line.map(|line| format!(":{line}")).unwrap_or_default();
        Refusal::usage(format!("{shown}{line}: {fault}"), "check the quotes and commas")
    })
}
