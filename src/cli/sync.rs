//! `casebridge sync FIRM [--case ID] [--accept-listing] [--mail-to ADDRESS]`.

use tokio_util::sync::CancellationToken;

use super::arguments::SyncOptions;
use super::execute::CommandRun;
use super::{Context, Exit, Refusal, output, rows};
use crate::domain::{Action, RunStatus};
use crate::jobs::Job;
use crate::mail::{Delivery, Mailer, RunMail, run_letter};
use crate::runs::RunReport;

pub(super) async fn sync(context: &Context, options: SyncOptions) -> Result<Exit, Refusal> {
    let SyncOptions { firm, case, accept_listing, mut mail_to } = options;
    let mut seen = std::collections::BTreeSet::new();
    mail_to.retain(|address| seen.insert(address.clone()));
    // Whatever keeps mail from being sent by these settings is said before anything is done.
    let mailer = if mail_to.is_empty() { None } else { Some(context.mailer()?) };
    let rules = context.rules(&firm).await?;
    let firm_name = rules.name.clone();
    let host = context.host().await?;
    let job = match case {
        Some(case) => Job::SyncCase { case: case.0, dry_run: false, by_event: false },
        None => Job::Sync { dry_run: false, accept_listing, mail_to: Vec::new() },
    };
    let finished = CommandRun::new(context, &host, rules, Action::RunBegun).execute(context, &job).await?;
    host.store.close().await;
    let Some(finished) = finished else { return Ok(Exit::Success) };
    let Some(mailer) = mailer else { return Ok(rows::show(context, &finished)) };
    if !context.json {
        output::text(rows::as_text(&finished));
    }
    let delivery = send(context, &mailer, &firm_name, &finished, &mail_to).await;
    say(context, &delivery);
    if context.json {
        output::json(&rows::view(&finished).mailed(Some(delivery.view())));
    }
    // How the run went has precedence: mail is about it.
    Ok(match finished.run.status.into() {
        Exit::Success if delivery.is_lost() => Exit::Failed,
        exit => exit,
    })
}

async fn send(context: &Context, mailer: &Mailer, firm_name: &str, finished: &RunReport, to: &[lettre::Address]) -> Delivery {
    let csv = finished.report.as_ref().and_then(|report| std::fs::read(report).ok());
    let RunReport { run, counts, rows, .. } = finished;
    let letter = run_letter(&RunMail { firm_name, run, counts: *counts, rows, csv: csv.as_deref() });
    // Who stopped the run wants its report all the same; who stops now does not want to wait for the mail.
    let stop = if run.status == RunStatus::Cancelled { CancellationToken::new() } else { context.cancel.clone() };
    mailer.send(&letter, to, &stop).await
}

/// Says what became of the mail: on standard output for people, and on standard error what went wrong.
fn say(context: &Context, delivery: &Delivery) {
    let kept = delivery.file().map(|file| format!("the mail for {} is in {}", delivery.unreached(), file.display()));
    match (delivery.error(), kept) {
        (Some(error), Some(kept)) => eprintln!("warning: mail was not sent: {error}\n  {kept}"),
        (Some(error), None) => eprintln!("error: mail was not sent: {error}"),
        (None, Some(kept)) if !context.json => output::line(format_args!("  no mail server is set: {kept}")),
        (None, None) if !context.json => output::line(format_args!("  CSV mailed to {}", delivery.readers())),
        (None, _) => {}
    }
}
